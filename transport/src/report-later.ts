import type { RpcStatus } from './contract.ts'
import { runApart } from './run-apart.ts'

/**
 * Tells a caller of the end of a call that came from this side, once whoever caused it is done.
 *
 * Where there is no connection a call ends as soon as it begins. A caller that tries again at once would leave the event loop no turn in which anything
 * could be connected; so it is told in a turn of its own.
 */
export function reportLater({ code }: RpcStatus, report: () => void): void {
  if (code === 'UNAVAILABLE') setImmediate(() => runApart(report))
  else queueMicrotask(() => runApart(report))
}
