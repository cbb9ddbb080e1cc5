import { HpackDecoder } from './hpack/decoder.ts'
import { HpackEncoder } from './hpack/encoder.ts'
import { HpackError } from './hpack/error.ts'
import { HpackOutput } from './hpack/output.ts'
import { ConnectionError } from './protocol.ts'
import type { Fields, FieldWriter } from './stream.ts'

/** Our SETTINGS_HEADER_TABLE_SIZE, which is what a peer may assume without being told (RFC 9113, 6.5.2). */
const TABLE_BYTES = 4_096

/** Header compression of one connection, both ways: every block changes what the next one means (RFC 9113, 4.3). */
export class HeaderCoding {
  readonly #decoder: HpackDecoder
  readonly #encoder = new HpackEncoder()
  readonly #fields: string[] = []
  /** The block that was encoded last, from the beginning. */
  readonly block: HpackOutput = new HpackOutput()

  constructor(maxListBytes: number, maxFields: number) {
    this.#decoder = new HpackDecoder({ maxTableSize: TABLE_BYTES, maxListBytes, maxFields })
  }

  /** What {@link decode} read last; used again by the next block. */
  get fields(): Fields {
    return this.#fields
  }

  /** @throws {ConnectionError} COMPRESSION_ERROR */
  decode(bytes: Buffer, start: number, end: number): 'ok' | 'too-large' {
    this.#fields.length = 0
    try {
      return this.#decoder.decode(bytes, start, end, this.#fields)
    } catch (error) {
      if (!(error instanceof HpackError)) throw error
      throw new ConnectionError('COMPRESSION_ERROR', error.message)
    }
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
