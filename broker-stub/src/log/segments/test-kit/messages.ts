import assert from 'node:assert/strict'
import { messageTypeNames } from '@feathermq/protocol'
import fc from 'fast-check'
import type { StoredMessage } from '../../message-log.ts'
import type { LogRecord } from '../record.ts'

/** No divisor of a block, a sector or a segment, so that bytes at a wrong place are other bytes. */
const PERIOD = 65_521

/** Bytes that look like nothing else and differ from seed to seed. */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed | 1
  const own = Math.min(length, PERIOD)
  for (let index = 0; index < own; index += 1) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    bytes[index] = state >>> 24
  }
  for (let index = PERIOD; index < length; index += PERIOD) bytes.copyWithin(index, 0, Math.min(PERIOD, length - index))
  return bytes
}

const text = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: 'grapheme', maxLength })
const time = fc.oneof(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.double({ min: 0, max: 4e12, noNaN: true }))

/** @param size how many bytes the message has. */
export function anyMessage(size: fc.Arbitrary<number>): fc.Arbitrary<StoredMessage> {
  return fc
    .record({
      size,
      seed: fc.integer(),
      topic: text(30),
      messageId: fc.oneof(text(40), text(40), fc.constant('é'.repeat(200))),
      tag: fc.option(text(12), { nil: undefined }),
      messageGroup: fc.option(text(12), { nil: undefined }),
      bornHost: text(20),
      origin: fc.oneof(
        fc.constant({ deadLetter: undefined }),
        fc.record({ deadLetter: fc.record({ topic: text(20), messageId: text(40) }, { noNullPrototype: true }) }, { noNullPrototype: true }),
        fc.record({ deadLetter: fc.constant(undefined), keptAs: text(60) }, { noNullPrototype: true }),
      ),
      deliverAt: fc.option(time, { nil: undefined }),
      storedAt: time,
      type: fc.constantFrom(...messageTypeNames.map(([name]) => name)),
      digest: fc.option(fc.constantFrom(16, 20).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))),
      cuts: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    })
    .map(({ size, seed, digest, cuts, origin, ...rest }) => {
      const [first, second] = cuts.map((cut) => Math.floor(cut * size)).sort((a, b) => a - b)
      return {
        ...rest,
        ...origin,
        bytes: noise(size, seed),
        systemPropertiesStart: 0,
        systemPropertiesEnd: first ?? 0,
        bodyStart: second ?? 0,
        bodyEnd: size,
        digest: Buffer.from(digest ?? [])
          .toString('hex')
          .toUpperCase(),
      }
    })
}

export function anyRecord(size: fc.Arbitrary<number>): fc.Arbitrary<LogRecord> {
  return fc.record({
    topicId: fc.integer({ min: 0, max: 0xffff_ffff }),
    queueId: fc.integer({ min: 0, max: 0xffff }),
    offset: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    relocated: fc.boolean(),
    message: anyMessage(size),
  })
}

/** A record of which only the number and the size matter. */
export function plainRecord(number: number, size = 100): LogRecord {
  const message: StoredMessage = {
    topic: 'orders',
    bytes: noise(size, number),
    systemPropertiesStart: 0,
    systemPropertiesEnd: Math.min(2, size),
    bodyStart: Math.min(2, size),
    bodyEnd: size,
    digest: number
      .toString(16)
      .toUpperCase()
      .padStart(number % 5 === 0 ? 32 : 40, '0'),
    messageId: `id-${number}`,
    type: 'NORMAL',
    tag: `tag-${number % 3}`,
    messageGroup: undefined,
    deliverAt: undefined,
    bornHost: '10.0.0.1',
    storedAt: 1_780_000_000_000 + number,
    deadLetter: undefined,
  }
  return { topicId: 1, queueId: number % 4, offset: number, relocated: false, message }
}

/** A read message has its fields on its class: deepEqual would not see them. */
export function plain(message: StoredMessage): StoredMessage {
  const { topic, systemPropertiesStart, systemPropertiesEnd, bodyStart, bodyEnd, digest, messageId, type, tag, messageGroup } = message
  const { deliverAt, bornHost, storedAt, deadLetter, keptAs, bytes } = message
  const places = { systemPropertiesStart, systemPropertiesEnd, bodyStart, bodyEnd }
  return { topic, ...places, digest, messageId, type, tag, messageGroup, deliverAt, bornHost, storedAt, deadLetter, keptAs, bytes }
}

export function assertSame(actual: StoredMessage, expected: StoredMessage): void {
  const { bytes, ...fields } = plain(actual)
  const { bytes: expectedBytes, ...expectedFields } = plain(expected)
  assert.deepEqual(fields, expectedFields)
  assert.ok(Buffer.compare(bytes, expectedBytes) === 0, `the bytes of ${actual.messageId} are not those that were stored`)
}
