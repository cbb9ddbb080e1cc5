import { cpus } from 'node:os'
import { type Child, start } from '../support/child.ts'

const idler = `const { constants, setPriority } = require('node:os')
setPriority(constants.priority.PRIORITY_LOW)
for (;;) {}`

/** Longer than any measurement. */
const LIFE = 3 * 3_600_000

/**
 * Keeps every core at work of the lowest priority. A core of a virtual machine that has nothing to do is given back to the host, and a process that it is
 * fetched back for finds its caches cold: a client that waits for its server would be charged with that, half of its work again, and the more so the less
 * it has to do.
 *
 * @returns what lets them sleep again.
 */
export function keepAwake(): () => Promise<void> {
  const idlers: readonly Child[] = cpus().map(() => start(process.execPath, ['-e', idler], { timeout: LIFE }))
  return async () => {
    for (const each of idlers) each.kill('SIGKILL')
    await Promise.all(idlers.map(({ ended }) => ended))
  }
}
