import { rocketmqVersion } from '../interop/rocketmq/jars.ts'
import { natsModule } from '../interop/support/go-programs.ts'
import { pinned } from '../interop/support/runtime.ts'
import { feathermq } from './feathermq-server.ts'
import { startNats } from './nats-server.ts'
import { rocketmq } from './rocketmq-server.ts'
import type { Contender, Measure } from './served.ts'

const everything: readonly Measure[] = ['idle', 'send', 'pair', 'receive', 'latency']

const inMemory: Contender = { who: 'FeatherMQ, in memory', client: 'ours', measures: everything, start: feathermq(undefined) }
/** As late as RocketMQ writes what it has acknowledged (flushIntervalCommitLog). */
const late: Contender = { who: 'FeatherMQ, --flush 500ms', client: 'ours', measures: everything, start: feathermq('500ms') }
const durable: Contender = { who: 'FeatherMQ, --flush commit', client: 'ours', measures: everything, start: feathermq('commit') }
const stock = `RocketMQ ${rocketmqVersion}`
const asyncFlush: Contender = {
  who: `${stock}, ASYNC_FLUSH`,
  client: 'ours',
  measures: ['idle', 'send', 'pair', 'latency'],
  start: rocketmq('ASYNC_FLUSH'),
}
const syncFlush: Contender = { who: `${stock}, SYNC_FLUSH`, client: 'ours', measures: ['send', 'pair', 'latency'], start: rocketmq('SYNC_FLUSH') }
const nats: Contender = {
  who: `NATS JetStream ${pinned(natsModule.peer)}`,
  client: 'nats',
  measures: ['idle', 'send', 'receive'],
  start: startNats,
}

/** Rows of a table of the comparison. */
export type Row = 'send' | 'pair' | 'receive' | 'idle memory' | 'full memory' | 'idle time' | 'start' | 'latency'

/** A table: the first is compared with the last, and `beside` stands between them. */
export interface Pairing {
  readonly ours: Contender
  readonly beside?: Contender
  readonly peer: Contender
  readonly rows: readonly Row[]
  /** Times that the peer must need what ours needs. */
  readonly floors: Readonly<Partial<Record<Row, number>>>
}

export const contenders: readonly Contender[] = [inMemory, late, durable, asyncFlush, syncFlush, nats]

export const pairings: readonly Pairing[] = [
  {
    ours: late,
    beside: inMemory,
    peer: asyncFlush,
    rows: ['send', 'pair', 'idle memory', 'full memory', 'idle time', 'start', 'latency'],
    floors: { pair: 8, 'idle memory': 6, 'full memory': 6, start: 15, latency: 5 },
  },
  { ours: durable, peer: syncFlush, rows: ['send', 'pair', 'latency'], floors: { pair: 4 } },
  // A ratio of 0.66 is 1.5 times as much. Its publishes are synced every two minutes, ours before each answer.
  { ours: durable, peer: nats, rows: ['send', 'receive', 'idle memory', 'full memory', 'idle time', 'start'], floors: { send: 0.66, receive: 0.66 } },
]
