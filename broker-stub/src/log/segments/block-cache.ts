import { type Chunk, chunk } from './record.ts'
import type { Segment } from './segment-file.ts'

const BLOCK = 256 * 1024
/** Records that begin in a block and end behind it are mostly small; who reads forward needs no second read for them. */
const OVERLAP = 16 * 1024
const USUAL = BLOCK + OVERLAP
/**
 * Blocks that stay when their last record was read. Readers of several queues come to the end of a block one after the other, and all that they want then
 * is in the next. Whoever comes later finds them in the cache of the system.
 */
const PASSED = 2
/** Blocks that left and are kept for what is read next. */
const KEPT = 4

export interface Block {
  readonly chunk: Chunk
  /** Position of its first byte. */
  readonly from: number
  /** What of it was there when it was read. */
  readonly to: number
}

interface Loading {
  readonly to: number
  readonly done: Promise<void>
}

export type ReadBytes = (segment: Segment, into: Uint8Array, offset: number) => Promise<number>

/**
 * Blocks of segments in memory, the one used longest ago goes first. A block begins at a multiple of its size and is as long as the records that were
 * asked for need it. Memory that left the cache is used again when no message that was read from it may be on its way to a client: memory outside of the
 * heap that comes and goes lets V8 collect all of the heap every 10,000 messages, which was a fifth of what a receive did.
 */
export class BlockCache {
  readonly #limit: number
  readonly #read: ReadBytes
  readonly #blocks = new Map<number, Block>()
  readonly #loading = new Map<number, Loading>()
  /** Beginnings of blocks whose last record was read, in the order in which that happened. */
  readonly #passed: number[] = []
  /** Memory of blocks that left. */
  readonly #free: Chunk[] = []
  #last: Block | undefined
  #bytes = 0

  /** @param limit bytes of all blocks together; the block that was loaded last stays in any case. */
  constructor(limit: number, read: ReadBytes) {
    this.#limit = limit
    this.#read = read
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The block that holds all of it, if it is here. */
  find(segment: Segment, position: number, length: number): Block | undefined {
    const block = this.#find(segment, position, length)
    if (block !== undefined && position + length >= block.from + BLOCK) this.#pass(block)
    return block
  }

  #find(segment: Segment, position: number, length: number): Block | undefined {
    const last = this.#last
    if (last !== undefined && position >= last.from && position + length <= last.to) return last
    const key = blockOf(segment, position)
    const block = this.#blocks.get(key)
    if (block === undefined || position + length > block.to) return undefined
    this.#blocks.delete(key)
    this.#blocks.set(key, block)
    this.#last = block
    return block
  }

  #pass({ from }: Block): void {
    if (this.#passed.includes(from)) return
    this.#passed.push(from)
    if (this.#passed.length > PASSED) this.#remove(this.#passed[0] as number)
  }

  /**
   * Brings it into memory; reading the same block for several at once is one read. The caller has made sure that all of it lies within the segment.
   * @throws {FileError}
   */
  async load(segment: Segment, position: number, length: number): Promise<void> {
    const key = blockOf(segment, position)
    for (let under = this.#loading.get(key); under !== undefined; under = this.#loading.get(key)) {
      await under.done
      if (under.to >= position + length) return
    }
    if (this.find(segment, position, length) !== undefined) return
    const to = Math.min(segment.end, Math.max(key + USUAL, position + length))
    const done = this.#fill(segment, key, to)
    this.#loading.set(key, { to, done })
    try {
      await done
    } finally {
      this.#loading.delete(key)
    }
  }

  /** Of a segment that is removed. */
  drop({ base, capacity }: Segment): void {
    for (const key of [...this.#blocks.keys()]) {
      if (key >= base && key < base + capacity) this.#remove(key)
    }
  }

  async #fill(segment: Segment, from: number, to: number): Promise<void> {
    const memory = this.#memoryFor(to - from)
    const bytes = memory.bytes.subarray(0, to - from)
    const read = await this.#read(segment, bytes, from - segment.base)
    // A file that lost its end has zeros there, which are no record.
    if (read < bytes.length) bytes.fill(0, read)
    this.#remove(from)
    this.#blocks.set(from, { chunk: memory, from, to })
    this.#bytes += to - from
    for (const key of this.#blocks.keys()) {
      if (this.#bytes <= this.#limit || key === from) break
      this.#remove(key)
    }
  }

  /** One that is too small for what comes now was of the end of a segment. */
  #memoryFor(size: number): Chunk {
    const free = this.#free.pop()
    return free !== undefined && free.bytes.length >= size ? free : chunk(size)
  }

  #remove(key: number): void {
    const block = this.#blocks.get(key)
    if (block === undefined) return
    this.#blocks.delete(key)
    this.#bytes -= block.to - block.from
    if (this.#last === block) this.#last = undefined
    const passed = this.#passed.indexOf(key)
    if (passed !== -1) this.#passed.splice(passed, 1)
    const { chunk: memory } = block
    if (memory.lent === 0 && memory.bytes.length <= USUAL && this.#free.length < KEPT) this.#free.push(memory)
  }
}

/** Where the block with the position begins. Positions of blocks are unique over all segments, since those of segments are. */
export function blockOf({ base }: Segment, position: number): number {
  return position - ((position - base) % BLOCK)
}
