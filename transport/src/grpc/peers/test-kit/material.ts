import { createCipheriv, createHash } from 'node:crypto'
import fc from 'fast-check'

export const LONGEST_MESSAGE: number = 8 * 1024 * 1024
const SHIFTS = 64 * 1024

/** Random bytes, the same in every run. Messages are views of them: they cost nothing to make, and one that is shifted by a byte is another. */
const pool = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(Buffer.alloc(LONGEST_MESSAGE + SHIFTS))
const fingerprint = (): string => createHash('sha1').update(pool).digest('hex')
const untouched = fingerprint()

/** Nobody wrote into a message that was given away to be sent, or that was only borrowed. */
export function materialIsUntouched(): boolean {
  return fingerprint() === untouched
}

/** A message and how it is handed to the transport. */
export interface Message {
  readonly length: number
  readonly at: number
  /** Where it is cut into parts, in thousandths of its length; as one piece when there are none. */
  readonly cuts: readonly number[]
}

export function bytesOf({ at, length }: Message): Buffer {
  return pool.subarray(at, at + length)
}

/** In parts, empty ones among them. */
export function partsOf(message: Message): Uint8Array | readonly Uint8Array[] {
  const whole = bytesOf(message)
  if (message.cuts.length === 0) return whole
  const places = [0, ...message.cuts.map((cut) => Math.floor((cut * message.length) / 1_000)).sort((a, b) => a - b), message.length]
  return places.slice(1).map((place, index) => whole.subarray(places[index], place))
}

/** With the prefix of five bytes: frames of 16,384 bytes, the first window of HTTP/2, a window of ours. */
const edges = fc.constantFrom(0, 1, ...Array.from({ length: 11 }, (_, index) => 16_379 + index), 65_530, 65_535, 65_536, 1024 * 1024 - 5, 1024 * 1024)
const small = fc.nat(300)
const middling = fc.nat(100_000)

const message = (length: fc.Arbitrary<number>): fc.Arbitrary<Message> =>
  fc.record({
    length,
    at: fc.nat(SHIFTS),
    cuts: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 4 }) }),
  })

export const anyMessage: fc.Arbitrary<Message> = message(
  fc.oneof(
    { weight: 12, arbitrary: small },
    { weight: 6, arbitrary: edges },
    { weight: 3, arbitrary: middling },
    { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 2_000_000 }) },
  ),
)
/** For many calls at once. */
export const modestMessage: fc.Arbitrary<Message> = message(
  fc.oneof(
    { weight: 12, arbitrary: small },
    { weight: 4, arbitrary: edges.filter((length) => length <= 65_536) },
    { weight: 2, arbitrary: middling },
    { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 300_000 }) },
  ),
)
export const smallMessage: fc.Arbitrary<Message> = message(fc.oneof({ weight: 4, arbitrary: small }, { weight: 1, arbitrary: fc.nat(2_000) }))
export const largeMessage: fc.Arbitrary<Message> = message(
  fc.oneof(
    { weight: 2, arbitrary: edges },
    { weight: 2, arbitrary: fc.integer({ min: 1_000_000, max: LONGEST_MESSAGE }) },
    { weight: 1, arbitrary: fc.constantFrom(LONGEST_MESSAGE, LONGEST_MESSAGE - 1, 4 * 1024 * 1024) },
  ),
)
