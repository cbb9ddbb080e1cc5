import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { FeatherMQError } from '../errors.ts'
import { ManualClock } from '../testing-internal/manual-clock.ts'
import { checkBodySize, type OutgoingMessage, prepare } from './outgoing.ts'

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
  })

  it('is measured in bytes against what the server takes', () => {
    const message = prepare({ ...base, body: 'ä'.repeat(50) }, clock)
    checkBodySize(message, 100)
    assert.throws(() => checkBodySize(message, 99), /the body has 100 bytes, the server takes at most 99/)
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
