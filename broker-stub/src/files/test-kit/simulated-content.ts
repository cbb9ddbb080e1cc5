/** What a disk writes as a whole, or not. */
export const SECTOR = 512
/** Versions of a sector between two syncs that a loss of power may leave, beside the present one. Bounds the memory of a sector written thousands of times. */
const KEPT_VERSIONS = 8

/** Bytes are kept in pieces of so many, a whole number of sectors, once something is written there: most of a preallocated file never is. */
const CHUNK = 32 * SECTOR

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
  /** By their number. What is in none is zero and was never anything else; whatever is beyond the size is zero as well. */
  readonly #chunks = new Map<number, Uint8Array>()
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
    for (const { chunk, from, to, at } of this.#pieces(position, position + count)) {
      const bytes = this.#chunks.get(chunk)
      if (bytes === undefined) into.fill(0, at, at + to - from)
      else into.set(bytes.subarray(from, to), at)
    }
    return count
  }

  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return
    this.#remember(position, position + bytes.length)
    this.#put(bytes, position)
    const end = position + bytes.length
    // Bytes that are written again bring the size with them, which a failed sync lost.
    if (end > (this.#lostSize ?? this.#size)) this.#resize(Math.max(this.#size, end))
  }

  truncate(size: number): void {
    if (size < this.#size) {
      this.#rememberZeroed(size, this.#size)
      this.#clear(size, this.#size)
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
    for (const [sector, bytes] of this.#lost) this.#put(bytes, sector * SECTOR)
    for (const [sector, versions] of this.#sectors) {
      const version = this.#pick(versions, unsynced)
      if (version !== undefined) this.#put(version, sector * SECTOR)
    }
    this.#size = this.#pick(this.#sizes, unsynced) ?? this.#lostSize ?? this.#size
    this.#clear(this.#size, Number.POSITIVE_INFINITY)
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

  #remember(from: number, to: number): void {
    const change = ++this.#change
    for (let sector = Math.floor(from / SECTOR); sector * SECTOR < to; sector++) this.#rememberSector(sector, change)
  }

  /** Zeros are written: where there is nothing else, and never was since the last sync, that changes nothing. */
  #rememberZeroed(from: number, to: number): void {
    const change = ++this.#change
    for (const piece of this.#pieces(from, to)) {
      if (!this.#chunks.has(piece.chunk)) continue
      const first = (piece.chunk * CHUNK) / SECTOR
      for (let sector = first + Math.floor(piece.from / SECTOR); sector < first + Math.ceil(piece.to / SECTOR); sector++) {
        if (this.#sectors.has(sector) || this.#lost.has(sector) || !this.#isZero(sector)) this.#rememberSector(sector, change)
      }
    }
  }

  #rememberSector(sector: number, change: number): void {
    const value = this.#lost.get(sector) ?? this.#sector(sector)?.slice() ?? ZEROS
    this.#lost.delete(sector)
    const versions = this.#sectors.get(sector)
    if (versions === undefined) this.#sectors.set(sector, [{ change, value }])
    else this.#add(versions, { change, value })
  }

  /** Its bytes as they are, or undefined for one that was never written. */
  #sector(sector: number): Uint8Array | undefined {
    const from = (sector * SECTOR) % CHUNK
    return this.#chunks.get(Math.floor((sector * SECTOR) / CHUNK))?.subarray(from, from + SECTOR)
  }

  #isZero(sector: number): boolean {
    return ZEROS.equals(this.#sector(sector) ?? ZEROS)
  }

  /** What is between two places, piece by piece of one chunk: from and to within it, `at` from the beginning of them all. */
  *#pieces(begin: number, end: number): Generator<{ readonly chunk: number; readonly from: number; readonly to: number; readonly at: number }> {
    for (let position = begin; position < end; ) {
      const chunk = Math.floor(position / CHUNK)
      const to = Math.min(CHUNK, end - chunk * CHUNK)
      yield { chunk, from: position - chunk * CHUNK, to, at: position - begin }
      position = chunk * CHUNK + to
    }
  }

  #put(bytes: Uint8Array, position: number): void {
    for (const { chunk, from, to, at } of this.#pieces(position, position + bytes.length)) {
      const there = this.#chunks.get(chunk) ?? new Uint8Array(CHUNK)
      this.#chunks.set(chunk, there)
      there.set(bytes.subarray(at, at + to - from), from)
    }
  }

  #clear(from: number, to: number): void {
    for (const [chunk, bytes] of this.#chunks) bytes.fill(0, Math.max(0, from - chunk * CHUNK), Math.max(0, to - chunk * CHUNK))
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
}
