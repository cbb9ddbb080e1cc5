import { rocketmqVersion } from '../interop/rocketmq/jars.ts'
import { cpuTime } from '../interop/rocketmq/process-usage.ts'
import { runJavaTask } from './java-task.ts'
import type { Task } from './messages.ts'
import type { Result } from './result.ts'
import { rocketmq } from './rocketmq-server.ts'
import { type Cost, runTask } from './rounds.ts'
import { ratios, spread } from './statistics.ts'

export interface StockLatencyOptions {
  readonly rounds: number
  messages(count: number): number
  log(line: string): void
  /** Names in the table. */
  readonly ours: string
  readonly java: string
}

/** From send to handler at a stock RocketMQ, by our SDK and by the official Java client's push consumer, one after the other at the same server. */
export async function stockLatency({ rounds, messages, log, ours, java }: StockLatencyOptions): Promise<Result> {
  const told = { ours: [] as Cost[], java: [] as Cost[] }
  for (let round = 0; round < rounds; round += 1) {
    const served = await rocketmq('ASYNC_FLUSH')()
    try {
      for (const who of round % 2 === 0 ? (['ours', 'java'] as const) : (['java', 'ours'] as const)) {
        const topic = `bench-latency-${who}`
        const group = `${topic}-group`
        await served.createTopic(topic)
        await served.createGroup(group, topic)
        const counts = { warmUp: messages(5_000), count: messages(10_000) }
        const task: Omit<Task, 'who'> = {
          what: 'latency',
          endpoints: served.endpoints,
          topic,
          group,
          ...counts,
          inFlight: 1,
          bodyBytes: 1_024,
          transport: 'http2',
        }
        const time = async () => cpuTime(served.pid)
        const cost = await (who === 'ours' ? runTask(time, { ...task, who }) : runJavaTask(time, task))
        told[who].push(cost)
        log(`round ${round + 1}, ${who} at a stock RocketMQ: p50 ${cost.latency?.p50.toFixed(1)} ms, p99 ${cost.latency?.p99.toFixed(1)} ms`)
      }
    } finally {
      await served.stop()
    }
  }
  const at = (who: keyof typeof told, share: 'p50' | 'p99') => told[who].map(({ latency }) => latency?.[share] ?? Number.NaN)
  const cost = (who: keyof typeof told, name: string) => ({
    who: name,
    of: 'p50',
    cost: spread(at(who, 'p50')),
    beside: [{ of: 'p99', cost: spread(at(who, 'p99')) }],
  })
  return {
    what: `from send to handler at a stock RocketMQ ${rocketmqVersion}, 1,000 messages of 1 KiB a second`,
    unit: 'ms',
    costs: [cost('ours', ours), cost('java', java)],
    ratios: [
      { peer: java, of: 'p50', ratio: ratios(at('ours', 'p50'), at('java', 'p50')), floor: 1 },
      { peer: java, of: 'p99', ratio: ratios(at('ours', 'p99'), at('java', 'p99')) },
    ],
  }
}
