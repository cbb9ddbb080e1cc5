import { SimulatedDisk, type SimulatedDiskOptions } from '../../files/test-kit/simulated-files.ts'
import { fixedClock } from '../../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../../testing/virtual-clock.ts'
import { type DurableStore, type DurableStoreOptions, openDurableStore } from '../durable-store.ts'
import type { StoredTopic } from '../message-store.ts'
import type { StoreEvent } from '../store-event.ts'
import { TimedInMemory } from './timed-in-memory.ts'

export const MIB: number = 1024 * 1024

export interface Life {
  readonly store: DurableStore
  readonly events: StoreEvent[]
}

/** A durable store on a simulated disk, in as many lives as the test wants. Hardly anything stays in memory: what is asked for has to be read. */
export class DurableWorld {
  readonly disk: SimulatedDisk
  readonly clock: VirtualClock
  readonly folder = 'data'

  constructor(options: SimulatedDiskOptions = {}, clock: VirtualClock = fixedClock()) {
    this.disk = new SimulatedDisk(options)
    this.clock = clock
  }

  async open(topics: readonly StoredTopic[] = [], options: Partial<DurableStoreOptions> = {}): Promise<Life> {
    const { clock, folder } = this
    const events: StoreEvent[] = []
    const store = await openDurableStore({
      files: this.disk.files,
      folder,
      clock,
      topics,
      segmentSize: 8 * MIB,
      memory: { tail: 0, cache: 0, index: 0 },
      timed: new TimedInMemory(clock),
      // Messages of tests were stored long ago.
      retention: { time: Number.POSITIVE_INFINITY },
      onEvent: (event) => events.push(event),
      ...options,
    })
    return { store, events }
  }

  /** Names in a folder of the store, by their ending. */
  names(ending: string): string[] {
    return this.disk.paths.filter((path) => path.endsWith(ending)).map((path) => path.slice(path.lastIndexOf('/') + 1))
  }
}

/** A `'opened'` event. */
export function openedOf(events: readonly StoreEvent[]): Extract<StoreEvent, { kind: 'opened' }> {
  const opened = events.find(({ kind }) => kind === 'opened')
  if (opened?.kind !== 'opened') throw new Error('it was not told that the store is open')
  return opened
}
