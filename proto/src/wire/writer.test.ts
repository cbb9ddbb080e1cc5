import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { decodeMessage, decodeSendMessageRequest, encodeMessage, encodeSendMessageRequest, Reader, Writer } from '../index.ts'

describe('what an encoder returned', () => {
  it('is never written into again, however many follow', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 2, maxLength: 20 }), (sizes) => {
        const made = sizes.map((size, index) => {
          const bytes = encodeMessage({ topic: { name: `t${index}` }, body: new Uint8Array(size).fill(index) })
          return { bytes, copy: Uint8Array.from(bytes) }
        })
        for (const { bytes, copy } of made) assert.deepEqual(Uint8Array.from(bytes), copy)
      }),
      { numRuns: 50 },
    )
  })

  it('may be larger than a slab, and does not keep a large slab alive for those after it', () => {
    const large = encodeMessage({ body: new Uint8Array(4 * 1024 * 1024).fill(7) })
    assert.equal(decodeMessage(large).body.length, 4 * 1024 * 1024)
    const small = encodeMessage({ topic: { name: 'small' } })
    assert.ok(small.buffer.byteLength <= 64 * 1024)
  })

  it('has nested lengths of one to four bytes, each with the fewest bytes', () => {
    for (const size of [0, 1, 100, 127, 128, 16_000, 16_383, 16_384, 2_097_151, 2_097_152]) {
      const bytes = encodeSendMessageRequest({ messages: [{ body: new Uint8Array(size) }] })
      assert.equal(decodeSendMessageRequest(bytes).messages[0]?.body.length, size)
      const lengthBytes = (length: number): number => (length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4)
      const inner = size === 0 ? 0 : 1 + lengthBytes(size) + size
      assert.equal(bytes.length, 1 + lengthBytes(inner) + inner)
    }
  })
})

describe('an encoder that throws', () => {
  it('leaves nothing behind for the next', () => {
    const wrong = { systemProperties: { tag: 'left over', queueId: 1.5 } }
    assert.throws(() => encodeMessage(wrong), /1\.5 is no int32/)
    assert.equal(Buffer.from(encodeMessage({ topic: { name: 'a' } })).toString('hex'), '0a03120161')
    for (const seconds of [1.5, 2 ** 53, Number.NaN]) {
      assert.throws(() => encodeMessage({ systemProperties: { bornTimestamp: { seconds } } }), RangeError)
    }
    assert.throws(() => encodeMessage({ systemProperties: { queueOffset: 2n ** 63n } }), /no int64/)
  })

  it('may encode another message in between', () => {
    // A map whose iteration encodes: values are the caller's code.
    const properties = new Map([['k', 'v']])
    const strange = {
      [Symbol.iterator]: () => {
        encodeMessage({ body: Uint8Array.of(1) })
        return properties[Symbol.iterator]()
      },
    }
    const bytes = encodeMessage({ userProperties: strange as unknown as ReadonlyMap<string, string>, body: Uint8Array.of(2) })
    assert.deepEqual(decodeMessage(bytes).userProperties, properties)
    assert.deepEqual([...decodeMessage(bytes).body], [2])
  })
})

describe('text', () => {
  it('survives for every length and alphabet', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => {
        const writer = new Writer()
        writer.string(10, text)
        const bytes = writer.finish()
        const reader = new Reader(bytes)
        assert.equal(reader.tag(bytes.length), 10)
        assert.equal(reader.string(bytes.length), text)
        assert.equal(reader.pos, bytes.length)
      }),
    )
  })

  it('with half of a surrogate pair becomes U+FFFD, long or short', () => {
    for (const length of [1, 20, 50, 500]) {
      const writer = new Writer()
      writer.string(10, `${'a'.repeat(length)}\ud800`)
      const bytes = writer.finish()
      const reader = new Reader(bytes)
      reader.tag(bytes.length)
      assert.equal(reader.string(bytes.length), `${'a'.repeat(length)}\ufffd`)
    }
  })
})

describe('numbers', () => {
  it('survive at their extremes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer(), fc.maxSafeInteger(), (long, int, safe) => {
        const writer = new Writer()
        writer.int64(8, long)
        writer.int32(8, int)
        writer.safeInt64(8, safe)
        const bytes = writer.finish()
        const reader = new Reader(bytes)
        reader.tag(bytes.length)
        assert.equal(reader.int64(bytes.length), long)
        reader.tag(bytes.length)
        assert.equal(reader.int32(bytes.length), int)
        reader.tag(bytes.length)
        assert.equal(reader.safeInt64(bytes.length), safe)
      }),
      {
        examples: [
          [-(2n ** 63n), -(2 ** 31), -Number.MAX_SAFE_INTEGER],
          [2n ** 63n - 1n, 2 ** 31 - 1, Number.MAX_SAFE_INTEGER],
          [0n, 0, 0],
          [-1n, -1, -1],
        ],
      },
    )
  })

  it('that a number cannot hold are refused where a number is promised', () => {
    const writer = new Writer()
    writer.int64(8, 2n ** 53n)
    const bytes = writer.finish()
    const reader = new Reader(bytes)
    reader.tag(bytes.length)
    assert.throws(() => reader.safeInt64(bytes.length), { reason: 'out-of-range', offset: 1 })
  })
})
