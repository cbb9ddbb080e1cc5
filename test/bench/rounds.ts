import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, message, start } from '../support/child.ts'
import type { Latency, Task, Usage, Who } from './messages.ts'
import type { Result } from './result.ts'
import { ratios, spread } from './statistics.ts'

/** CPU time of one run, µs per message. */
export interface Cost {
  readonly client: number
  readonly broker: number
  readonly latency?: Latency
}

/** Runs TypeScript in a process of its own, against the built packages. */
function launch(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const file = fileURLToPath(new URL(program, import.meta.url))
  return start(process.execPath, ['--import', 'tsx', file, ...args], { ipc: true, timeout: 300_000, env })
}

async function brokerUsage(broker: Child): Promise<number> {
  const answer = message(broker)
  broker.process.send('cpu')
  return ((await answer) as Usage).cpu
}

/** Has a client do its task. `brokerTime`: the CPU time that its broker has used up to now, µs. */
export async function runTask(brokerTime: () => Promise<number>, task: Task): Promise<Cost> {
  // HOME: the official client writes its logs below it.
  const home = mkdtempSync(join(tmpdir(), 'feathermq-bench-'))
  const client = launch('client-process.ts', [JSON.stringify(task)], { HOME: home })
  try {
    await message(client)
    const before = await brokerTime()
    const usage = message(client)
    client.process.send('go')
    const { cpu, latency } = (await usage) as Usage
    const after = await brokerTime()
    client.process.send('bye')
    await client.ended
    return { client: cpu / task.count, broker: (after - before) / task.count, ...(latency === undefined ? {} : { latency }) }
  } finally {
    client.kill('SIGKILL')
    await client.ended
    rmSync(home, { recursive: true, force: true })
  }
}

export interface Comparison {
  readonly what: string
  readonly task: Omit<Task, 'who' | 'topic' | 'group' | 'endpoints' | 'warmUp'>
  /** Messages after which a client costs no less with more of them: V8 has optimised it. Those who need little per message need many. */
  readonly warmUp: Readonly<Record<Who, number>>
  /** Times that the official client's CPU per message must be ours. */
  readonly floor?: number
}

/** Fills a topic, so that a receive finds what it is to receive. */
async function fill(broker: Child, task: Task): Promise<void> {
  const count = task.warmUp + task.count + 64
  await runTask(() => brokerUsage(broker), { ...task, who: 'ours', what: 'send', inFlight: 64, warmUp: 1, count, transport: 'http2' })
}

/**
 * Both clients against one broker, one after the other; each round has a new broker, and the order changes, so that neither always meets the warm one.
 */
export async function compare({ what, task, warmUp, floor }: Comparison, rounds: number, log: (line: string) => void): Promise<Result> {
  const costs: Record<Who, Cost[]> = { ours: [], official: [] }
  for (let round = 0; round < rounds; round += 1) {
    const broker = launch('broker-process.ts', [task.transport])
    try {
      const { endpoints } = (await message(broker)) as { readonly endpoints: string }
      const order: readonly Who[] = round % 2 === 0 ? ['ours', 'official'] : ['official', 'ours']
      for (const who of order) {
        const own: Task = { ...task, who, endpoints, topic: `bench-${who}`, group: who, warmUp: warmUp[who] }
        if (task.what === 'receive') await fill(broker, own)
        costs[who].push(await runTask(() => brokerUsage(broker), own))
      }
    } finally {
      broker.kill('SIGTERM')
      await broker.ended
    }
    const last = (who: Who) => `${who} ${costs[who].at(-1)?.client.toFixed(1)}`
    log(`${what}, round ${round + 1}: ${last('ours')}, ${last('official')} µs per message`)
  }
  const of = (who: Who, side: 'client' | 'broker') => costs[who].map((cost) => cost[side])
  return {
    what,
    unit: 'µs CPU per message',
    costs: [
      { who: 'FeatherMQ SDK', cost: spread(of('ours', 'client')), of: 'client', beside: [{ of: 'broker', cost: spread(of('ours', 'broker')) }] },
      {
        who: 'rocketmq-client-nodejs 1.0.8',
        cost: spread(of('official', 'client')),
        of: 'client',
        beside: [{ of: 'broker', cost: spread(of('official', 'broker')) }],
      },
    ],
    ratios: [
      {
        peer: 'rocketmq-client-nodejs',
        ratio: ratios(of('ours', 'client'), of('official', 'client')),
        ...(floor === undefined ? {} : { floor }),
      },
    ],
  }
}
