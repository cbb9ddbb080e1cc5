import { checkPage, damaged } from './directory.ts'
import type { FileHandles } from './file-handles.ts'
import { isWhole, PAGE } from './layout.ts'
import type { SealedSegment } from './sealed-segment.ts'

/** No file has as many pages: 24 bytes each for 2^32 entries are 2^23.6 pages. */
const PAGES = 2 ** 25

/** Reads that go on at once; more wait, so that what is being read is bounded too. */
const READS = 64

/**
 * Pages of index files, at most `capacity` of them. Who was not used since the hand last passed goes first (the clock algorithm), which costs a byte per
 * page and nothing per use.
 */
export class PageCache {
  readonly #handles: FileHandles
  readonly #capacity: number
  readonly #slots = new Map<number, number>()
  readonly #pages: DataView[] = []
  readonly #keys: number[] = []
  readonly #used: Uint8Array
  #hand = 0
  readonly #loading = new Map<number, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  #reads = 0
  /** Pages that were read. */
  reads = 0

  constructor(handles: FileHandles, capacity: number) {
    this.#handles = handles
    this.#capacity = capacity
    this.#used = new Uint8Array(capacity)
  }

  get bytes(): number {
    return this.#pages.length * PAGE
  }

  /** The page if it is here. Not to be kept: its memory is used for other pages later. */
  get(segment: SealedSegment, page: number): DataView | undefined {
    const slot = this.#slots.get(segment.serial * PAGES + page)
    if (slot === undefined) return undefined
    this.#used[slot] = 1
    return this.#pages[slot]
  }

  isLoading(segment: SealedSegment, page: number): boolean {
    return this.#loading.has(segment.serial * PAGES + page)
  }

  /** Everybody who wants a page while it is being read waits for the same read. Rejects with a FileError, or a FormatError for a damaged page. */
  load(segment: SealedSegment, page: number): Promise<void> {
    const key = segment.serial * PAGES + page
    const loading = this.#loading.get(key)
    if (loading !== undefined) return loading
    const started = this.#read(segment, page, key).finally(() => this.#loading.delete(key))
    this.#loading.set(key, started)
    return started
  }

  async #read(segment: SealedSegment, page: number, key: number): Promise<void> {
    if (this.#reads === READS) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#reads++
    try {
      const bytes = new Uint8Array(PAGE)
      this.reads++
      const read = await this.#handles.read(segment.path, bytes, page * PAGE)
      const view = new DataView(bytes.buffer)
      if (read < PAGE || !isWhole(bytes, 0, page)) throw damaged(segment.path, `page ${page} does not fit its checksum`)
      checkPage(view, page, segment.head, segment.layout, segment.path)
      this.#keep(key, view)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#reads--
      else next()
    }
  }

  #keep(key: number, view: DataView): void {
    if (this.#slots.has(key)) return
    const slot = this.#pages.length < this.#capacity ? this.#pages.length : this.#evict()
    this.#pages[slot] = view
    this.#keys[slot] = key
    this.#used[slot] = 1
    this.#slots.set(key, slot)
  }

  #evict(): number {
    while (this.#used[this.#hand] === 1) {
      this.#used[this.#hand] = 0
      this.#hand = (this.#hand + 1) % this.#capacity
    }
    const slot = this.#hand
    this.#hand = (slot + 1) % this.#capacity
    this.#slots.delete(this.#keys[slot] as number)
    return slot
  }
}
