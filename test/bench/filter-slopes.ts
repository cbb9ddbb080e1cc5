import assert from 'node:assert/strict'
import { eventually } from '../interop/rocketmq/first-call.ts'
import { threadTimeBetween, threadTimes } from '../interop/rocketmq/process-usage.ts'
import type { Chain, Kind } from './filter-chains.ts'
import { nameOf } from './filter-chains.ts'
import { callWithoutBody, type OpenStreams, openStreams, sendMany, sendRequest } from './filter-load.ts'
import type { World } from './filter-world.ts'
import { spread } from './statistics.ts'

/** One, four and eight copies say what one costs, whatever the call costs without any. */
const copies = [1, 4, 8] as const

export function chainsOf(kinds: readonly Kind[]): readonly Chain[] {
  return [{ kind: 'none', copies: 0 }, ...kinds.flatMap((kind) => copies.map((count) => ({ kind, copies: count })))]
}

/** Slope of the straight line that is nearest to the points by least squares. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map((point) => point[0])), mean(points.map((point) => point[1]))]
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}

/** µs CPU per call. */
interface Used {
  readonly envoy: number
  readonly processor: number
}

/** What each further copy adds to a call, µs CPU of Envoy, and of the process beside it. */
export type Slopes = ReadonlyMap<Kind, Used>

const request = sendRequest('payments')
const probe = sendRequest('who-is-there')
const counters: Readonly<Partial<Record<Chain['kind'], readonly string[]>>> = {
  ours: ['fmq.held', 'fmq.calls.op.send.topic.payments.group.-.code.20000.end'],
  twin: ['twin.held', 'twin.calls.op.send.topic.payments.group.-.code.20000.end'],
}

/** Ours tells of its calls twice a second; ms. */
const TELLING = 10_000

/** CPU of `count` calls through a chain. @throws an Error when one of its filters has not done its work on each of them. */
export async function measure(world: World, chain: Chain, count: number): Promise<Used> {
  const channel = world.channel(chain)
  const names = counters[chain.kind] ?? []
  if (chain.kind === 'empty') await callWithoutBody(world.address(chain))
  const told = () => Promise.all([...names, 'empty.calls'].map((name) => world.counter(name)))
  const [before, beside] = [await told(), await world.processed()]
  const [east, west] = [world.east.calls, world.west.calls]
  const threads = threadTimes(world.pid)
  await sendMany(channel, request, count)
  const envoy = threadTimeBetween(threads, threadTimes(world.pid)) / count
  const processed = await world.processed()
  const processor = (processed.cpu - beside.cpu) / count

  const routed = chain.kind !== 'none' && chain.kind !== 'empty'
  assert.deepEqual(
    { east: world.east.calls - east, west: world.west.calls - west },
    routed ? { east: 0, west: count } : { east: count, west: 0 },
    `where the calls of ${nameOf(chain)} went`,
  )
  if (chain.kind === 'empty') await callWithoutBody(world.address(chain))
  const each = chain.copies * count
  const expected = [...names.map(() => each), chain.kind === 'empty' ? each : 0]
  await eventually(
    async () => {
      const counted = (await told()).map((value, index) => value - (before[index] ?? 0))
      assert.deepEqual(counted, expected, `what the filters of ${nameOf(chain)} have counted`)
    },
    { until: Date.now() + TELLING, check: () => {} },
  )
  assert.equal(processed.calls - beside.calls, chain.kind === 'ext_proc' ? each : 0, 'calls that the external processor has seen')
  if (chain.kind === 'lua') {
    const { seen } = world.east
    await sendMany(channel, probe, 1)
    assert.equal(world.east.seen - seen, chain.copies, 'copies of the script that have read the topic')
  }
  return { envoy, processor }
}

export interface RoundOptions {
  readonly kinds: readonly Kind[]
  readonly count: number
  /** Telemetry streams that are open meanwhile, through the same chain. */
  readonly open: number
  /** Times there and back. */
  readonly turns: number
  /** Some cost so much that fewer calls say as much. */
  share(chain: Chain): number
}

/** Every chain again and again, there and back, so that what changes meanwhile is shared by all. */
export async function slopesOf(world: World, { kinds, count, open, turns, share }: RoundOptions): Promise<Slopes> {
  const chains = chainsOf(kinds)
  const used = new Map<string, Used[]>()
  for (const chain of Array.from({ length: turns }, () => [...chains, ...chains.toReversed()]).flat()) {
    const streams: OpenStreams | undefined = open === 0 ? undefined : await openStreams(world.address(chain), open)
    try {
      const cost = await measure(world, chain, Math.ceil(count * share(chain)))
      used.set(nameOf(chain), [...(used.get(nameOf(chain)) ?? []), cost])
    } finally {
      await streams?.close()
    }
  }
  return new Map(
    kinds.map((kind) => {
      const points = chains.filter((chain) => chain.kind === kind || chain.kind === 'none')
      const typical = (chain: Chain, which: keyof Used) => spread((used.get(nameOf(chain)) ?? []).map((one) => one[which])).median
      const of = (which: keyof Used) => slope(points.map((chain) => [chain.copies, typical(chain, which)]))
      return [kind, { envoy: of('envoy'), processor: of('processor') }]
    }),
  )
}
