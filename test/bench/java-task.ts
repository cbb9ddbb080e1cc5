import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { javaPrograms } from '../interop/support/java-client.ts'
import { describeEnd, start } from '../support/child.ts'
import type { Task } from './messages.ts'
import type { Cost } from './rounds.ts'

// Its warnings would stand on stdout, among the lines.
const quiet = ['-Xlog:disable', '-Xlog:all=error:stderr']

/** Has the official Java client do a task, `send`, `handle` or `latency`, in a JVM as it is by default but for its heap. */
export async function runJavaTask(brokerTime: () => Promise<number>, task: Omit<Task, 'who' | 'transport'>): Promise<Cost> {
  const { command, classPath } = await javaPrograms()
  const home = mkdtempSync(join(tmpdir(), 'feathermq-bench-'))
  const { what, endpoints, topic, group, inFlight, warmUp, count, bodyBytes } = task
  const args = [what, endpoints, topic, group, ...[inFlight, warmUp, count, bodyBytes].map(String)]
  const child = start(command, ['-Xmx1g', ...quiet, `-Duser.home=${home}`, '-cp', classPath, 'feathermq.interop.Bench', ...args], {
    stdin: true,
    timeout: 300_000,
    env: { HOME: home },
  })
  try {
    const { stdin, stdout } = child.process
    if (stdin === null || stdout === null) throw new Error('unreachable: both are pipes')
    const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
    const next = async () => {
      const { value } = await Promise.race([lines.next(), child.ended.then(() => ({ value: undefined }))])
      if (typeof value === 'string') return value
      const end = await child.ended
      throw new Error(`The Java client ${describeEnd(end)} before it had done its task.\n${end.stderr}`)
    }
    await next()
    const before = await brokerTime()
    stdin.write('go\n')
    const [used = Number.NaN, p50, p99] = (await next()).split(' ').map(Number)
    const after = await brokerTime()
    const latency = p50 === undefined || p99 === undefined ? {} : { latency: { p50, p99 } }
    return { client: used / count, broker: (after - before) / count, ...latency }
  } finally {
    child.kill('SIGKILL')
    await child.ended
    rmSync(home, { recursive: true, force: true })
  }
}
