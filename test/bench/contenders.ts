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

const contenders: readonly Contender[] = [inMemory, late, durable, asyncFlush, syncFlush, nats]

/**
 * Those that a run is about, all by default: of a word, those that have it in their name. A comparison is made where all of its contenders take part.
 * @throws {Error} for a word that no name has, and where nothing is left to compare.
 */
export function among(words: readonly string[]): { readonly contenders: readonly Contender[]; readonly pairings: readonly Pairing[] } {
  const named = (word: string) => contenders.filter(({ who }) => who.toLowerCase().includes(word.toLowerCase()))
  for (const word of words) {
    if (named(word).length === 0) throw new Error(`--among ${word}: there are ${contenders.map(({ who }) => who).join(', ')}`)
  }
  const chosen = new Set(words.length === 0 ? contenders : words.flatMap(named))
  const left = pairings.filter(({ ours, beside, peer }) => [ours, beside ?? ours, peer].every((contender) => chosen.has(contender)))
  if (left.length === 0) throw new Error(`--among ${words.join(',')}: one of ours and one of others are compared, e.g. commit,nats`)
  return { contenders: contenders.filter((contender) => chosen.has(contender)), pairings: left }
}

const pairings: readonly Pairing[] = [
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
