import type { File } from '../../files/files.ts'
import { SimulatedDisk, type SimulatedDiskOptions } from '../../files/test-kit/simulated-files.ts'
import { fixedClock } from '../../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../../testing/virtual-clock.ts'
import { openState, type State, type StateOptions } from '../open-state.ts'
import type { SnapshotSource } from '../snapshot.ts'

export const FOLDER = '/data/state'

export interface WorldStateOptions extends Partial<StateOptions> {
  /** What snapshots are taken of. Default of nothing. */
  readonly source?: SnapshotSource
}

/** An owner of state: numbers under keys, the last one counts. */
export class StateWorld {
  readonly disk: SimulatedDisk
  clock: VirtualClock = fixedClock()
  /** What the last opening told, in order, as `[type, text]`. */
  told: [type: number, text: string][] = []
  readonly failures: unknown[] = []

  constructor(options: SimulatedDiskOptions = {}) {
    this.disk = new SimulatedDisk(options)
  }

  async open({ source = () => [], ...options }: WorldStateOptions = {}): Promise<State> {
    const told: [number, string][] = []
    this.clock = fixedClock()
    const state = await openState({
      files: this.disk.files,
      folder: FOLDER,
      clock: this.clock,
      onRecord: (type, bytes) => told.push([type, Buffer.from(bytes).toString()]),
      onFailure: (error) => this.failures.push(error),
      ...options,
    })
    this.told = told
    state.begin(source)
    return state
  }

  /** Texts that the last opening told. */
  get texts(): string[] {
    return this.told.map(([, text]) => text)
  }

  names(): string[] {
    return this.disk.paths.map((path) => path.slice(FOLDER.length + 1))
  }

  async writer(path: string): Promise<File> {
    return this.disk.files.open(path, 'write')
  }
}

/** The end of a turn: every microtask that waits has run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
