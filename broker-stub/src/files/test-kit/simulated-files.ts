import type { Files } from '../files.ts'
import { type Effect, type Fault, FaultRule, type Match, type Operation } from './faults.ts'
import { seededRandom } from './random.ts'
import type { Unsynced } from './simulated-content.ts'
import { SimulatedFolders } from './simulated-folders.ts'
import { type Machine, SimulatedProcess } from './simulated-process.ts'

export interface SimulatedDiskOptions {
  /** Decides what is lost and torn, and in which order operations end. Default 1. */
  readonly seed?: number
  /** Bytes of all files together. Default endless. */
  readonly capacity?: number
}

/**
 * A disk in memory that outlives the processes which use it. {@link files} is what the present process has of it; a crash ends that process, so that
 * whatever it still asks fails with code `CRASHED` and has no effect, and {@link files} is then the next one's.
 */
export class SimulatedDisk implements Machine {
  readonly counts: Record<Operation, number> = {
    list: 0,
    makeFolder: 0,
    create: 0,
    open: 0,
    rename: 0,
    remove: 0,
    syncFolder: 0,
    lock: 0,
    size: 0,
    read: 0,
    write: 0,
    writeNow: 0,
    sync: 0,
    truncate: 0,
    close: 0,
  }
  /** What no code may do, as sentences: writing to or syncing a file whose sync failed. Tests expect none. */
  readonly misuses: string[] = []
  capacity: number
  /** Everything that would change something fails with `EROFS`. */
  readOnly = false
  readonly #random: () => number
  readonly #folders: SimulatedFolders
  #rules: FaultRule[] = []
  #process: SimulatedProcess
  readonly #crashes: ('kill' | 'power')[] = []

  constructor(options: SimulatedDiskOptions = {}) {
    this.#random = seededRandom(options.seed ?? 1)
    this.capacity = options.capacity ?? Number.POSITIVE_INFINITY
    this.#folders = new SimulatedFolders(this.#random)
    this.#process = new SimulatedProcess(this, this.#folders, this.#random)
  }

  get files(): Files {
    return this.#process
  }

  get crashes(): number {
    return this.#crashes.length
  }

  /** What each of them was, those by faults among them. */
  get crashKinds(): readonly ('kill' | 'power')[] {
    return this.#crashes
  }

  /** Bytes of all files, those that have no name any more and are still open among them. */
  get used(): number {
    let bytes = 0
    for (const { content } of new Set([...this.#folders.files, ...this.#process.openInodes])) bytes += content.size
    return bytes
  }

  /** How many files are open: all must be closed in the end. */
  get openFiles(): number {
    return this.#process.openInodes.length
  }

  get paths(): readonly string[] {
    return this.#folders.paths
  }

  /** The bytes of a file, past all faults. */
  peek(path: string): Uint8Array | undefined {
    const content = this.#folders.file(path)?.content
    if (content === undefined) return undefined
    const bytes = new Uint8Array(content.size)
    content.read(bytes, 0)
    return bytes
  }

  /** Changes bytes of a file on the disk itself, as damage does, past all faults. */
  poke(path: string, bytes: Uint8Array, position: number): void {
    const content = this.#folders.file(path)?.content
    if (content === undefined) throw new Error(`there is no ${path}`)
    content.write(bytes, position)
    content.sync(content.mark)
  }

  fault(match: Match, effect: Effect): Fault {
    const rule = new FaultRule(match, effect)
    this.#rules.push(rule)
    return rule
  }

  /** All faults are cancelled; what is held goes on. */
  heal(): void {
    for (const rule of this.#rules.splice(0)) rule.cancel()
  }

  /**
   * - `kill`: the process ends (kill -9). What was written is there; of writes that had not ended, a beginning may be.
   * - `power`: the machine ends. What was synced is there; of everything else, any sectors and names may be, a sector also as it was between two writes.
   *
   * Faults go on for the next process: a broken disk stays broken. Held operations of this one never happen.
   */
  crash(kind: 'kill' | 'power', unsynced: Unsynced = 'random'): void {
    this.#crashes.push(kind)
    const dying = this.#process
    dying.end(unsynced === 'none' ? 'nothing' : kind === 'kill' ? 'beginnings' : 'sectors')
    if (kind === 'power') this.#folders.losePower(unsynced)
    this.#process = new SimulatedProcess(this, this.#folders, this.#random)
    for (const rule of this.#rules) rule.release()
  }

  /** Of the rules, the first that means this operation. */
  meet(operation: Operation, path: string): FaultRule | undefined {
    this.counts[operation]++
    this.#rules = this.#rules.filter((rule) => !rule.spent)
    let met: FaultRule | undefined
    for (const rule of this.#rules) if (rule.meets(operation, path)) met ??= rule
    return met
  }
}
