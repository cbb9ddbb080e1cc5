import { strict as assert } from 'node:assert'
import { type AckMessageResultEntryInit, decodeAckMessageRequest, encodeAckMessageRequest, encodeAckMessageResponse } from '@feathermq/protocol'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { type AckEntry, ackRequest, allAcknowledged } from './ack-bytes.ts'

const group = { resourceNamespace: 'shop', name: 'audit' }
const topic = { resourceNamespace: 'shop', name: 'orders' }

function entry(messageId: string, receiptHandle: string): AckEntry {
  const memory = Buffer.from(`before${messageId}between${receiptHandle}after`, 'latin1')
  const idEnd = 6 + messageId.length
  const handleStart = idEnd + 7
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length)
  return { messageId, receiptHandle, wire: { view, idStart: 6, idEnd, handleStart, handleEnd: handleStart + receiptHandle.length } }
}

const entries = fc.array(fc.tuple(fc.string({ maxLength: 40 }), fc.string({ minLength: 1, maxLength: 300 })), { minLength: 1, maxLength: 40 })
const ok = { code: 'OK', message: 'OK' } as const

describe('an ack request', () => {
  it('has the same bytes whether its handles are bytes or texts', () => {
    fc.assert(
      fc.property(entries, (texts) => {
        const expected = encodeAckMessageRequest({
          group,
          topic,
          entries: texts.map(([messageId, receiptHandle]) => ({ messageId, receiptHandle })),
        })
        const bytes = ackRequest(
          group,
          topic,
          texts.map(([id, handle]) => entry(id, handle)),
        )
        assert.equal(Buffer.from(bytes).toString('hex'), Buffer.from(expected).toString('hex'))
      }),
    )
  })

  it('has the new handle of a message that was extended', () => {
    const mixed = [entry('a', 'h-a'), { messageId: 'b', receiptHandle: 'h-b-2', wire: undefined }]
    const { entries: sent } = decodeAckMessageRequest(ackRequest(group, topic, mixed))
    assert.deepEqual(
      sent.map(({ messageId, receiptHandle }) => [messageId, receiptHandle]),
      [
        ['a', 'h-a'],
        ['b', 'h-b-2'],
      ],
    )
  })
})

describe('the answer to an ack request', () => {
  const results: readonly AckMessageResultEntryInit[] = [
    { messageId: 'a', receiptHandle: 'handle-a', status: ok },
    { messageId: 'b', receiptHandle: 'handle-b', status: ok },
  ]
  const [first, second] = results

  it('is passed over when it says OK of the whole and of each message, whatever the order', () => {
    assert.equal(allAcknowledged(encodeAckMessageResponse({ status: ok, entries: results })), true)
    assert.equal(allAcknowledged(encodeAckMessageResponse({ status: ok, entries: [...results].reverse() })), true)
    assert.equal(allAcknowledged(encodeAckMessageResponse({ status: ok, entries: [] })), true)
  })

  it('is looked at closer when it does not say OK of something', () => {
    const failed = { code: 'INVALID_RECEIPT_HANDLE' } as const
    const others: readonly (readonly [what: string, bytes: Uint8Array])[] = [
      ['one without a status', encodeAckMessageResponse({ status: ok, entries: [{ receiptHandle: 'handle-a' }, second ?? {}] })],
      ['one failed', encodeAckMessageResponse({ status: ok, entries: [first ?? {}, { receiptHandle: 'handle-b', status: failed }] })],
      ['all failed', encodeAckMessageResponse({ status: failed, entries: results })],
      ['no status', encodeAckMessageResponse({ entries: results })],
      ['mixed results', encodeAckMessageResponse({ status: { code: 'MULTIPLE_RESULTS' }, entries: results })],
    ]
    for (const [what, bytes] of others) assert.equal(allAcknowledged(bytes), false, what)
  })

  it('is looked at closer when it ends too soon or is no answer at all', () => {
    // Its own status comes last, so that no shorter answer is whole.
    const whole = Buffer.concat([encodeAckMessageResponse({ entries: results }), encodeAckMessageResponse({ status: ok })])
    assert.equal(allAcknowledged(whole), true)
    for (let length = 0; length < whole.length; length += 1) {
      const part = whole.subarray(0, length)
      assert.equal(allAcknowledged(part), false, `${length} bytes`)
    }
    fc.assert(fc.property(fc.uint8Array(), (noise) => assert.equal(allAcknowledged(noise), false)))
  })
})
