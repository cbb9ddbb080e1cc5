import { KeyedHash } from '../delivery/keyed-hash.ts'

/** What a recall handle says. */
export interface RecallParts {
  readonly topic: string
  /** Wall time before which the message does not come, ms. */
  readonly deliverAt: number
  readonly messageId: string
  /** Of the message in `KeptMessages`. */
  readonly id: string
}

const VERSION = 'v1'

/**
 * Recall handles: URL-safe base64 of `v1 topic broker time message-id`, as a stock server writes them, with the message's id in the store and a keyed hash
 * of all of it as further words. Who reads the first five finds what it looks for; nothing else leads to a message, and nobody can guess or alter it.
 */
export class RecallHandles {
  readonly #hash: KeyedHash
  readonly #broker: string

  /** @param key Eight secret bytes. Handles are good as long as it stays the same. */
  constructor(broker: string, key: Uint8Array) {
    this.#broker = broker
    this.#hash = new KeyedHash(key)
  }

  make({ topic, deliverAt, messageId, id }: RecallParts): string {
    const words = `${VERSION} ${topic} ${this.#broker} ${deliverAt} ${messageId} ${id}`
    // The hash looks at eight bits of a char; message ids may have any.
    return encode(`${words} ${this.#hash.hex(encode(words))}`)
  }

  /** Undefined for anything that a broker of this name and key did not make. */
  parse(handle: string): RecallParts | undefined {
    const words = Buffer.from(handle, 'base64url').toString().split(' ')
    const [, topic, , deliverAt] = words
    const id = words.at(-2)
    if (topic === undefined || deliverAt === undefined || id === undefined || words.length < 7) return undefined
    // A message id may have spaces.
    const parts = { topic, deliverAt: Number(deliverAt), messageId: words.slice(4, -2).join(' '), id }
    const made = this.make(parts)
    return made === handle || made.replace(/=+$/, '') === handle ? parts : undefined
  }
}

/** With padding, as a stock server's is. */
function encode(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
