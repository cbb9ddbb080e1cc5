import { cpuTime } from '../interop/rocketmq/process-usage.ts'
import { javaClientVersion } from '../interop/support/java-client.ts'
import { MissingPeer, pinned } from '../interop/support/runtime.ts'
import { keepAwake } from './awake.ts'
import { bullMqModules } from './bullmq-client.ts'
import { feathermq } from './feathermq-server.ts'
import { footprint } from './footprint.ts'
import { runJavaTask } from './java-task.ts'
import type { Task } from './messages.ts'
import { startNats } from './nats-server.ts'
import { startRedis } from './redis-server.ts'
import type { Result } from './result.ts'
import { type Cost, runTask } from './rounds.ts'
import type { Served } from './served.ts'
import { ratios, spread } from './statistics.ts'
import { stockLatency } from './stock-latency.ts'

type Row = 'send' | 'receive' | 'receive-alone' | 'handle'
type Counts = Pick<Task, 'warmUp' | 'count'>

/**
 * A client, and how much it is given of each row that it takes part in: all work for a second and more before they are measured, those who need little per
 * message on many.
 */
interface Entrant {
  readonly who: string
  readonly rows: Readonly<Partial<Record<Row, Counts>>>
  run(brokerTime: () => Promise<number>, task: Omit<Task, 'who'>): Promise<Cost>
}

/** A server and its clients: they meet it in turns, each round a new one. */
interface Camp {
  start(): Promise<Served>
  readonly entrants: readonly Entrant[]
  /** Who fills topics for those who receive: the one that does it soonest. */
  readonly filler: Task['who']
}

const ours = 'FeatherMQ SDK'
const node = 'rocketmq-client-nodejs 1.0.8'
const java = `rocketmq-client-java ${javaClientVersion}`
const jetStream = '@nats-io/jetstream 3.3.0'
const bullMq = `BullMQ ${pinned('bullmq')}`

/** What must hold and what is aimed at: times that a peer's client must need what ours needs. */
const aims: Readonly<Record<Row, Readonly<Record<string, { readonly floor?: number; readonly goal?: number }>>>> = {
  send: {
    [node]: { floor: 15, goal: 25 },
    [java]: { floor: 1, goal: 5 },
    [jetStream]: { floor: 1, goal: 2 },
    [bullMq]: { floor: 1 },
  },
  receive: { [node]: { floor: 30, goal: 45 }, [jetStream]: { goal: 1 } },
  'receive-alone': {},
  handle: { [java]: { goal: 15 }, [bullMq]: { floor: 1 } },
}

const rows: Readonly<Record<Row, { readonly what: string; readonly does: Task['what']; readonly inFlight: number }>> = {
  send: { what: 'send 1 KiB, 64 in flight', does: 'send', inFlight: 64 },
  // JetStream's client, which consumes, always has more on its way.
  receive: { what: 'receive 32 of 1 KiB and acknowledge each, 4 receives in flight', does: 'receive', inFlight: 4 },
  'receive-alone': { what: 'receive 32 of 1 KiB and acknowledge each, one receive after the other', does: 'receive', inFlight: 1 },
  handle: { what: 'handle 1 KiB by a push consumer, 64 handlers', does: 'handle', inFlight: 64 },
}
/** Messages of a receive. */
const BATCH = 32

export interface ClientsOptions {
  readonly rounds: number
  /** So many messages, or fewer where it is only to be seen that it works. */
  messages(count: number): number
  log(line: string): void
}

/** Our SDK and the clients that one would take instead, each at its own server, those of RocketMQ at the same. */
export async function clients({ rounds, messages, log }: ClientsOptions): Promise<readonly Result[]> {
  const counts = (warmUp: number, count: number): Counts => ({ warmUp: messages(warmUp), count: messages(count) })
  const asTask =
    (who: Task['who']): Entrant['run'] =>
    (brokerTime, task) =>
      runTask(brokerTime, { ...task, who })
  const camps: readonly Camp[] = [
    {
      start: feathermq(undefined),
      filler: 'ours',
      entrants: [
        {
          who: ours,
          rows: {
            send: counts(128_000, 32_000),
            receive: counts(320_000, 64_000),
            'receive-alone': counts(640_000, 128_000),
            handle: counts(128_000, 32_000),
          },
          run: asTask('ours'),
        },
        {
          who: node,
          rows: { send: counts(8_000, 12_000), receive: counts(12_000, 12_000), 'receive-alone': counts(12_000, 12_000) },
          run: asTask('official'),
        },
        { who: java, rows: { send: counts(40_000, 40_000), handle: counts(30_000, 30_000) }, run: (time, task) => runJavaTask(time, task) },
      ],
    },
    {
      start: startNats,
      filler: 'nats',
      entrants: [{ who: jetStream, rows: { send: counts(64_000, 32_000), receive: counts(320_000, 64_000) }, run: asTask('nats') }],
    },
    {
      async start() {
        await bullMqModules()
        return startRedis()
      },
      filler: 'bullmq',
      entrants: [{ who: bullMq, rows: { send: counts(20_000, 20_000), handle: counts(16_000, 16_000) }, run: asTask('bullmq') }],
    },
  ]

  const told = new Map<string, Cost[]>()
  const absent = new Map<string, string>()
  const meet = async (camp: Camp, round: number): Promise<void> => {
    const entrants = camp.entrants.filter(({ who }) => !absent.has(who))
    if (entrants.length === 0) return
    const served = await present(camp, absent)
    if (served === undefined) return
    try {
      for (const entrant of inTurns(entrants, round)) {
        try {
          for (const row of Object.keys(rows) as Row[]) {
            const wanted = entrant.rows[row]
            if (wanted === undefined) continue
            const cost = await oneTask(served, camp.filler, entrant, row, wanted)
            const key = `${row} ${entrant.who}`
            told.set(key, [...(told.get(key) ?? []), cost])
            log(`round ${round + 1}, ${entrant.who}: ${cost.client.toFixed(1)} µs per ${row}`)
          }
        } catch (error) {
          if (!(error instanceof MissingPeer)) throw error
          absent.set(entrant.who, error.message)
        }
      }
    } finally {
      await served.stop()
    }
  }
  const sleepAgain = keepAwake()
  try {
    for (let round = 0; round < rounds; round += 1) for (const camp of inTurns(camps, round)) await meet(camp, round)
  } finally {
    await sleepAgain()
  }
  for (const [who, reason] of absent) log(`${who} is left out: ${reason}`)
  const compared = (Object.keys(rows) as Row[]).map((row) => compare(row, camps, told, absent))
  return [
    ...compared,
    ...(await footprint({ rounds, ours, official: node })),
    ...(absent.has(java) ? [] : await latencies({ rounds, messages, log })),
  ]
}

/** The order changes from round to round. */
const inTurns = <T>(all: readonly T[], round: number): readonly T[] => (round % 2 === 0 ? all : [...all].reverse())

/** A machine with other work to do may not keep up with a thousand messages a second; what was measured before is no worse for that. */
async function latencies(options: ClientsOptions): Promise<readonly Result[]> {
  try {
    return [await stockLatency({ ...options, ours, java })]
  } catch (error) {
    options.log(`From send to handler is left out, because a send failed or a message was lost: ${String(error)}`)
    return []
  }
}

/** The camp's server; undefined where the machine has none, and then none of its clients takes part. */
async function present(camp: Camp, absent: Map<string, string>): Promise<Served | undefined> {
  try {
    return await camp.start()
  } catch (error) {
    if (!(error instanceof MissingPeer)) throw error
    for (const { who } of camp.entrants) absent.set(who, error.message)
    return undefined
  }
}

async function oneTask(served: Served, filler: Task['who'], entrant: Entrant, row: Row, { warmUp, count }: Counts): Promise<Cost> {
  const { does, inFlight } = rows[row]
  const time = async () => cpuTime(served.pid)
  const topic = `bench-${row}-${entrant.who.replaceAll(/[^a-zA-Z0-9]+/g, '-')}`
  const group = `${topic}-group`
  const task = { what: does, endpoints: served.endpoints, topic, group, warmUp, count, bodyBytes: 1_024, transport: 'http2' } as const
  await served.createTopic(topic)
  await served.createGroup(group, topic)
  if (does !== 'send') {
    // Receives take whole batches, at the end of the warm-up and of the measurement as well.
    const spare = does === 'receive' ? 2 * inFlight * BATCH : 0
    await runTask(time, { ...task, what: 'send', who: filler, inFlight: 64, warmUp: 1, count: warmUp + count + spare })
  }
  return entrant.run(time, { ...task, inFlight })
}

function compare(row: Row, camps: readonly Camp[], told: ReadonlyMap<string, readonly Cost[]>, absent: ReadonlyMap<string, string>): Result {
  const here = camps.flatMap(({ entrants }) => entrants).filter((entrant) => entrant.rows[row] !== undefined)
  const found = here.filter(({ who }) => !absent.has(who))
  const costsOf = (who: string) => (told.get(`${row} ${who}`) ?? []).map(({ client }) => client)
  const missing = here.filter(({ who }) => absent.has(who)).map(({ who }) => `${who} left out: ${absent.get(who)}`)
  return {
    what: [rows[row].what, ...missing].join('; '),
    unit: 'µs CPU of the client per message',
    costs: found.map(({ who }) => ({ who, cost: spread(costsOf(who)) })),
    ratios: found.filter(({ who }) => who !== ours).map(({ who }) => ({ peer: who, ratio: ratios(costsOf(ours), costsOf(who)), ...aims[row][who] })),
  }
}
