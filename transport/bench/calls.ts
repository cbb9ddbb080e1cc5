import type { Kind, Length } from './orders.ts'
import { withPair } from './pair.ts'
import { STREAM_MESSAGES } from './payloads.ts'
import type { Result } from './result.ts'
import { quotients, spread } from './statistics.ts'
import type { Tls } from './variant.ts'
import { type Name, names } from './variants.ts'

type Side = 'server' | 'client' | 'both'

const sides: readonly Side[] = ['server', 'client', 'both']

interface Load {
  readonly what: string
  readonly kind: Kind
  readonly inFlight: number
  /** The least for a run. A longer one before it is for warming up. */
  readonly calls: number
  readonly tls?: true
  /** How many times dearer grpc-js is at least. */
  readonly floors?: Readonly<Partial<Record<Side, number>>>
  /** How many times longer than the median call the slowest of a hundred may take. */
  readonly mostP99?: number
}

const loads: readonly Load[] = [
  { what: 'unary, 64 in flight', kind: 'unary', inFlight: 64, calls: 4_000, floors: { server: 10, client: 15 }, mostP99: 3 },
  { what: 'unary, 1 in flight', kind: 'unary', inFlight: 1, calls: 2_500, floors: { both: 5 } },
  { what: 'unary, 256 in flight', kind: 'unary', inFlight: 256, calls: 4_000, mostP99: 3 },
  {
    what: `stream of ${STREAM_MESSAGES} messages, 16 in flight`,
    kind: 'server-stream',
    inFlight: 16,
    calls: 1_000,
    floors: { server: 8, client: 8 },
  },
  { what: 'unary over TLS, 64 in flight', kind: 'unary', inFlight: 64, calls: 4_000, tls: true },
]

/** One run: CPU µs per call or message, latencies in ms. */
interface Sample extends Readonly<Record<Side, number>> {
  readonly p50: number
  readonly p99: number
}

export interface CallsOptions {
  readonly rounds: number
  /** Shorter runs for less than 1. */
  readonly scale: number
  readonly tls: Tls
  readonly only: string
  readonly whoIs: Readonly<Record<Name, string>>
  log(line: string): void
}

/** CPU and latency of calls. In each round the variants follow each other, in another order than in the round before. */
export async function calls({ rounds, scale, tls, only, whoIs, log }: CallsOptions): Promise<Result[]> {
  const chosen = loads.filter(({ what }) => what.includes(only))
  const samples = new Map<Load, Record<Name, Sample[]>>(chosen.map((load) => [load, { ours: [], 'node:http2': [], 'grpc-js': [] }]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [load, of] of samples) {
      for (const name of round % 2 === 0 ? names : [...names].reverse()) of[name].push(await measure(name, load, scale, tls))
      const last = names.map((name) => `${name} ${of[name].at(-1)?.server.toFixed(1)} + ${of[name].at(-1)?.client.toFixed(1)}`)
      log(`${load.what}, round ${round + 1}: ${last.join(', ')} µs`)
    }
  }
  const entries = [...samples]
  return [
    ...entries.map(([load, of]) => cost(load, of, whoIs)),
    ...entries.filter(([{ kind }]) => kind === 'unary').map(([load, of]) => latency(load, of, whoIs)),
  ]
}

function measure(name: Name, { kind, inFlight, tls, calls }: Load, scale: number, material: Tls): Promise<Sample> {
  return withPair(name, { tls: tls === true ? material : undefined }, async ({ server, client }) => {
    // As many calls for everybody, so that V8 has had the same occasion to optimise; as much work, so that who is fast is measured for more than a moment.
    const length: Length = { calls: calls * scale, cpu: 400 * scale }
    await client({ do: 'run', kind, inFlight, length: { calls: calls * scale, cpu: 1_500 * scale } })
    const before = [await server({ do: 'usage' }), await client({ do: 'usage' })] as const
    const { p50, p99, ...ran } = await client({ do: 'run', kind, inFlight, length })
    const after = [await server({ do: 'usage' }), await client({ do: 'usage' })] as const
    const count = ran.calls * (kind === 'unary' ? 1 : STREAM_MESSAGES)
    const sample = { server: (after[0].cpu - before[0].cpu) / count, client: (after[1].cpu - before[1].cpu) / count, p50, p99 }
    return { ...sample, both: sample.server + sample.client }
  })
}

function cost({ what, kind, floors = {} }: Load, of: Record<Name, Sample[]>, whoIs: Readonly<Record<Name, string>>): Result {
  const all = (name: Name, side: Side) => of[name].map((sample) => sample[side])
  return {
    what,
    unit: `µs CPU per ${kind === 'unary' ? 'call' : 'message'}`,
    costs: names.map((name) => ({
      who: whoIs[name],
      of: 'server',
      cost: spread(all(name, 'server')),
      beside: [{ of: 'client', cost: spread(all(name, 'client')) }],
    })),
    ratios: sides.map((side) => {
      const floor = floors[side]
      return { peer: 'grpc-js', of: side, ratio: quotients(all('grpc-js', side), all('ours', side)), ...(floor === undefined ? {} : { floor }) }
    }),
  }
}

function latency({ what, mostP99 }: Load, of: Record<Name, Sample[]>, whoIs: Readonly<Record<Name, string>>): Result {
  const all = (name: Name, which: 'p50' | 'p99') => of[name].map((sample) => sample[which])
  return {
    what: `latency of ${what}`,
    unit: 'ms',
    costs: names.map((name) => ({
      who: whoIs[name],
      of: 'p50',
      cost: spread(all(name, 'p50')),
      beside: [{ of: 'p99', cost: spread(all(name, 'p99')) }],
    })),
    ratios: [],
    bounds: [
      { what: 'p99 / p50 of ours', value: quotients(all('ours', 'p99'), all('ours', 'p50')), ...(mostP99 === undefined ? {} : { most: mostP99 }) },
    ],
  }
}
