import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { FeatherMQError } from '../errors.ts'
import { ManualClock } from '../testing-internal/manual-clock.ts'
import { checkBodySize, checkKind, type OutgoingMessage, prepare } from './outgoing.ts'

const clock = new ManualClock(1_000_000)
const base = { topic: 'orders', body: 'x' }

function codeOf(message: unknown): string {
  try {
    prepare(message as OutgoingMessage, clock)
    return 'OK'
  } catch (error) {
    assert.ok(error instanceof FeatherMQError, String(error))
    return error.code
  }
}

describe('a message to send', () => {
  it('is checked by the rules of the server, under the names of the server', () => {
    const wrong: [unknown, string][] = [
      [{ ...base, topic: 'a b' }, 'ILLEGAL_TOPIC'],
      [{ ...base, topic: '' }, 'ILLEGAL_TOPIC'],
      [{ ...base, body: '' }, 'MESSAGE_BODY_EMPTY'],
      [{ ...base, tag: 'a|b' }, 'ILLEGAL_MESSAGE_TAG'],
      [{ ...base, tag: ' ' }, 'ILLEGAL_MESSAGE_TAG'],
      [{ ...base, keys: ['a', ''] }, 'ILLEGAL_MESSAGE_KEY'],
      [{ ...base, messageGroup: 'g'.repeat(64) }, 'ILLEGAL_MESSAGE_GROUP'],
      [{ ...base, properties: { UNIQ_KEY: 'x' } }, 'ILLEGAL_MESSAGE_PROPERTY_KEY'],
      [{ ...base, properties: { ' ': 'x' } }, 'ILLEGAL_MESSAGE_PROPERTY_KEY'],
      [{ ...base, properties: { a: 'x\u0000' } }, 'ILLEGAL_MESSAGE_PROPERTY_KEY'],
      [{ ...base, properties: { a: 'x'.repeat(16_384) } }, 'MESSAGE_PROPERTIES_TOO_LARGE'],
      [{ ...base, properties: Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`p${index}`, ''])) }, 'MESSAGE_PROPERTIES_TOO_LARGE'],
      [{ ...base, properties: new Map() }, 'INVALID_MESSAGE'],
      [{ ...base, properties: { a: 1 } }, 'INVALID_MESSAGE'],
      [{ ...base, body: { a: 1 } }, 'INVALID_MESSAGE'],
      [{ ...base, keys: 'k' }, 'INVALID_MESSAGE'],
      [{ ...base, topic: 7 }, 'INVALID_MESSAGE'],
      [{ ...base, messageGroup: 'g', deliverAfter: '1s' }, 'INVALID_MESSAGE'],
      [{ ...base, deliverAt: 1, deliverAfter: '1s' }, 'INVALID_MESSAGE'],
      [{ ...base, priority: -1 }, 'INVALID_MESSAGE'],
      [{ ...base, priority: 1.5 }, 'INVALID_MESSAGE'],
      [{ ...base, priority: 2 ** 31 }, 'INVALID_MESSAGE'],
      [{ ...base, priority: 1, messageGroup: 'g' }, 'INVALID_MESSAGE'],
      [{ ...base, priority: 1, deliverAt: 1 }, 'INVALID_MESSAGE'],
      [{ ...base, deliverAt: new Date(Number.NaN) }, 'INVALID_MESSAGE'],
      [{ ...base, deliverAfter: 'soon' }, 'INVALID_OPTION'],
      [{ ...base, delay: '1s' }, 'INVALID_OPTION'],
      [undefined, 'INVALID_OPTION'],
    ]
    for (const [message, code] of wrong) assert.equal(codeOf(message), code, JSON.stringify(message)?.slice(0, 80))
  })

  it('passes at the limits', () => {
    assert.equal(codeOf({ ...base, messageGroup: 'g'.repeat(63), properties: { a: 'x'.repeat(16_383) } }), 'OK')
    assert.equal(codeOf({ ...base, properties: Object.fromEntries(Array.from({ length: 128 }, (_, index) => [`p${index}`, ''])) }), 'OK')
  })

  it('gets its kind by what it has', () => {
    assert.equal(prepare(base, clock).kind, 'NORMAL')
    assert.equal(prepare({ ...base, messageGroup: 'g' }, clock).kind, 'FIFO')
    assert.deepEqual(prepare({ ...base, deliverAfter: '10s' }, clock).deliverAt, 1_010_000)
    assert.deepEqual(prepare({ ...base, deliverAt: new Date(5) }, clock), { ...prepare({ ...base, deliverAt: 5 }, clock) })
    assert.equal(prepare({ ...base, deliverAt: 5 }, clock).kind, 'DELAY')
    for (const priority of [0, 7])
      assert.deepEqual([prepare({ ...base, priority }, clock).kind, prepare({ ...base, priority }, clock).priority], ['PRIORITY', priority])
  })

  it('is measured in bytes against what the server takes', () => {
    const message = prepare({ ...base, body: 'ä'.repeat(50) }, clock)
    checkBodySize(message, 100)
    assert.throws(() => checkBodySize(message, 99), /the body has 100 bytes, the server takes at most 99/)
  })

  it('is refused by an error that names the path of the field and its limit', () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{ ...base, tag: 'a|b' }, /the message to orders was not sent: messages\[2\]\.tag: the tag has a "\|"/],
      [{ ...base, keys: ['a', ' '] }, /messages\[2\]\.keys\[1\]: a message key is blank/],
      [{ ...base, properties: { KEYS: 'x' } }, /messages\[2\]\.properties\.KEYS: the property key "KEYS" is reserved/],
      [{ ...base, properties: { a: 7 } }, /messages\[2\]\.properties\.a: it must be a text/],
      [{ ...base, properties: { a: 'x'.repeat(20_000) } }, /messages\[2\]\.properties: .*20001 bytes, more than 16384/],
      [{ ...base, messageGroup: 'g'.repeat(64) }, /messages\[2\]\.messageGroup: .*longer than 63 bytes/],
      [{ ...base, topic: 't'.repeat(128) }, /messages\[2\]\.topic: .*longer than 127 characters/],
      [{ ...base, body: 7 }, /messages\[2\]\.body: it must be a text or a Uint8Array/],
      [{ ...base, deliverAfter: 'soon' }, /^messages\[2\]\.deliverAfter must be/],
      [{ ...base, tags: 'a' }, /^messages\[2\]\.tags must be one of/],
    ]
    for (const [message, text] of wrong) assert.throws(() => prepare(message as OutgoingMessage, clock, 'messages[2]'), { message: text })
  })

  it('is held against the types that the topic takes, where the route names any', () => {
    checkKind(prepare(base, clock), [])
    checkKind(prepare(base, clock), ['FIFO', 'NORMAL'])
    const ordered = prepare({ ...base, messageGroup: 'g' }, clock)
    assert.throws(() => checkKind(ordered, ['NORMAL', 7], 'messages[1]'), {
      code: 'MESSAGE_PROPERTY_CONFLICT_WITH_TYPE',
      message: /messages\[1\]: it is of type FIFO \(it has a messageGroup\), but the topic takes NORMAL, 7/,
    })
  })

  it('never changes the objects it was given', () => {
    const properties = { a: '1' }
    prepare({ ...base, properties }, clock).properties.set('b', '2')
    assert.deepEqual(properties, { a: '1' })
  })

  it('fails by errors of the family, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.anything(),
        (value, other) => void codeOf({ topic: 'orders', body: value, properties: other, keys: value, tag: other }),
      ),
    )
  })
})
