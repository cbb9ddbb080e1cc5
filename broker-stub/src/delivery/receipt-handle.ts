import { KeyedHash } from './keyed-hash.ts'

/** What a receipt handle says. */
export interface HandleParts {
  /** The start of the broker at which it was made. */
  readonly epoch: number
  /** Number of the (topic, group) pair in this broker. */
  readonly subscription: number
  readonly slot: number
  /** Grows with each delivery and each change of the lease. */
  readonly generation: number
  readonly queueId: number
  readonly offset: number
  readonly position: number
}

const VERSION = 'f1'

/**
 * Receipt handles: ten words, of which the sixth is the broker's name, as in RocketMQ's, because meshes route by it.
 *
 * `version epoch subscription slot generation broker queue offset position mac`; the last word is a keyed hash of all others, so a handle cannot be
 * guessed or altered. The words lead straight to the delivery, without a search; whoever uses them compares every part.
 */
export class ReceiptHandles {
  readonly #hash: KeyedHash
  readonly epoch: number
  readonly #broker: string

  /**
   * @param epoch One more than at the broker's last start.
   * @param key Eight secret bytes. Handles of earlier starts are good as long as it stays the same.
   */
  constructor(broker: string, epoch: number, key: Uint8Array) {
    this.#broker = broker
    this.epoch = epoch
    this.#hash = new KeyedHash(key)
  }

  make(parts: HandleParts): string {
    const { epoch, subscription, slot, generation, queueId, offset, position } = parts
    const words = `${VERSION} ${epoch} ${subscription} ${slot} ${generation} ${this.#broker} ${queueId} ${offset} ${position}`
    return `${words} ${this.#hash.hex(words)}`
  }

  /** Undefined for anything that this broker did not make, at this start or one before. */
  parse(handle: string): HandleParts | undefined {
    if (handle.length > 512) return undefined
    const words = handle.split(' ')
    const parts = {
      epoch: Number(words[1]),
      subscription: Number(words[2]),
      slot: Number(words[3]),
      generation: Number(words[4]),
      queueId: Number(words[6]),
      offset: Number(words[7]),
      position: Number(words[8]),
    }
    // There is one way to write these parts, and all else is checked with it. Comparing the hash alone would let other texts pass that read alike: it
    // looks at eight bits of a char.
    return parts.epoch <= this.epoch && this.make(parts) === handle ? parts : undefined
  }
}
