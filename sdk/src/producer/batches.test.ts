import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { prepare } from '../message/outgoing.ts'
import { ManualClock } from '../testing-internal/manual-clock.ts'
import { lanesOf, requestBytes } from './batches.ts'
import { Sending } from './sending.ts'

const clock = new ManualClock()

/** `n40` = NORMAL with 40 bytes, `d` = DELAY, anything else names a message group. */
function sendings(...names: readonly string[]): readonly Sending[] {
  return names.map((name, index) => {
    const size = name.startsWith('n') ? Number(name.slice(1) || 1) : 1
    const rest = name.startsWith('n') ? {} : name === 'd' ? { deliverAfter: '1s' as const } : { messageGroup: name }
    return new Sending(prepare({ topic: 'orders', body: new Uint8Array(size), ...rest }, clock), `${index}`, 0, undefined, 'message')
  })
}

function ids(lanes: ReturnType<typeof lanesOf>): string[] {
  return lanes.map((lane) => lane.map((batch) => batch.map(({ messageId }) => messageId).join('+')).join(' then '))
}

describe('a list of messages', () => {
  it('is divided into requests by number', () => {
    assert.deepEqual(ids(lanesOf(sendings('n', 'n', 'n', 'n', 'n'), { messages: 2, bytes: 10_000 })), ['0+1', '2+3', '4'])
  })

  it('is divided into requests by size, and what is larger than a request goes alone', () => {
    const list = sendings('n400', 'n400', 'n5000', 'n100', 'n100')
    assert.deepEqual(ids(lanesOf(list, { messages: 100, bytes: 1_400 })), ['0+1', '2', '3+4'])
  })

  it('keeps the order of each message group, one message per request, as stock servers find the queue of single messages only', () => {
    assert.deepEqual(ids(lanesOf(sendings('a', 'n', 'b', 'a', 'n', 'b', 'a'), { messages: 9, bytes: 10_000 })), [
      '0 then 3 then 6',
      '1+4',
      '2 then 5',
    ])
  })

  it('has delayed messages go one by one, as stock servers fail requests with several', () => {
    assert.deepEqual(ids(lanesOf(sendings('d', 'n', 'd', 'n'), { messages: 9, bytes: 10_000 })), ['0', '1+3', '2'])
  })

  it('loses none, doubles none and passes no limit, whatever it is made of', () => {
    const kind = fc.oneof(
      fc.constantFrom('d', 'a', 'b'),
      fc.integer({ min: 1, max: 2_000 }).map((size) => `n${size}`),
    )
    fc.assert(
      fc.property(
        fc.array(kind, { maxLength: 60 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 4_000 }),
        (kinds, messages, bytes) => {
          const list = sendings(...kinds)
          const lanes = lanesOf(list, { messages, bytes })
          const all = lanes.flat(2)
          assert.deepEqual(new Set(all), new Set(list))
          assert.equal(all.length, list.length)
          for (const batch of lanes.flat()) {
            assert.ok(batch.length >= 1 && batch.length <= messages)
            assert.ok(batch.length === 1 || batch.reduce((sum, sending) => sum + requestBytes(sending), 0) <= bytes)
            assert.ok(batch.length === 1 || batch.every(({ message }) => message.kind === 'NORMAL'))
          }
        },
      ),
    )
  })
})
