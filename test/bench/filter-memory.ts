import { residentMemory } from '../interop/rocketmq/process-usage.ts'
import type { Chain, Kind } from './filter-chains.ts'
import { openStreams } from './filter-load.ts'
import { startWorld } from './filter-world.ts'

/** KiB that belong to Envoy with a filter, and not to Envoy without. */
export interface Kept {
  /** A VM with the filter in it: each worker has one for each filter. */
  readonly vm: number
  /** What a filter, and Envoy for it, keep of a call that is open. */
  readonly stream: number
}

export interface MemoryOptions {
  readonly envoy: string
  readonly modules: ReadonlyMap<Kind, Uint8Array>
  readonly kinds: readonly Kind[]
  readonly open: number
}

/** So many that what one of them needs stands out of what an Envoy needs by chance. */
const copies = 8
const manyWorkers = 4

/** Pages of Envoy's process (RSS), with copies of each filter and without any, before and after streams are opened. */
export async function memoryOf({ envoy, modules, kinds, open }: MemoryOptions): Promise<ReadonlyMap<Kind, Kept>> {
  const pages = async (chain: Chain) => {
    const idle = async (workers: number, streams: number) => {
      const world = await startWorld(envoy, { chains: [chain], modules, workers })
      try {
        const before = residentMemory(world.pid)
        if (streams === 0) return { before, grown: 0 }
        const opened = await openStreams(world.address(chain), streams)
        const grown = residentMemory(world.pid) - before
        await opened.close()
        return { before, grown }
      } finally {
        await world.stop()
      }
    }
    const [one, many] = [await idle(1, open), await idle(manyWorkers, 0)]
    return { workers: many.before - one.before, streams: one.grown }
  }
  const without = await pages({ kind: 'none', copies: 0 })
  const found = new Map<Kind, Kept>()
  for (const kind of kinds) {
    const { workers, streams } = await pages({ kind, copies })
    const kibibytes = (more: number, number: number) => (more * 1_024) / number
    found.set(kind, {
      vm: kibibytes(workers - without.workers, (manyWorkers - 1) * copies),
      stream: kibibytes(streams - without.streams, open * copies),
    })
  }
  return found
}
