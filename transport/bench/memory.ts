import { withPair } from './pair.ts'
import type { Result } from './result.ts'
import { quotients, spread } from './statistics.ts'
import { type Name, names } from './variants.ts'

const KIB = 1_024

const held = {
  connections: { what: 'idle connection', count: 1_000, open: 'open connections', before: 50 },
  streams: { what: 'idle stream, on one connection', count: 10_000, open: 'open streams', before: 500 },
} as const

type Held = keyof typeof held
type Side = 'server' | 'client'

const kinds: readonly Held[] = ['connections', 'streams']
const sides: readonly Side[] = ['server', 'client']

/** KiB for each connection or stream. */
interface Sample {
  readonly heap: number
  readonly rss: number
}

const figures = ['rss', 'heap'] as const
const labels = { rss: 'RSS', heap: 'heap and external' } as const

export interface MemoryOptions {
  readonly rounds: number
  /** Of the connections and streams. */
  readonly scale: number
  readonly whoIs: Readonly<Record<Name, string>>
  log(line: string): void
}

/**
 * What is held for each connection and each stream on which nothing happens, once it has carried a call or a message. A few are opened before, so that
 * what belongs to the first of them does not count.
 */
export async function memory({ rounds, scale, whoIs, log }: MemoryOptions): Promise<Result[]> {
  const samples = new Map(kinds.flatMap((kind) => sides.map((side) => [`${kind} ${side}`, { ours: [], 'node:http2': [], 'grpc-js': [] } as Table])))
  const of = (kind: Held, side: Side): Table => samples.get(`${kind} ${side}`) as Table
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of kinds) {
      for (const name of round % 2 === 0 ? names : [...names].reverse()) {
        const both = await measure(name, kind, Math.ceil(held[kind].count * scale))
        for (const side of sides) of(kind, side)[name].push(both[side])
      }
      const last = names.map((name) => `${name} ${sides.map((side) => of(kind, side)[name].at(-1)?.rss.toFixed(1)).join(' + ')}`)
      log(`${held[kind].what}, round ${round + 1}: ${last.join(', ')} KiB`)
    }
  }
  return kinds.flatMap((kind) => sides.map((side) => result(`${held[kind].what}: ${side}`, of(kind, side), whoIs)))
}

type Table = Record<Name, Sample[]>

/** @throws an Error when a stream did not stay open. */
function measure(variant: Name, kind: Held, count: number): Promise<Record<Side, Sample>> {
  const { open, before } = held[kind]
  return withPair(variant, { maxStreams: 2 * count + before }, async (pair) => {
    await pair.client({ do: open, count: before })
    const first = { server: await pair.server({ do: 'memory' }), client: await pair.client({ do: 'memory' }) }
    await pair.client({ do: open, count })
    const last = { server: await pair.server({ do: 'memory' }), client: await pair.client({ do: 'memory' }) }
    if (kind === 'streams') {
      const { streams } = await pair.server({ do: 'count streams' })
      const ended = (await pair.client({ do: 'end streams' })).streams
      if (streams !== before + count || ended !== before + count)
        throw new Error(`${variant}: ${before + count} streams were opened, ${streams} stayed open, ${ended} ended as they should`)
    }
    const each = (side: Side): Sample => ({
      heap: (last[side].heap - first[side].heap) / count / KIB,
      rss: (last[side].rss - first[side].rss) / count / KIB,
    })
    return { server: each('server'), client: each('client') }
  })
}

function result(what: string, of: Table, whoIs: Readonly<Record<Name, string>>): Result {
  const all = (name: Name, figure: keyof Sample) => of[name].map((sample) => sample[figure])
  return {
    what,
    unit: 'KiB',
    costs: names.map((name) => ({
      who: whoIs[name],
      of: labels.rss,
      cost: spread(all(name, 'rss')),
      beside: [{ of: labels.heap, cost: spread(all(name, 'heap')) }],
    })),
    ratios: figures.map((figure) => ({ peer: 'grpc-js', of: labels[figure], ratio: quotients(all('grpc-js', figure), all('ours', figure)) })),
  }
}
