/**
 * Writes blocks of fields (RFC 7541, 3.1, 4.2 and 6).
 *
 * What is the same from call to call costs one byte once it is in the table. What differs each time is a literal and leaves the table alone, apart from
 * its name: see {@link FieldMode}.
 */
import { entrySize } from './dynamic-table.ts'
import { encodeHuffman, notBytes } from './huffman.ts'
import { INTEGER_BYTES, writeInteger } from './integer.ts'
import type { HpackOutput } from './output.ts'
import { SearchableTable } from './searchable-table.ts'
import { findStatic, findStaticName } from './static-table.ts'

/**
 * - `index`: the value will come again; it becomes an entry of the table (6.2.1).
 * - `plain`: the value will hardly come again, such as a deadline or an id; it becomes no entry (6.2.2). Except for the first one of a name that neither
 *   table knows, if the table has free room for it: later ones then refer to the name, which costs two bytes, and saves the reader from making it anew.
 * - `never`: a secret; whoever passes the field on shall not index it either (6.2.3, 7.1.3). It is not compared with what is in the table.
 *
 * A field that is in the table already is a reference to it (6.1), unless it is a secret.
 */
export type FieldMode = 'index' | 'plain' | 'never'

/** Fields that many blocks have in common, all of them to be indexed. */
export type PreparedFields = readonly (readonly [name: string, value: string])[]

export interface HpackEncoderOptions {
  /** Bytes of the table that we use of what the peer allows. Default 4096. */
  readonly maxTableSize?: number
}

/** What HTTP/2 allows for as long as the peer's SETTINGS say nothing else (RFC 9113, 6.5.2). */
const INITIAL_TABLE_SIZE = 4_096
/** The largest entry that is made for the sake of a name. */
const LARGEST_FOR_NAME = 256
/** Lists whose bytes are remembered, and the longest of those. */
const MOST_WRITTEN = 64
const LONGEST_WRITTEN = 64

const INDEXED = 0x80
const INDEXING = 0x40
const TABLE_SIZE = 0x20
const NEVER = 0x10
const HUFFMAN = 0x80

export class HpackEncoder {
  readonly table: SearchableTable
  /** What we are willing to use. */
  readonly #maxTableSize: number
  /** What the peer allows. */
  #peerTableSize = INITIAL_TABLE_SIZE
  /** The lowest size that the table had to have since the last block; undefined when there is nothing to tell the peer (4.2). */
  #lowest: number | undefined = undefined
  #into: HpackOutput | undefined = undefined
  /** What prepared fields are on the wire, while the table is as it was when they were written. */
  readonly #written = new Map<PreparedFields, Uint8Array>()
  #writtenAt = 0

  constructor(options: HpackEncoderOptions = {}) {
    this.#maxTableSize = options.maxTableSize ?? INITIAL_TABLE_SIZE
    this.table = new SearchableTable(INITIAL_TABLE_SIZE)
    // The peer keeps as much as it allows until it is told of less.
    if (this.#maxTableSize < INITIAL_TABLE_SIZE) this.#lowest = this.#maxTableSize
  }

  /** Takes over the SETTINGS_HEADER_TABLE_SIZE of the peer, from the next block on. To be called before our SETTINGS acknowledgement goes out. */
  setPeerTableSize(size: number): void {
    const usable = Math.min(size, this.#maxTableSize)
    // Also told when we use less anyway: RFC 9113, 4.3.1 lets a peer insist on it after every reduction.
    if (size < this.#peerTableSize || usable !== this.table.maxSize) this.#lowest = Math.min(this.#lowest ?? usable, usable)
    this.#peerTableSize = size
  }

  /** Begins a block, which goes behind what is in `into` already. */
  begin(into: HpackOutput): void {
    this.#into = into
    if (this.#lowest !== undefined) this.#writeTableSizes(into, this.#lowest)
  }

  /** 4.2: the lowest size since the last block, then the one that counts from now on. */
  #writeTableSizes(into: HpackOutput, lowest: number): void {
    const size = Math.min(this.#peerTableSize, this.#maxTableSize)
    into.ensure(INTEGER_BYTES * 2)
    if (lowest < size) {
      this.table.resize(lowest)
      into.length = writeInteger(into.bytes, into.length, TABLE_SIZE, 0x1f, lowest)
    }
    this.table.resize(size)
    // What was too large for the table may find room in it now.
    this.#written.clear()
    into.length = writeInteger(into.bytes, into.length, TABLE_SIZE, 0x1f, size)
    this.#lowest = undefined
  }

  /**
   * Writes one field of the block that {@link begin} began. The name has to be in lower case (RFC 9113, 8.2); it is written as it is.
   *
   * @throws {TypeError} when a character of name or value is no byte. The block is as if the field had not been given then, and may go on.
   */
  field(name: string, value: string, mode: FieldMode): void {
    const into = this.#into
    if (into === undefined) throw noBlock()
    if (mode === 'never') {
      this.#writeLiteral(into, NEVER, 0x0f, findStaticName(name) || this.table.findName(name), name, value)
      return
    }
    let index = this.table.find(name, value)
    if (index <= 0) index = findStatic(name, value) || index
    if (index > 0) {
      into.ensure(INTEGER_BYTES)
      into.length = writeInteger(into.bytes, into.length, INDEXED, 0x7f, index)
    } else if (this.#isToBeIndexed(name, value, mode, index !== 0)) {
      this.#writeLiteral(into, INDEXING, 0x3f, -index, name, value)
      this.table.add(name, value)
    } else {
      this.#writeLiteral(into, 0, 0x0f, -index, name, value)
    }
  }

  /** As {@link field} for each of them: their bytes are the same as before while the table is. To be given as the same list each time. */
  fields(prepared: PreparedFields): void {
    const into = this.#into
    if (into === undefined) throw noBlock()
    const { changes } = this.table
    const written = changes === this.#writtenAt ? this.#written.get(prepared) : undefined
    if (written !== undefined) {
      into.append(written)
      return
    }
    const start = into.length
    for (const [name, value] of prepared) this.field(name, value, 'index')
    if (changes === this.table.changes) this.#remember(prepared, into.bytes.slice(start, into.length))
  }

  #remember(prepared: PreparedFields, bytes: Uint8Array): void {
    const { changes } = this.table
    if (this.#writtenAt !== changes || this.#written.size >= MOST_WRITTEN) this.#written.clear()
    this.#writtenAt = changes
    if (bytes.length <= LONGEST_WRITTEN) this.#written.set(prepared, bytes)
  }

  #isToBeIndexed(name: string, value: string, mode: FieldMode, nameIsKnown: boolean): boolean {
    const size = entrySize(name, value)
    // A larger one would only empty the table (4.4).
    if (mode === 'index') return size <= this.table.maxSize
    return !nameIsKnown && size <= LARGEST_FOR_NAME && size <= this.table.maxSize - this.table.size
  }

  /** 6.2, with the bits that say which literal, those that are left for the index, and the index of the name or 0. */
  #writeLiteral(into: HpackOutput, pattern: number, mask: number, nameIndex: number, name: string, value: string): void {
    // No string is written in more bytes than it has.
    into.ensure(3 * INTEGER_BYTES + name.length + value.length)
    const { bytes } = into
    let at = writeInteger(bytes, into.length, pattern, mask, nameIndex)
    if (nameIndex === 0) at = writeString(bytes, at, name)
    // What was written counts from here on, and not at all if it could not be written to its end.
    into.length = writeString(bytes, at, value)
  }
}

function noBlock(): Error {
  return new Error('a field needs a block: call begin() first')
}

/** Writes a string (5.2), by Huffman if that is shorter, and tells where it ends. */
function writeString(bytes: Uint8Array, at: number, text: string): number {
  const length = text.length
  // The code goes where it will stand if its length takes as many bytes as that of the text does, as that of most strings, with one, does.
  const start = at + (length < 0x7f ? 1 : lengthBytes(length))
  const end = encodeHuffman(text, bytes, start, start + length - 1)
  if (end < 0) {
    writeInteger(bytes, at, 0, 0x7f, length)
    return writeBytes(bytes, start, text)
  }
  const coded = end - start
  if (length < 0x7f) {
    bytes[at] = HUFFMAN | coded
    return end
  }
  const codedStart = at + lengthBytes(coded)
  if (codedStart < start) bytes.copyWithin(codedStart, start, end)
  return writeInteger(bytes, at, HUFFMAN, 0x7f, coded) + coded
}

function writeBytes(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff) throw notBytes()
    bytes[at++] = code
  }
  return at
}

/** How many bytes a length has on the wire. */
function lengthBytes(length: number): number {
  let count = 1
  for (let rest = length - 0x7f; rest >= 0; rest = rest < 0x80 ? -1 : Math.floor(rest / 0x80)) count += 1
  return count
}
