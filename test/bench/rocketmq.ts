import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { cpuTime, residentMemory, threadTimeBetween, threadTimes } from '../interop/rocketmq/process-usage.ts'
import { among, type Pairing, type Row } from './contenders.ts'
import type { What } from './messages.ts'
import type { Result, Cost as TableCost } from './result.ts'
import { type Cost, runTask } from './rounds.ts'
import type { Contender, Served } from './served.ts'
import { ratios, spread } from './statistics.ts'

/** Ms. The compilers of a JVM work on for some time after its start; what they use then is not what an idle server uses. */
const SETTLE = 15_000
/** Ms for which an idle server is looked at. */
const IDLE = 5_000
/** µs per second that an idle broker of ours may use: a thousandth of a core, which is what a look at it costs. */
const IDLE_AT_MOST = 1_000
const shared = { bodyBytes: 1_024, transport: 'http2', group: 'bench-group' } as const

interface Idle {
  /** µs per second. */
  readonly time: number
  /** MiB. */
  readonly memory: number
  readonly memoryOfOthers: Readonly<Record<string, number>>
}

/** What one round tells of one server. */
interface Round {
  /** Ms. */
  readonly start: number
  readonly idle?: Idle
  readonly fullMemory: number
  readonly costs: Readonly<Partial<Record<What, Cost>>>
}

interface Count {
  readonly warmUp: number
  readonly count: number
}

type Counts = Readonly<Record<Exclude<What, 'handle'>, Count>>

async function measure({ start, measures, client }: Contender, counts: Counts, settle: number): Promise<Round> {
  const served = await start()
  const load = async (what: What, topic: string, { warmUp, count }: Count): Promise<Cost> =>
    runTask(async () => cpuTime(served.pid), {
      ...shared,
      who: client,
      what,
      topic,
      warmUp,
      count,
      inFlight: what === 'receive' ? 1 : 64,
      endpoints: served.endpoints,
    })
  const prepare = async (topic: string): Promise<string> => {
    await served.createTopic(topic)
    await served.createGroup(shared.group, topic)
    return topic
  }
  try {
    const idle = measures.includes('idle') ? await idleUse(served, settle) : undefined
    const costs: Partial<Record<What, Cost>> = {}
    costs.send = await load('send', await prepare('bench-send'), counts.send)
    const fullMemory = residentMemory(served.pid)
    for (const what of ['pair', 'receive', 'latency'] as const) {
      if (!measures.includes(what)) continue
      const topic = await prepare(`bench-${what}`)
      // A receive takes whole batches, and finds enough in the last one as well.
      if (what === 'receive') await load('send', topic, { warmUp: 1, count: counts.receive.warmUp + counts.receive.count + 128 })
      costs[what] = await load(what, topic, counts[what])
    }
    return { start: served.startTime, ...(idle === undefined ? {} : { idle }), fullMemory, costs }
  } finally {
    await served.stop()
  }
}

async function idleUse(served: Served, settle: number): Promise<Idle> {
  await pause(settle)
  const before = threadTimes(served.pid)
  await pause(IDLE)
  const time = threadTimeBetween(before, threadTimes(served.pid)) / (IDLE / 1_000)
  const memoryOfOthers = Object.fromEntries(Object.entries(served.others).map(([name, pid]) => [name, residentMemory(pid)]))
  return { time, memory: residentMemory(served.pid), memoryOfOthers }
}

export interface RocketmqOptions {
  readonly rounds: number
  /** Words in the names of those that take part; none for all. */
  readonly among: readonly string[]
  /** So many messages, or fewer where it is only to be seen that it works. */
  messages(count: number): number
  log(line: string): void
}

/** Our broker, a stock RocketMQ and NATS JetStream under the same load, in turns: while one is measured, the others do not run. */
export async function rocketmq({ rounds, among: words, messages, log }: RocketmqOptions): Promise<readonly Result[]> {
  if (!existsSync('/proc/self/stat')) throw new Error('What another process uses is read from /proc, so that this benchmark runs on Linux only')
  // After these the compilers of V8 and of a JVM have seen most of what sends need; the others come upon warm servers.
  const counts: Counts = {
    send: { warmUp: messages(64_000), count: messages(36_000) },
    pair: { warmUp: messages(20_000), count: messages(30_000) },
    receive: { warmUp: messages(64_000), count: messages(36_000) },
    latency: { warmUp: messages(5_000), count: messages(10_000) },
  }
  const { contenders, pairings } = among(words)
  const all = new Map(contenders.map((contender) => [contender, [] as Round[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [contender, done] of round % 2 === 0 ? all : [...all].reverse()) {
      const told = await measure(contender, counts, messages(SETTLE))
      done.push(told)
      const costs = Object.entries(told.costs).map(([what, cost]) =>
        cost.latency === undefined ? `${cost.broker.toFixed(1)} µs per ${what}` : `p99 ${cost.latency.p99.toFixed(1)} ms`,
      )
      log(`round ${round + 1}, ${contender.who}: ${costs.join(', ')}, served after ${told.start} ms`)
    }
  }
  const stored = (counts.send.warmUp + counts.send.count).toLocaleString('en')
  return pairings.flatMap((pairing) => pairing.rows.map((row) => compared(pairing, row, all, stored)))
}

const shows: Readonly<Record<Row, { readonly what: (stored: string) => string; readonly unit: string; readonly value: (round: Round) => number }>> = {
  send: { what: () => 'send 1 KiB, 64 in flight', unit: 'µs CPU per message', value: ({ costs }) => costs.send?.broker ?? Number.NaN },
  pair: {
    what: () => 'send and handle 1 KiB, 64 sends in flight',
    unit: 'µs CPU per message',
    value: ({ costs }) => costs.pair?.broker ?? Number.NaN,
  },
  receive: {
    what: () => 'receive 1 KiB and acknowledge each',
    unit: 'µs CPU per message',
    value: ({ costs }) => costs.receive?.broker ?? Number.NaN,
  },
  'idle memory': { what: () => 'memory after the start', unit: 'MiB in RAM', value: ({ idle }) => idle?.memory ?? Number.NaN },
  'full memory': { what: (stored) => `memory with ${stored} messages of 1 KiB`, unit: 'MiB in RAM', value: ({ fullMemory }) => fullMemory },
  'idle time': { what: () => 'idle, without a client', unit: 'µs CPU per second', value: ({ idle }) => idle?.time ?? Number.NaN },
  start: { what: () => 'start, to the first call that is answered', unit: 'ms', value: ({ start }) => start },
  latency: {
    what: () => 'from send to handler, 1,000 messages a second',
    unit: 'ms',
    value: ({ costs }) => costs.latency?.latency?.p99 ?? Number.NaN,
  },
}

/** What stands in a cell beside its figure, and which figure that is then. */
function details(row: Row, done: readonly Round[]): Partial<TableCost> {
  const client = (what: What) => ({
    of: 'server',
    beside: [{ of: 'client', cost: spread(done.map(({ costs }) => costs[what]?.client ?? Number.NaN)) }],
  })
  if (row === 'send' || row === 'pair' || row === 'receive') return client(row)
  if (row === 'latency') {
    return { of: 'p99', beside: [{ of: 'p50', cost: spread(done.map(({ costs }) => costs.latency?.latency?.p50 ?? Number.NaN)) }] }
  }
  if (row !== 'idle memory') return {}
  const names = Object.keys(done[0]?.idle?.memoryOfOthers ?? {})
  return {
    beside: names.map((name) => ({ of: `and its ${name}`, cost: spread(done.map(({ idle }) => idle?.memoryOfOthers[name] ?? Number.NaN)) })),
  }
}

function compared({ ours, beside, peer, floors }: Pairing, row: Row, all: ReadonlyMap<Contender, readonly Round[]>, stored: string): Result {
  const { what, unit, value } = shows[row]
  const values = (contender: Contender) => (all.get(contender) ?? []).map(value)
  const costs = [ours, ...(beside === undefined ? [] : [beside]), peer].map((contender) => ({
    who: contender.who,
    cost: spread(values(contender)),
    ...details(row, all.get(contender) ?? []),
  }))
  const floor = floors[row]
  const own = values(ours)
  return {
    what: what(stored),
    unit,
    costs,
    // What is nothing is not so many times cheaper.
    ...(row === 'idle time'
      ? { ratios: [], bounds: [{ what: 'of ours', value: spread(own), most: IDLE_AT_MOST }] }
      : { ratios: [{ peer: peer.who, ratio: ratios(own, values(peer)), ...(floor === undefined ? {} : { floor }) }] }),
  }
}
