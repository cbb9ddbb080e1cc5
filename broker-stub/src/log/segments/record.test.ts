import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { checkRecord, chunk, claimedLength, headBound, type LogRecord, putRecord, type RecordStamp, readHead, unsyncedBefore } from './record.ts'
import { StoredRecord } from './stored-record.ts'
import { tagHash } from './tag-hash.ts'
import { anyRecord, assertSame, plainRecord } from './test-kit/messages.ts'

const stamp: RecordStamp = { marker: 0xfeed_beef, seed: 0x1234_5678 }
const position = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

function put(record: LogRecord, at: number, position: number, unsynced = 0, inline = true) {
  const into = chunk(at + headBound(record.message) + record.message.bytes.length + 64)
  const used = putRecord(into, at, record, position, unsynced, stamp, inline)
  return { into, used }
}

describe('a record of the log', () => {
  it('gives back every field and every byte, wherever it lies', () => {
    fc.assert(
      fc.property(anyRecord(fc.nat(3_000)), fc.nat(200), position, fc.nat(0xffff_fffe), (record, at, position, unsynced) => {
        const { into, used } = put(record, at, position, unsynced)
        assert.equal(checkRecord(into, at, at + used, position, stamp), used)
        const stored = new StoredRecord(into, at)
        assertSame(stored, record.message)
        const { topicId, queueId, offset, relocated } = stored
        assert.deepEqual(
          { topicId, queueId, offset, relocated },
          { topicId: record.topicId, queueId: record.queueId, offset: record.offset, relocated: record.relocated },
        )
        assert.deepEqual(readHead(into, at), {
          topicId,
          queueId,
          offset,
          relocated,
          storedAt: record.message.storedAt,
          tagHash: tagHash(record.message.tag),
          keptAs: record.message.keptAs,
        })
        assert.equal(unsyncedBefore(into, at), unsynced)
        assert.ok(used <= headBound(record.message) + record.message.bytes.length)
      }),
    )
  })

  it('is the same on disk whether the bytes of its message are copied or written from where they are', () => {
    fc.assert(
      fc.property(anyRecord(fc.nat(3_000)), position, (record, position) => {
        const copied = put(record, 0, position)
        const apart = put(record, 0, position, 0, false)
        const joined = Buffer.concat([apart.into.bytes.subarray(0, apart.used), record.message.bytes])
        assert.deepEqual(joined, Buffer.from(copied.into.bytes.subarray(0, copied.used)))
        assertSame(new StoredRecord(apart.into, 0, record.message.bytes), record.message)
      }),
    )
  })

  it('is none when any bit of it is wrong, when its end is missing, at any other position, and under any other stamp', () => {
    fc.assert(
      fc.property(anyRecord(fc.nat(300)), fc.nat(), fc.nat(7), position, (record, where, bit, position) => {
        const { into, used } = put(record, 0, position)
        assert.equal(checkRecord(into, 0, used - 1 - (where % used), position, stamp), 0)
        assert.equal(checkRecord(into, 0, used, position === 0 ? 1 : position - 1, stamp), 0)
        assert.equal(checkRecord(into, 0, used, position, { ...stamp, marker: stamp.marker + 1 }), 0)
        assert.equal(checkRecord(into, 0, used, position, { ...stamp, seed: stamp.seed + 1 }), 0)
        const at = where % used
        into.bytes[at] = (into.bytes[at] ?? 0) ^ (1 << bit)
        assert.equal(checkRecord(into, 0, used, position, stamp), 0)
      }),
    )
  })

  it('never claims more than its parts add up to', () => {
    fc.assert(
      fc.property(anyRecord(fc.nat(300)), fc.integer({ min: 0, max: 0xffff_ffff }), (record, length) => {
        const { into, used } = put(record, 0, 7)
        into.view.setUint32(4, length, true)
        assert.equal(claimedLength(into, 0, used, 7, stamp), length === used ? used : 0)
      }),
    )
  })

  it('refuses a digest that is no SHA1 and no MD5 in upper-case hex, which could not be given back', () => {
    for (const digest of [
      'ABCD',
      'x'.repeat(32),
      'a'.repeat(32),
      'A'.repeat(33),
      'A'.repeat(36),
      'a'.repeat(40),
      'A'.repeat(42),
      'é'.repeat(32),
      'é'.repeat(40),
    ]) {
      const record = plainRecord(1)
      assert.throws(() => put({ ...record, message: { ...record.message, digest } }, 0, 0), { name: 'RangeError', message: /is no SHA1 or MD5/ })
    }
  })

  it('refuses a string whose length would not fit into its field', () => {
    const record = plainRecord(1)
    assert.throws(() => put({ ...record, message: { ...record.message, tag: 'é'.repeat(40_000) } }, 0, 0), { message: /80000 bytes/ })
    const messageId = 'é'.repeat(40_000)
    const { into } = put({ ...record, message: { ...record.message, messageId } }, 0, 0)
    assert.equal(new StoredRecord(into, 0).messageId, messageId)
  })
})

describe('the hash of a tag', () => {
  it('is 32-bit FNV-1a over its UTF-16 units, and 0 without a tag', () => {
    assert.equal(tagHash(undefined), 0)
    assert.equal(tagHash(''), 0x811c9dc5)
    assert.equal(tagHash('a'), 0xe40c292c)
    assert.equal(tagHash('foobar'), 0xbf9cf968)
  })
})
