import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { RecordError } from '../../state/record-error.ts'
import { RecordWriter } from './byte-record.ts'
import {
  type LeaseRecord,
  type PlaceRecord,
  readSubscriptionRecord,
  type SubscriptionRecord,
  writeSubscriptionRecord,
} from './subscription-record.ts'

const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const u48 = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const number = fc.double({ noNaN: true })
const text = fc.string({ unit: 'grapheme', maxLength: 300 })
const place = fc.record<PlaceRecord>({ queueId: u16, offset: u48, position: u48, length: u32, storedAt: number })
const acknowledged = fc.record({ epoch: u48, generation: number, until: number })
const free = fc.record({ slot: u32, state: fc.constant('free' as const), acknowledged })
const lease = fc.record<LeaseRecord>({
  slot: u32,
  state: fc.constantFrom('waiting' as const, 'in-flight' as const, 'delayed' as const, 'acknowledged' as const),
  acknowledged,
  epoch: u48,
  generation: number,
  entry: place,
  firstPosition: u48,
  attempts: u32,
  autoRenew: fc.boolean(),
  uncounted: fc.boolean(),
  deadline: number,
  invisible: number,
  clientId: text,
  messageGroup: fc.option(text, { nil: undefined }),
  attemptId: fc.option(text, { nil: undefined }),
  error: fc.option(text, { nil: undefined }),
})
const cursors = fc.array(fc.record({ queueId: u16, offset: u48 }), { maxLength: 5 })
const record = fc.record<SubscriptionRecord>({
  subscription: u32,
  cursors,
  parked: fc.array(fc.record({ entry: place, messageGroup: text }), { maxLength: 5 }),
  unparked: cursors,
  slots: fc.array(fc.oneof(free, lease), { maxLength: 5 }),
})

const out = new RecordWriter()
function bytesOf(of: SubscriptionRecord): Uint8Array {
  out.begin()
  writeSubscriptionRecord(out, of)
  return Uint8Array.from(out.done())
}

describe('the record of a subscription', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(record, (one) => assert.deepEqual(readSubscriptionRecord(bytesOf(one)), structuredClone(one))))
  })

  it('is refused wherever it is cut, and with anything behind it', () => {
    fc.assert(
      fc.property(record, fc.nat(), (one, cut) => {
        const bytes = bytesOf(one)
        assert.throws(() => readSubscriptionRecord(bytes.subarray(0, cut % bytes.length)), RecordError)
        assert.throws(() => readSubscriptionRecord(Buffer.concat([bytes, Buffer.alloc(1)])), RecordError)
      }),
    )
  })

  it('is read or refused, whatever its bytes are, and no count makes it allocate', () => {
    const bytes = fc.uint8Array({ maxLength: 400 })
    fc.assert(
      fc.property(bytes, (some) => {
        try {
          readSubscriptionRecord(some)
        } catch (error) {
          assert.ok(error instanceof RecordError)
        }
      }),
      { numRuns: 1_000 },
    )
    const counts = Buffer.alloc(8)
    counts.writeUInt32LE(0xffff_ffff, 4)
    assert.throws(() => readSubscriptionRecord(counts), /says that it has 4294967295 parts, and there are 0 bytes/)
  })
})
