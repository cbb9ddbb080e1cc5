import { checkPage, damaged } from './directory.ts'
import type { FileHandles } from './file-handles.ts'
import { isWhole, PAGE } from './layout.ts'
import type { SealedSegment } from './sealed-segment.ts'

/** Reads that go on at once; more wait, so that what is being read is bounded too. */
const READS = 64

/**
 * Pages of index files, at most `capacity` of them. Who was not used since the hand last passed goes first (the clock algorithm), which costs a byte per
 * page and nothing per use.
 */
export class PageCache {
  readonly #handles: FileHandles
  readonly #capacity: number
  readonly #pages: DataView[] = []
  readonly #segments: SealedSegment[] = []
  readonly #numbers: number[] = []
  readonly #used: Uint8Array
  #hand = 0
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
    const slot = segment.cached.get(page)
    if (slot === undefined) return undefined
    this.#used[slot] = 1
    return this.#pages[slot]
  }

  isLoading(segment: SealedSegment, page: number): boolean {
    return segment.loading.has(page)
  }

  /** Everybody who wants a page while it is being read waits for the same read. Rejects with a FileError, or a FormatError for a damaged page. */
  load(segment: SealedSegment, page: number): Promise<void> {
    const loading = segment.loading.get(page)
    if (loading !== undefined) return loading
    if (segment.cached.has(page)) return Promise.resolve()
    const started = this.#read(segment, page).finally(() => segment.loading.delete(page))
    segment.loading.set(page, started)
    return started
  }

  async #read(segment: SealedSegment, page: number): Promise<void> {
    if (this.#reads === READS) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#reads++
    try {
      const bytes = new Uint8Array(PAGE)
      this.reads++
      const read = await this.#handles.read(segment.path, bytes, page * PAGE)
      const view = new DataView(bytes.buffer)
      if (read < PAGE || !isWhole(bytes, 0, page)) throw damaged(segment.path, `page ${page} does not fit its checksum`)
      checkPage(view, page, segment.head, segment.layout, segment.path)
      this.#keep(segment, page, view)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#reads--
      else next()
    }
  }

  #keep(segment: SealedSegment, page: number, view: DataView): void {
    const slot = this.#pages.length < this.#capacity ? this.#pages.length : this.#evict()
    this.#pages[slot] = view
    this.#segments[slot] = segment
    this.#numbers[slot] = page
    this.#used[slot] = 1
    segment.cached.set(page, slot)
  }

  #evict(): number {
    while (this.#used[this.#hand] === 1) {
      this.#used[this.#hand] = 0
      this.#hand = (this.#hand + 1) % this.#capacity
    }
    const slot = this.#hand
    this.#hand = (slot + 1) % this.#capacity
    this.#segments[slot]?.cached.delete(this.#numbers[slot] as number)
    return slot
  }
}
