import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { cpuTime, residentMemory, threadTimeBetween, threadTimes } from '../interop/rocketmq/process-usage.ts'
import type { Result, Cost as TableCost } from './result.ts'
import { type Cost, runTask } from './rounds.ts'
import { type Contender, contenders, type Served } from './servers.ts'
import { ratios, spread } from './statistics.ts'

/** Ms. The compilers of a JVM work on for some time after its start; what they use then is not what an idle server uses. */
const SETTLE = 15_000
/** Ms for which an idle server is looked at. */
const IDLE = 5_000
const shared = { inFlight: 64, bodyBytes: 1_024, transport: 'http2' } as const

/** What one round tells of one server. */
interface Round {
  /** Ms. */
  readonly start: number
  /** µs per second. */
  readonly idleTime: number
  /** MiB. */
  readonly idleMemory: number
  readonly idleMemoryOfOthers: Readonly<Record<string, number>>
  readonly send: Cost
  readonly fullMemory: number
  readonly pair: Cost
}

interface Counts {
  readonly send: { readonly warmUp: number; readonly count: number }
  readonly pair: { readonly warmUp: number; readonly count: number }
}

async function measure({ start }: Contender, counts: Counts): Promise<Round> {
  const served = await start()
  try {
    await pause(SETTLE)
    const before = threadTimes(served.pid)
    await pause(IDLE)
    const idleTime = threadTimeBetween(before, threadTimes(served.pid)) / (IDLE / 1_000)
    const idleMemory = residentMemory(served.pid)
    const idleMemoryOfOthers = Object.fromEntries(Object.entries(served.others).map(([name, pid]) => [name, residentMemory(pid)]))

    const send = await load(served, 'send', counts.send)
    const fullMemory = residentMemory(served.pid)
    const pair = await load(served, 'pair', counts.pair)
    return { start: served.startTime, idleTime, idleMemory, idleMemoryOfOthers, send, fullMemory, pair }
  } finally {
    await served.stop()
  }
}

/** Our client in a process of its own, with a topic of its own. */
async function load(served: Served, what: 'send' | 'pair', counts: Counts['send']): Promise<Cost> {
  const topic = `bench-${what}`
  const who = 'ours'
  await served.createTopic(topic)
  // Named as the client process names it.
  if (what === 'pair') await served.createGroup(who)
  return runTask(async () => cpuTime(served.pid), { ...shared, ...counts, who, what, endpoints: served.endpoints, topic })
}

export interface RocketmqOptions {
  readonly rounds: number
  /** So many messages, or fewer where it is only to be seen that it works. */
  messages(count: number): number
  log(line: string): void
}

/** Our broker and a stock RocketMQ under the same load, in turns: while one is measured, the others do not run. */
export async function rocketmq({ rounds, messages, log }: RocketmqOptions): Promise<readonly Result[]> {
  if (!existsSync('/proc/self/stat')) throw new Error('What another process uses is read from /proc, so that this benchmark runs on Linux only')
  // After these the compilers of V8 and of a JVM have seen most of what sends need; pairs come upon warm servers.
  const counts: Counts = {
    send: { warmUp: messages(40_000), count: messages(60_000) },
    pair: { warmUp: messages(20_000), count: messages(30_000) },
  }
  const all = contenders.map((contender) => ({ contender, rounds: [] as Round[] }))
  for (let round = 0; round < rounds; round += 1) {
    for (const { contender, rounds: done } of round % 2 === 0 ? all : [...all].reverse()) {
      const told = await measure(contender, counts)
      done.push(told)
      const [send, pair] = [told.send.broker.toFixed(1), told.pair.broker.toFixed(1)]
      log(`round ${round + 1}, ${contender.who}: ${send} µs per send, ${pair} µs per pair, served after ${(told.start / 1_000).toFixed(1)} s`)
    }
  }

  const row = (what: string, unit: string, value: (round: Round) => number, more: (rounds: readonly Round[]) => Partial<TableCost> = () => ({})) => {
    const costs = all.map(({ contender, rounds: done }) => ({ who: contender.who, cost: spread(done.map(value)), ...more(done) }))
    const [ours = [], ...theirs] = all.map(({ rounds: done }) => done.map(value))
    const compared = theirs.map((their, index) => ({ peer: costs[index + 1]?.who ?? '', ratio: ratios(ours, their) }))
    return { what, unit, costs, ratios: compared }
  }
  const client = (of: 'send' | 'pair') => (done: readonly Round[]) => ({
    of: 'server',
    beside: [{ of: 'client', cost: spread(done.map((round) => round[of].client)) }],
  })
  const others = (done: readonly Round[]): Partial<TableCost> => {
    const names = Object.keys(done[0]?.idleMemoryOfOthers ?? {})
    return {
      beside: names.map((name) => ({ of: `and its ${name}`, cost: spread(done.map((round) => round.idleMemoryOfOthers[name] ?? Number.NaN)) })),
    }
  }
  const stored = (counts.send.warmUp + counts.send.count).toLocaleString('en')
  return [
    row('send 1 KiB, 64 in flight', 'µs CPU per message', (round) => round.send.broker, client('send')),
    row('send and handle 1 KiB, 64 sends in flight', 'µs CPU per message', (round) => round.pair.broker, client('pair')),
    row('memory after the start', 'MiB in RAM', (round) => round.idleMemory, others),
    row(`memory with ${stored} messages of 1 KiB`, 'MiB in RAM', (round) => round.fullMemory),
    row('idle, without a client', 'µs CPU per second', (round) => round.idleTime),
    row('start, to the first call that is answered', 'ms', (round) => round.start),
  ]
}
