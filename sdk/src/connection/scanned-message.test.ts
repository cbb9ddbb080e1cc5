import { strict as assert } from 'node:assert'
import {
  decodeReceiveMessageResponse,
  digest,
  durationFromMs,
  type Encoding,
  encodeReceiveMessageResponse,
  type MessageInit,
  type MessageType,
  timestampFromMs,
  WireError,
} from '@feathermq/protocol'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { ReceivedFields } from '../message/received.ts'
import { receivedFields } from './received-message.ts'
import { type ScannedMessage, scannedMessage } from './scanned-message.ts'

const names = [
  'topic',
  'messageId',
  'receiptHandle',
  'tag',
  'keys',
  'properties',
  'messageGroup',
  'attempt',
  'bornAt',
  'bornHost',
  'storedAt',
  'deliveryAt',
  'queueId',
  'offset',
  'invisible',
  'traceContext',
  'origin',
  'kind',
  'body',
  'encoding',
  'intact',
  'bytes',
] as const satisfies readonly (keyof ReceivedFields)[]

/** Every field as a plain value. */
function read(fields: ReceivedFields): object {
  return Object.fromEntries(names.map((name) => [name, name === 'body' ? Buffer.from(fields.body).toString('hex') : fields[name]]))
}

function decoded(bytes: Uint8Array): ReceivedFields | undefined {
  const { content } = decodeReceiveMessageResponse(bytes)
  return content?.case === 'message' ? receivedFields(content.value, 'asked', bytes.length) : undefined
}

function scanned(bytes: Uint8Array): ScannedMessage | undefined {
  return scannedMessage(bytes, 'asked')
}

const ascii = fc.string({ maxLength: 40 })
const text = fc.oneof({ weight: 9, arbitrary: ascii }, { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 10 }) })
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const time = fc.integer({ min: -1_000, max: 4_102_444_800_000 })

const messages: fc.Arbitrary<MessageInit> = fc
  .record({
    topic: optional(fc.record({ resourceNamespace: ascii, name: fc.oneof(fc.constantFrom('asked', 'other'), text) })),
    properties: fc.array(fc.tuple(text, text), { maxLength: 3 }),
    body: fc.uint8Array({ maxLength: 5_000 }),
    digested: fc.constantFrom('MD5', 'SHA1', 'CRC32', 'wrong', 'lower', 'none'),
    system: fc.record({
      tag: optional(text),
      keys: fc.array(text, { maxLength: 3 }),
      messageId: ascii,
      bodyEncoding: fc.constantFrom<Encoding | number>('IDENTITY', 'GZIP', 'ENCODING_UNSPECIFIED', 17),
      messageType: fc.constantFrom<MessageType | number>('NORMAL', 'FIFO', 77),
      bornTimestamp: optional(time.map(timestampFromMs)),
      bornHost: text,
      storeTimestamp: optional(time.map(timestampFromMs)),
      storeHost: ascii,
      deliveryTimestamp: optional(time.map(timestampFromMs)),
      receiptHandle: optional(fc.string({ maxLength: 200 })),
      queueId: fc.integer({ min: -1, max: 70_000 }),
      queueOffset: optional(fc.bigInt({ min: -5n, max: 1n << 60n })),
      invisibleDuration: optional(fc.integer({ min: 0, max: 43_200_000 }).map(durationFromMs)),
      deliveryAttempt: optional(fc.integer({ min: 0, max: 100 })),
      messageGroup: optional(text),
      traceContext: optional(ascii),
      deadLetterQueue: fc.option(fc.record({ topic: text, messageId: ascii }), { nil: undefined, freq: 20 }),
      liteTopic: fc.option(text, { nil: undefined, freq: 20 }),
    }),
  })
  .map(({ topic, properties, body, digested, system }) => ({
    topic,
    userProperties: new Map(properties),
    body,
    systemProperties: {
      ...system,
      bodyDigest:
        digested === 'none'
          ? undefined
          : digested === 'wrong'
            ? { type: 'MD5', checksum: '00FF' }
            : digested === 'lower'
              ? { type: 'MD5', checksum: digest('MD5', body).toLowerCase() }
              : { type: digested as 'MD5', checksum: digest(digested as 'MD5', body) },
    },
  }))

describe('a message that was scanned', () => {
  it('says in every field what the decoded one says', () => {
    let compared = 0
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encodeReceiveMessageResponse({ content: { case: 'message', value: message } })
        const found = scanned(bytes)
        const known = decoded(bytes)
        assert.ok(known !== undefined)
        if (found === undefined) return
        compared += 1
        assert.deepEqual(read(found), read(known))
      }),
    )
    assert.ok(compared > 0)
  })

  it('is a usual one, and not left to the decoder, when all its texts are ASCII', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20 }), fc.uint8Array({ maxLength: 5_000 }), (name, body) => {
        const message = { topic: { name }, body, userProperties: new Map([['a', name]]), systemProperties: { receiptHandle: name, bornHost: name } }
        assert.ok(scanned(encodeReceiveMessageResponse({ content: { case: 'message', value: message } })) !== undefined)
      }),
    )
  })

  it('is left to the decoder wherever in a text a byte is not ASCII', () => {
    for (let length = 1; length < 12; length += 1) {
      const receiptHandle = 'h'.repeat(length)
      const value = { body: Buffer.from('b'), systemProperties: { receiptHandle } }
      const bytes = encodeReceiveMessageResponse({ content: { case: 'message', value } })
      const start = Buffer.from(bytes).indexOf(receiptHandle)
      for (let at = 0; at < length; at += 1) {
        const changed = Uint8Array.from(bytes)
        changed[start + at] = 0xe9
        assert.equal(scanned(changed), undefined, `byte ${at} of ${length}`)
      }
    }
  })

  it('is taken from no bytes that the decoder refuses, and agrees with it on all others', () => {
    const changed = fc.tuple(messages, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }), fc.nat(20))
    fc.assert(
      fc.property(changed, ([message, changes, cut]) => {
        const whole = Uint8Array.from(encodeReceiveMessageResponse({ content: { case: 'message', value: message } }))
        for (const [at, value] of changes) whole[at % Math.min(whole.length, 300)] = value
        const bytes = whole.subarray(0, whole.length - (cut > 3 ? 0 : cut))
        let known: ReceivedFields | undefined
        try {
          known = decoded(bytes)
        } catch (error) {
          assert.ok(error instanceof WireError)
          // Either of the two ways in which it is left to the decoder.
          try {
            assert.equal(scanned(bytes), undefined)
          } catch (refusal) {
            assert.ok(refusal instanceof WireError)
          }
          return
        }
        const found = scanned(bytes)
        if (found !== undefined && known !== undefined) assert.deepEqual(read(found), read(known))
      }),
      { numRuns: 500 },
    )
  })

  it('has its own memory, whatever becomes of the bytes that were scanned', () => {
    const bytes = encodeReceiveMessageResponse({
      content: { case: 'message', value: { body: Buffer.from('kept'), systemProperties: { receiptHandle: 'h', messageId: 'm', tag: 't' } } },
    })
    const found = scanned(bytes)
    assert.ok(found !== undefined)
    bytes.fill(0)
    assert.deepEqual([found.messageId, found.receiptHandle, found.tag, Buffer.from(found.body).toString()], ['m', 'h', 't', 'kept'])
  })
})
