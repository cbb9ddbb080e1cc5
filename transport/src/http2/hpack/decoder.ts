/**
 * Reads blocks of fields (RFC 7541, 3.2, 4.2 and 6).
 *
 * Whatever it is given, its memory is bounded by its table and by the list that it may build, and its time by the bytes of the block. A block whose list becomes too large is read to its end all the same, for the table has to stay what the peer believes it to be, but
 * nothing is built any more that is not for the table.
 */
import { DynamicTable, ENTRY_OVERHEAD } from './dynamic-table.ts'
import { HpackError, type HpackReason } from './error.ts'
import { decodeHuffman, mostDecoded } from './huffman.ts'
import { type Cursor, readInteger } from './integer.ts'
import { STATIC_LENGTH, staticNames, staticValues } from './static-table.ts'
import { latin1 } from './text.ts'

export interface HpackDecoderOptions {
  /** Bytes that the peer may keep in the table: our SETTINGS_HEADER_TABLE_SIZE. Default 4096, which is HTTP/2's. */
  readonly maxTableSize?: number
  /** Bytes of a list, 32 for each field beyond its name and value (RFC 9113, 6.5.2: SETTINGS_MAX_HEADER_LIST_SIZE). */
  readonly maxListBytes: number
  /** Fields of a list. */
  readonly maxFields: number
}

/** First bits of each representation (6.1, 6.2.1, 6.3); those of 6.2.2 and 6.2.3 are what is left. */
const INDEXED = 0x80
const INDEXING = 0x40
const TABLE_SIZE = 0x20

const NO_BYTES = new Uint8Array(0)

/** Where decoded Huffman codes stand until they are text, for all decoders. Longer strings, which are rare, get a buffer of their own. */
const scratch = new Uint8Array(8_192)

export class HpackDecoder {
  readonly table: DynamicTable
  readonly #maxListBytes: number
  readonly #maxFields: number
  readonly #cursor: Cursor = { bytes: NO_BYTES, at: 0, start: 0, end: 0 }
  /** What the peer may set the size of the table to. */
  #maxTableSize: number
  /** What the next block has to set it to at most, before anything else; undefined when it need not (4.2). */
  #required: number | undefined = undefined
  /** What the list may still grow by. */
  #bytesLeft = 0
  /** Below 0: the list is too large. */
  #fieldsLeft = 0
  /** Length of the string that {@link #string} read last, also when it was not built. */
  #length = 0

  constructor(options: HpackDecoderOptions) {
    const { maxTableSize = 4_096, maxListBytes, maxFields } = options
    this.table = new DynamicTable(maxTableSize)
    this.#maxTableSize = maxTableSize
    this.#maxListBytes = maxListBytes
    this.#maxFields = maxFields
  }

  /**
   * Changes what the peer may keep in the table. To be called when the peer has acknowledged our SETTINGS: what it sent before that was made by the old size.
   * If the size is less than what the table has, the next block has to begin with the change (4.2; RFC 9113, 4.3.1).
   */
  setMaxTableSize(size: number): void {
    this.#maxTableSize = size
    if (size >= this.table.maxSize) return
    // What does not fit any longer cannot be meant by the next block, which evicts it first.
    this.table.resize(size)
    this.#required = size
  }

  /**
   * Reads the block from `start` to `end` of `bytes` and pushes name, value, name, value, … one character per byte. Whether names and values are such as
   * HTTP allows is not looked at. A field from the dynamic table gives the same strings each time.
   *
   * @returns `too-large` when the list was larger than it may be; `into` has the fields up to there. The next block may follow all the same.
   * @throws {HpackError} when the block cannot be read; no other block of the connection can be then (RFC 9113, 4.3).
   */
  decode(bytes: Uint8Array, start: number, end: number, into: string[]): 'ok' | 'too-large' {
    const cursor = this.#cursor
    cursor.bytes = bytes
    cursor.at = start
    cursor.start = start
    cursor.end = end
    this.#bytesLeft = this.#maxListBytes
    this.#fieldsLeft = this.#maxFields
    try {
      this.#readTableSizes()
      while (cursor.at < end) {
        const first = bytes[cursor.at] as number
        if (first >= INDEXED) this.#readIndexed(into)
        else if (first >= INDEXING) this.#readLiteral(0x3f, true, into)
        else if (first >= TABLE_SIZE) throw this.#error('late-table-size', cursor.at)
        // Without indexing or never indexed (6.2.2, 6.2.3). The difference is for those who pass fields on; we do not.
        else this.#readLiteral(0x0f, false, into)
      }
    } finally {
      // The bytes are the caller's again.
      cursor.bytes = NO_BYTES
    }
    return this.#fieldsLeft < 0 ? 'too-large' : 'ok'
  }

  /** Changes of the size of the table, which are only at the beginning of a block (4.2, 6.3). */
  #readTableSizes(): void {
    const cursor = this.#cursor
    while (cursor.at < cursor.end && ((cursor.bytes[cursor.at] as number) & 0xe0) === TABLE_SIZE) {
      const at = cursor.at
      const size = readInteger(cursor, 0x1f)
      // Where the maximum fell and rose again the lowest has to be told first.
      if (size > (this.#required ?? this.#maxTableSize)) throw this.#error('table-size', at)
      this.#required = undefined
      this.table.resize(size)
    }
    if (this.#required !== undefined) throw this.#error('missing-table-size', cursor.at)
  }

  /** 6.1 */
  #readIndexed(into: string[]): void {
    const at = this.#cursor.at
    const index = readInteger(this.#cursor, 0x7f)
    if (index > STATIC_LENGTH) {
      const slot = this.table.slotOf(index - STATIC_LENGTH - 1)
      if (slot < 0) throw this.#error('index', at)
      this.#push(this.table.nameAt(slot), this.table.valueAt(slot), into)
    } else {
      if (index === 0) throw this.#error('index', at)
      this.#push(staticNames[index] as string, staticValues[index] as string, into)
    }
  }

  #push(name: string, value: string, into: string[]): void {
    if (this.#count(name.length + value.length)) into.push(name, value)
  }

  /** Takes a field with so many bytes of name and value into account. False when the list has no room for it, or had none before. */
  #count(length: number): boolean {
    this.#fieldsLeft -= 1
    this.#bytesLeft -= length + ENTRY_OVERHEAD
    if (this.#fieldsLeft >= 0 && this.#bytesLeft >= 0) return true
    // A list that is too large stays so: a small field behind a large one is not part of it either.
    this.#fieldsLeft = -1
    return false
  }

  /** 6.2, with the bits of the index and whether the field becomes an entry of the table. */
  #readLiteral(mask: number, indexing: boolean, into: string[]): void {
    const at = this.#cursor.at
    const index = readInteger(this.#cursor, mask)
    // Built is what the list or the table has room for.
    const listRoom = this.#fieldsLeft > 0 ? this.#bytesLeft - ENTRY_OVERHEAD : -1
    const tableRoom = indexing ? this.table.maxSize - ENTRY_OVERHEAD : -1
    const room = Math.max(listRoom, tableRoom)
    let name: string
    let nameLength: number
    if (index === 0) {
      name = this.#string(room)
      nameLength = this.#length
    } else {
      name = this.#nameOf(index, at)
      nameLength = name.length
    }
    const value = this.#string(room - nameLength)
    const length = nameLength + this.#length
    if (this.#count(length)) into.push(name, value)
    if (!indexing) return
    if (length <= tableRoom) this.table.add(name, value)
    // One that is larger than the table empties it (4.4).
    else this.table.clear()
  }

  #nameOf(index: number, at: number): string {
    if (index <= STATIC_LENGTH) return staticNames[index] as string
    const slot = this.table.slotOf(index - STATIC_LENGTH - 1)
    if (slot < 0) throw this.#error('index', at)
    return this.table.nameAt(slot)
  }

  /** Reads a string (5.2). Checks and measures it in any case, but gives the empty string in the place of one that is longer than `room`. */
  #string(room: number): string {
    const cursor = this.#cursor
    const { bytes } = cursor
    const huffman = cursor.at < cursor.end && (bytes[cursor.at] as number) >= 0x80
    const length = readInteger(cursor, 0x7f)
    const start = cursor.at
    const end = start + length
    if (end > cursor.end) throw this.#error('truncated', cursor.end)
    cursor.at = end
    if (huffman) {
      const most = Math.min(mostDecoded(length), room)
      const into = most > scratch.length ? new Uint8Array(most) : scratch
      this.#length = decodeHuffman(bytes, start, end, into)
      if (this.#length < 0) throw this.#error('huffman', start)
      return this.#length > room ? '' : latin1(into, 0, this.#length)
    }
    this.#length = length
    return length > room ? '' : latin1(bytes, start, end)
  }

  #error(reason: HpackReason, at: number): HpackError {
    return new HpackError(reason, at - this.#cursor.start)
  }
}
