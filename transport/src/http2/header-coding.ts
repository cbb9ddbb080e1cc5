import { HpackDecoder } from './hpack/decoder.ts'
import { HpackEncoder } from './hpack/encoder.ts'
import { HpackError } from './hpack/error.ts'
import { HpackOutput } from './hpack/output.ts'
import { ConnectionError } from './protocol.ts'
import type { Fields, FieldWriter } from './stream.ts'

/** Our SETTINGS_HEADER_TABLE_SIZE, which is what a peer may assume without being told (RFC 9113, 6.5.2). */
const TABLE_BYTES = 4_096

/** Longest block that is remembered, bytes: what comes again and again consists of a few references to the table. */
const SHORT = 16
/** So many blocks are remembered. The head and the trailers of responses take turns. */
const REMEMBERED = 4

/** A block that was read lately; it says the same as long as the table is the same. */
interface Read {
  readonly block: Uint8Array
  readonly fields: Fields
  readonly changes: number
  readonly tableSize: number
}

/** Header compression of one connection, both ways: every block changes what the next one means (RFC 9113, 4.3). */
export class HeaderCoding {
  readonly #decoder: HpackDecoder
  readonly #encoder = new HpackEncoder()
  #fields: Fields = []
  readonly #lately: Read[] = []
  #oldest = 0
  /** The block that was encoded last, from the beginning. */
  readonly block: HpackOutput = new HpackOutput()

  constructor(maxListBytes: number, maxFields: number) {
    this.#decoder = new HpackDecoder({ maxTableSize: TABLE_BYTES, maxListBytes, maxFields })
  }

  /** What {@link decode} read last; a list that nobody changes, the same for blocks that are the same. */
  get fields(): Fields {
    return this.#fields
  }

  /** @throws {ConnectionError} COMPRESSION_ERROR */
  decode(bytes: Buffer, start: number, end: number): 'ok' | 'too-large' {
    const { table } = this.#decoder
    const { changes } = table
    const short = end - start <= SHORT
    if (short) {
      const read = this.#readLately(bytes, start, end)
      if (read !== undefined) {
        this.#fields = read.fields
        return 'ok'
      }
    }
    const fields: string[] = []
    this.#fields = fields
    try {
      const verdict = this.#decoder.decode(bytes, start, end, fields)
      if (short && verdict === 'ok' && table.changes === changes) this.#remember(bytes.subarray(start, end))
      return verdict
    } catch (error) {
      if (!(error instanceof HpackError)) throw error
      throw new ConnectionError('COMPRESSION_ERROR', error.message)
    }
  }

  #readLately(bytes: Buffer, start: number, end: number): Read | undefined {
    const { changes, maxSize } = this.#decoder.table
    for (const read of this.#lately) {
      if (read.changes === changes && read.tableSize === maxSize && isSame(read.block, bytes, start, end)) return read
    }
    return undefined
  }

  #remember(block: Uint8Array): void {
    const { changes, maxSize } = this.#decoder.table
    this.#lately[this.#oldest] = { block: new Uint8Array(block), fields: this.#fields, changes, tableSize: maxSize }
    this.#oldest = (this.#oldest + 1) % REMEMBERED
  }

  encode(fields: FieldWriter): void {
    this.block.reset()
    this.#encoder.begin(this.block)
    fields(this.#encoder)
  }

  setPeerTableSize(size: number): void {
    this.#encoder.setPeerTableSize(size)
  }
}

function isSame(block: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (block.length !== end - start) return false
  for (let at = 0; at < block.length; at += 1) if (block[at] !== bytes[start + at]) return false
  return true
}
