import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, describeEnd, start } from '../child.ts'
import type { Reply, Request } from './calls.ts'
import { type OpenWire, waiting } from './wire.ts'

/** Starts a process for one official Node client. */
export const nodeWire: OpenWire = (onArrival) => {
  // HOME: this client writes its logs below the home directory, also when it is given a logger.
  const home = mkdtempSync(join(tmpdir(), 'feathermq-official-'))
  const program = fileURLToPath(new URL('process.ts', import.meta.url))
  const child: Child = start(process.execPath, ['--import', 'tsx', program], { env: { HOME: home }, ipc: true, timeout: 120_000 })
  const calls = waiting()
  let onClosing = () => {}
  const closing = new Promise<void>((resolve) => {
    onClosing = resolve
  })

  child.process.on('message', (reply: Reply) => {
    if ('closing' in reply) onClosing()
    else if ('arrived' in reply) onArrival(reply)
    else calls.settle(reply)
  })
  const death = child.ended.then((end): never => {
    rmSync(home, { recursive: true, force: true })
    throw new Error(`The official client's process ${describeEnd(end)}.\n${end.stdout}${end.stderr}`)
  })
  death.catch((error: Error) => calls.fail(error))

  const kill = async () => {
    child.kill('SIGKILL')
    await child.ended
  }
  return {
    // One that could not be started has none, and fails every call.
    pid: child.process.pid ?? 0,
    ask(ask) {
      const { id, reply } = calls.add()
      const request: Request = { ...ask, id }
      child.process.send(request, (error) => {
        // Without it the process's end would be the first to tell.
        if (error !== null) calls.settle({ reply: id, error: error.message, code: undefined })
      })
      return reply
    },
    decide: (decision) => void child.process.send(decision),
    death,
    closing,
    // Its process would not end by itself: timers hold it.
    release: kill,
    kill,
  }
}
