import type { HeaderReader } from '../contract.ts'
import type { Fields } from '../http2/stream.ts'

/** Received fields (gRPC over HTTP/2, Custom-Metadata), names and values in turn; look-ups walk them. Pseudo fields and those before {@link from} are not shown. */
export class FieldList implements HeaderReader {
  readonly #fields: Fields
  readonly #from: number

  constructor(fields: Fields, from = 0) {
    this.#fields = fields
    this.#from = from
  }

  get(name: string): string | undefined {
    const fields = this.#fields
    const { length } = name
    // Most names differ in their length already, which takes no comparing of texts.
    for (let at = this.#from; at < fields.length; at += 2) {
      const field = fields[at] as string
      if (field.length === length && field === name) return fields[at + 1]
    }
    return undefined
  }

  binary(name: string): Uint8Array | undefined {
    const value = this.get(name)
    return value === undefined ? undefined : new Uint8Array(Buffer.from(value, 'base64'))
  }

  *entries(): IterableIterator<readonly [name: string, value: string]> {
    const fields = this.#fields
    for (let at = this.#from; at < fields.length; at += 2) yield [fields[at] as string, fields[at + 1] as string]
  }
}
