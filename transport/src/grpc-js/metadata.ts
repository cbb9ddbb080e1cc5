import type { Metadata } from '@grpc/grpc-js'
import type { HeaderReader } from '../contract.ts'
import { loadGrpc } from './load.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

/** Received metadata read in place. */
export class MetadataReader implements HeaderReader {
  readonly #metadata: Metadata

  constructor(metadata: Metadata) {
    this.#metadata = metadata
  }

  get(name: string): string | undefined {
    const value = this.#metadata.get(name)[0]
    return Buffer.isBuffer(value) ? value.toString('base64') : value
  }

  binary(name: string): Uint8Array | undefined {
    const value = this.#metadata.get(name)[0]
    if (value === undefined) return undefined
    return new Uint8Array(Buffer.isBuffer(value) ? value : Buffer.from(value, 'base64'))
  }

  *entries(): Generator<readonly [name: string, value: string]> {
    for (const [name, value] of Object.entries(this.#metadata.toHttp2Headers())) {
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) yield [name, String(one)]
    }
  }
}

/** Headers or trailers to send; they have been checked before. */
export function metadataOf(...lists: Pairs[]): Metadata {
  const metadata = new (loadGrpc().Metadata)()
  for (const list of lists) {
    for (const [name, value] of list) metadata.add(name, name.endsWith('-bin') ? Buffer.from(value, 'base64') : value)
  }
  return metadata
}
