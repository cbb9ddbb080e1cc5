/** What a disk writes as a whole, or not. */
export const SECTOR = 512
/** Versions of a sector between two syncs that a loss of power may leave, beside the present one. Bounds the memory of a sector written thousands of times. */
const KEPT_VERSIONS = 8

const ZEROS = Buffer.alloc(SECTOR)

/** Which of the unsynced writes a loss of power leaves. */
export type Unsynced = 'random' | 'none' | 'all'

/** What something was before the change with this number. */
interface Before<T> {
  readonly change: number
  readonly value: T
}

/** The bytes of a file as the process sees them, with what is needed to lose those that were not synced. */
export class SimulatedContent {
  readonly #random: () => number
  #bytes = new Uint8Array(0)
  #size = 0
  #change = 0
  /** Per sector written since the last sync: what the disk may hold instead, the synced version first. */
  #sectors = new Map<number, Before<Uint8Array>[]>()
  #sizes: Before<number>[] = []
  /** What the disk has in sectors that a failed sync left out and that the system takes for written: no later sync writes them. */
  readonly #lost = new Map<number, Uint8Array>()
  #lostSize: number | undefined

  constructor(random: () => number) {
    this.#random = random
  }

  get size(): number {
    return this.#size
  }

  /** To give to {@link sync}: what is written from now on is not part of it. */
  get mark(): number {
    return this.#change
  }

  read(into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.length, this.#size - position))
    into.set(this.#bytes.subarray(position, position + count))
    return count
  }

  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return
    this.#remember(position, position + bytes.length)
    this.#grow(position + bytes.length)
    this.#bytes.set(bytes, position)
    const end = position + bytes.length
    // Bytes that are written again bring the size with them, which a failed sync lost.
    if (end > (this.#lostSize ?? this.#size)) this.#resize(Math.max(this.#size, end))
  }

  truncate(size: number): void {
    if (size < this.#size) {
      this.#remember(size, this.#size, true)
      this.#bytes.fill(0, size, this.#size)
    } else {
      this.#grow(size)
    }
    this.#resize(size)
  }

  sync(mark: number): void {
    for (const [sector, versions] of this.#sectors) {
      const later = versions.filter(({ change }) => change > mark)
      if (later.length === 0) this.#sectors.delete(sector)
      else this.#sectors.set(sector, later)
    }
    this.#sizes = this.#sizes.filter(({ change }) => change > mark)
  }

  /** Some of it is on the disk, and the system has forgotten which is not (fsync(2) of Linux: the pages are taken for clean). */
  failSync(): void {
    for (const [sector, versions] of this.#sectors) {
      const version = this.#pick(versions, 'random')
      if (version !== undefined) this.#lost.set(sector, version)
    }
    this.#lostSize = this.#pick(this.#sizes, 'random') ?? this.#lostSize
    this.#sectors.clear()
    this.#sizes = []
  }

  losePower(unsynced: Unsynced): void {
    for (const [sector, bytes] of this.#lost) this.#bytes.set(bytes, sector * SECTOR)
    for (const [sector, versions] of this.#sectors) {
      const version = this.#pick(versions, unsynced)
      if (version !== undefined) this.#bytes.set(version, sector * SECTOR)
    }
    this.#size = this.#pick(this.#sizes, unsynced) ?? this.#lostSize ?? this.#size
    this.#grow(this.#size)
    this.#bytes.fill(0, this.#size)
    this.#sectors.clear()
    this.#sizes = []
    this.#lost.clear()
    this.#lostSize = undefined
  }

  /** One of the older versions, or undefined for the present one. */
  #pick<T>(versions: readonly Before<T>[], unsynced: Unsynced): T | undefined {
    if (unsynced === 'all') return undefined
    return versions[unsynced === 'none' ? 0 : Math.floor(this.#random() * (versions.length + 1))]?.value
  }

  /** @param zeroed Zeros are written: where there is nothing else, and never was since the last sync, that changes nothing. */
  #remember(from: number, to: number, zeroed = false): void {
    const change = ++this.#change
    for (let sector = Math.floor(from / SECTOR); sector * SECTOR < to; sector++) {
      if (zeroed && !this.#sectors.has(sector) && !this.#lost.has(sector) && this.#isZero(sector)) continue
      const value = new Uint8Array(SECTOR)
      value.set(this.#lost.get(sector) ?? this.#bytes.subarray(sector * SECTOR, (sector + 1) * SECTOR))
      this.#lost.delete(sector)
      const versions = this.#sectors.get(sector)
      if (versions === undefined) this.#sectors.set(sector, [{ change, value }])
      else this.#add(versions, { change, value })
    }
  }

  #isZero(sector: number): boolean {
    const bytes = this.#bytes.subarray(sector * SECTOR, (sector + 1) * SECTOR)
    return ZEROS.compare(bytes, 0, bytes.length, 0, bytes.length) === 0
  }

  #resize(size: number): void {
    this.#add(this.#sizes, { change: ++this.#change, value: this.#lostSize ?? this.#size })
    this.#lostSize = undefined
    this.#size = size
  }

  #add<T>(versions: Before<T>[], version: Before<T>): void {
    if (versions.length < KEPT_VERSIONS) versions.push(version)
    else versions[1 + Math.floor(this.#random() * (KEPT_VERSIONS - 1))] = version
  }

  #grow(size: number): void {
    if (size <= this.#bytes.length) return
    const sectors = Math.ceil(Math.max(size, Math.min(this.#bytes.length * 2, this.#bytes.length + 2 ** 24)) / SECTOR)
    const grown = new Uint8Array(sectors * SECTOR)
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}
