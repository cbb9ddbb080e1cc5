import { keepAwake } from './awake.ts'
import type { Kind } from './filter-chains.ts'
import { modules as compiled } from './filter-chains.ts'
import { filterInHost } from './filter-in-host.ts'
import { type Kept, memoryOf } from './filter-memory.ts'
import { chainsOf, measure, type Slopes, slopesOf } from './filter-slopes.ts'
import { benchEnvoy, startWorld } from './filter-world.ts'
import type { Cost, Ratio, Result } from './result.ts'
import { ratios, spread } from './statistics.ts'

const names: Readonly<Record<Kind, string>> = {
  ours: 'FeatherMQ filter',
  empty: 'empty filter',
  twin: 'twin on @gcoredev/proxy-wasm-sdk-as 1.2.3',
  lua: "Envoy's Lua filter",
  ext_proc: 'ext_proc in Node',
}
const kinds: readonly Kind[] = ['ours', 'empty', 'twin', 'lua', 'ext_proc']
const wasm: readonly Kind[] = ['ours', 'empty', 'twin']
const mostModuleKiB = 64
/** A call through eight of these takes so long that fewer of them say as much. */
const dear: readonly string[] = ['twin', 'ext_proc']

export interface FilterOptions {
  readonly rounds: number
  /** So many calls, or fewer where it is only to be seen that it works. */
  messages(count: number): number
  log(line: string): void
}

/** What the filter costs: in a real Envoy beside what else one would put there, and in our host beside a module that does nothing. */
export async function filter({ rounds, messages, log }: FilterOptions): Promise<readonly Result[]> {
  const [modules, envoy] = [await compiled(), await benchEnvoy()]
  const open = messages(1_000)
  const quiet: Slopes[] = []
  const busy: Slopes[] = []
  const kept: ReadonlyMap<Kind, Kept>[] = []
  const world = await startWorld(envoy, { chains: chainsOf(kinds), modules, workers: 1 })
  const letSleep = keepAwake()
  const share = ({ kind, copies }: { readonly kind: string; readonly copies: number }) => (dear.includes(kind) && copies > 1 ? 0.25 : 1)
  try {
    // V8 optimises a module while it runs, and each VM for itself.
    for (const chain of chainsOf(kinds)) await measure(world, chain, Math.ceil(messages(6_000) * share(chain)))
    for (let round = 0; round < rounds; round += 1) {
      quiet.push(await slopesOf(world, { kinds, count: messages(2_000), open: 0, turns: 4, share }))
      log(`round ${round + 1}, µs per call and copy: ${told(quiet.at(-1))}`)
      busy.push(await slopesOf(world, { kinds: wasm, count: messages(2_000), open, turns: 1, share }))
      log(`round ${round + 1}, with ${open} open streams: ${told(busy.at(-1))}`)
    }
  } finally {
    await letSleep()
    await world.stop()
  }
  for (let round = 0; round < rounds; round += 1) {
    kept.push(await memoryOf({ envoy, modules, kinds: wasm, open }))
    const figures = [...(kept.at(-1) ?? [])].map(([kind, { vm, stream }]) => `${kind} ${vm.toFixed(0)} and ${stream.toFixed(2)}`)
    log(`round ${round + 1}, KiB for a VM and for an open stream: ${figures.join('; ')}`)
  }
  return [
    slopeRow('each further copy in the chain, SendMessage of 1 KiB, 64 together', kinds, quiet, { timesTwin: 3, timesEmpty: 3 }),
    slopeRow(`the same with ${open.toLocaleString('en')} open Telemetry streams`, wasm, busy, { timesTwin: 5 }),
    memoryRow('a worker’s VM with the filter in it, KiB of RSS', kept, 'vm'),
    memoryRow('an open stream, KiB of RSS', kept, 'stream'),
    sizeRow(modules),
    await filterInHost({ rounds, count: messages(30_000) }),
  ]
}

function told(slopes: Slopes | undefined): string {
  return [...(slopes ?? [])]
    .map(([kind, { envoy, processor }]) => `${kind} ${envoy.toFixed(1)}${processor > 1 ? ` and ${processor.toFixed(1)} beside Envoy` : ''}`)
    .join(', ')
}

interface Floors {
  /** So many times dearer the twin must be, when what an empty filter costs is taken off both. */
  readonly timesTwin: number
  /** So many times what an empty filter costs may ours cost. */
  readonly timesEmpty?: number
}

function slopeRow(what: string, compared: readonly Kind[], slopes: readonly Slopes[], floors: Floors): Result {
  const of = (kind: Kind) => slopes.map((round) => round.get(kind)?.envoy ?? Number.NaN)
  const beyond = (kind: Kind) => of(kind).map((cost, round) => cost - (of('empty')[round] ?? Number.NaN))
  const costs = compared.map((kind): Cost => {
    const cost = { who: names[kind], cost: spread(of(kind)) }
    if (kind !== 'ext_proc') return cost
    return { ...cost, of: 'Envoy', beside: [{ of: 'its process', cost: spread(slopes.map((round) => round.get(kind)?.processor ?? Number.NaN)) }] }
  })
  return {
    what,
    unit: 'µs CPU of Envoy per call',
    costs,
    ratios: compared
      .filter((kind) => kind !== 'ours' && kind !== 'empty')
      .map((kind): Ratio => {
        const ratio = ratios(beyond('ours'), beyond(kind))
        const peer = `${names[kind]}, an empty filter taken off both`
        return kind === 'twin' ? { peer, ratio, floor: floors.timesTwin } : { peer, ratio }
      }),
    bounds: [
      {
        what: 'times an empty filter',
        value: ratios(of('empty'), of('ours')),
        ...(floors.timesEmpty === undefined ? {} : { most: floors.timesEmpty }),
      },
    ],
  }
}

function memoryRow(what: string, kept: readonly ReadonlyMap<Kind, Kept>[], which: keyof Kept): Result {
  const of = (kind: Kind) => kept.map((round) => round.get(kind)?.[which] ?? Number.NaN)
  return { what, unit: 'beyond an Envoy without it', costs: wasm.map((kind) => ({ who: names[kind], cost: spread(of(kind)) })), ratios: [] }
}

function sizeRow(modules: ReadonlyMap<Kind, Uint8Array>): Result {
  const size = (kind: Kind) => spread([(modules.get(kind)?.length ?? Number.NaN) / 1_024])
  return {
    what: 'the module',
    unit: 'KiB',
    costs: wasm.map((kind) => ({ who: names[kind], cost: size(kind) })),
    ratios: [],
    bounds: [{ what: 'size of ours', value: size('ours'), most: mostModuleKiB }],
  }
}
