import { HEX_DIGITS, KeyedHash } from './keyed-hash.ts'

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
/** Longer ones are nobody's: seven numbers of at most sixteen digits, the version, the hash, and a name. */
const LONGEST = 512
const LONGEST_NAME = 256
const SPACE = 0x20
const ZERO = 0x30
/** Digits that are written by dividing a number of 32 bits, which is many times faster than dividing a larger one. */
const LOW_DIGITS = 9
const LOW = 10 ** LOW_DIGITS

/**
 * Receipt handles: ten words, of which the sixth is the broker's name, as in RocketMQ's, because meshes route by it.
 *
 * `version epoch subscription slot generation broker queue offset position mac`; the last word is a keyed hash of all others, so a handle cannot be
 * guessed or altered. The words lead straight to the delivery, without a search; whoever uses them compares every part.
 */
export class ReceiptHandles {
  readonly #hash: KeyedHash
  readonly epoch: number
  readonly #broker: Buffer
  /** Where a handle is made or read. */
  readonly #bytes: Buffer = Buffer.allocUnsafeSlow(LONGEST + HEX_DIGITS)
  /** Where the next word of the handle that is being read begins; -1 when it is none. */
  #at = 0

  /**
   * @param epoch One more than at the broker's last start.
   * @param key Eight secret bytes. Handles of earlier starts are good as long as it stays the same.
   */
  constructor(broker: string, epoch: number, key: Uint8Array) {
    // A name may be any text, and a word of a handle not.
    this.#broker = Buffer.from(`${broker.replace(/[^\x21-\x7e]/g, '_').slice(0, LONGEST_NAME)} `, 'latin1')
    this.epoch = epoch
    this.#hash = new KeyedHash(key)
  }

  make(parts: HandleParts): string {
    const bytes = this.#bytes
    bytes[0] = VERSION.charCodeAt(0)
    bytes[1] = VERSION.charCodeAt(1)
    bytes[2] = SPACE
    let at = putNumber(bytes, 3, parts.epoch)
    at = putNumber(bytes, at, parts.subscription)
    at = putNumber(bytes, at, parts.slot)
    at = putNumber(bytes, at, parts.generation)
    bytes.set(this.#broker, at)
    at = putNumber(bytes, at + this.#broker.length, parts.queueId)
    at = putNumber(bytes, at, parts.offset)
    at = putNumber(bytes, at, parts.position)
    // The space behind the last number is not hashed.
    this.#hash.write(bytes, at - 1)
    bytes.copyWithin(at, at - 1, at - 1 + HEX_DIGITS)
    bytes[at - 1] = SPACE
    return bytes.toString('latin1', 0, at + HEX_DIGITS)
  }

  /** Undefined for anything that this broker did not make, at this start or one before. */
  parse(handle: string): HandleParts | undefined {
    const { length } = handle
    if (length > LONGEST) return undefined
    const bytes = this.#bytes
    for (let at = 0; at < length; at++) {
      const unit = handle.charCodeAt(at)
      if (unit > 0x7f) return undefined
      bytes[at] = unit
    }
    // So that a number that is the last word ends.
    bytes[length] = 0
    this.#at = bytes[0] === VERSION.charCodeAt(0) && bytes[1] === VERSION.charCodeAt(1) && bytes[2] === SPACE ? 3 : -1
    const epoch = this.#number()
    const subscription = this.#number()
    const slot = this.#number()
    const generation = this.#number()
    this.#name()
    const queueId = this.#number()
    const offset = this.#number()
    const position = this.#number()
    const hashed = this.#at - 1
    if (this.#at === -1 || epoch > this.epoch || length !== this.#at + HEX_DIGITS) return undefined
    // There is one way to write these parts, and all of them are read: what is left to compare is the hash.
    this.#hash.write(bytes, hashed)
    for (let digit = 0; digit < HEX_DIGITS; digit++) {
      if (bytes[hashed + digit] !== handle.charCodeAt(this.#at + digit)) return undefined
    }
    return { epoch, subscription, slot, generation, queueId, offset, position }
  }

  /** Reads a number that is written as {@link putNumber} does. */
  #number(): number {
    const bytes = this.#bytes
    const start = this.#at
    if (start === -1) return 0
    let at = start
    let value = 0
    for (let digit = (bytes[at] as number) - ZERO; digit >= 0 && digit <= 9; digit = (bytes[at] as number) - ZERO) {
      value = value * 10 + digit
      at++
    }
    const canonical = at === start + 1 || (at > start && bytes[start] !== ZERO)
    this.#at = canonical && bytes[at] === SPACE && value <= Number.MAX_SAFE_INTEGER ? at + 1 : -1
    return value
  }

  #name(): void {
    const start = this.#at
    if (start === -1) return
    const broker = this.#broker
    for (let at = 0; at < broker.length; at++) {
      if (this.#bytes[start + at] !== broker[at]) {
        this.#at = -1
        return
      }
    }
    this.#at = start + broker.length
  }
}

/** Writes a number in decimal digits, without zeros before it, and a space. @returns where the next word begins. */
function putNumber(into: Uint8Array, start: number, value: number): number {
  let at = start
  let low = value
  let least = 1
  if (value >= LOW) {
    const high = Math.floor(value / LOW)
    low = value - high * LOW
    at = putNumber(into, at, high) - 1
    least = LOW_DIGITS
  }
  let rest = low | 0
  let digits = least
  for (let next = (rest / 10 ** least) | 0; next > 0; next = (next / 10) | 0) digits++
  for (let digit = at + digits - 1; digit >= at; digit--) {
    const tenth = (rest / 10) | 0
    into[digit] = ZERO + rest - tenth * 10
    rest = tenth
  }
  into[at + digits] = SPACE
  return at + digits + 1
}
