import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { HpackDecoder } from './decoder.ts'
import { HpackEncoder } from './encoder.ts'
import { HpackError } from './error.ts'
import { HpackOutput } from './output.ts'

const long = process.env['FEATHERMQ_LONG'] === '1'

const limits = { maxTableSize: 300, maxListBytes: 200, maxFields: 5 }

/** A block that a decoder would take, to spoil. */
function goodBlock(): Uint8Array {
  const output = new HpackOutput()
  const encoder = new HpackEncoder({ maxTableSize: 300 })
  encoder.begin(output)
  encoder.field(':method', 'POST', 'index')
  encoder.field(':path', '/apache.rocketmq.v2.MessagingService/SendMessage', 'index')
  encoder.field('x-mq-client-id', 'host@1@0@abc', 'index')
  encoder.field('x-mq-client-id', 'host@1@0@abc', 'index')
  encoder.field('grpc-timeout', '3000m', 'plain')
  encoder.field('authorization', 'MQv2-HMAC-SHA1 Credential=ak/sk, Signature=0a1b2c', 'never')
  return output.bytes.slice(0, output.length)
}

const good = goodBlock()

const random = fc.uint8Array({ maxLength: 60 })
/** Bytes that begin something, rather than text. */
const structured = fc
  .array(fc.constantFrom(0x00, 0x01, 0x02, 0x05, 0x0f, 0x10, 0x20, 0x3f, 0x40, 0x41, 0x7f, 0x80, 0x81, 0x82, 0x83, 0xbe, 0xbf, 0xff), {
    maxLength: 40,
  })
  .map((bytes) => Uint8Array.from(bytes))
const spoilt = fc
  .tuple(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(good.length))
  .map(([changes, cut]) => {
    const bytes = good.slice(0, cut === 0 ? good.length : cut)
    for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
    return bytes
  })

describe('the decoder of HPACK, whatever it is sent', () => {
  it('reads it or throws HpackError, and stays within its limits', () => {
    const outcomes: Record<string, number> = {}
    fc.assert(
      fc.property(fc.array(fc.oneof(random, structured, spoilt), { minLength: 1, maxLength: 3 }), (blocks) => {
        const decoder = new HpackDecoder(limits)
        for (const bytes of blocks) {
          const into: string[] = []
          let outcome: string
          try {
            outcome = decoder.decode(bytes, 0, bytes.length, into)
          } catch (error) {
            assert.ok(error instanceof HpackError, String(error))
            assert.ok(error.offset >= 0 && error.offset <= bytes.length, error.message)
            outcome = error.reason
          }
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
          assert.ok(into.length % 2 === 0 && into.length / 2 <= limits.maxFields)
          assert.ok(into.join('').length + 16 * into.length <= limits.maxListBytes)
          const { table } = decoder
          assert.ok(table.size <= table.maxSize && table.maxSize <= limits.maxTableSize)
          assert.equal(
            table.entries().reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0),
            table.size,
          )
          if (outcome !== 'ok' && outcome !== 'too-large') break
        }
      }),
      { numRuns: long ? 1_000_000 : 10_000 },
    )
    // All ways out are found, or the cases are too tame.
    for (const outcome of ['ok', 'too-large', 'truncated', 'integer', 'index', 'huffman', 'table-size', 'late-table-size']) {
      assert.ok((outcomes[outcome] ?? 0) > 0, `${outcome}: ${JSON.stringify(outcomes)}`)
    }
  }).timeout(long ? 600_000 : 20_000)

  it('does not unpack a small block into a large list', () => {
    const decoder = new HpackDecoder({ maxListBytes: 65_536, maxFields: 128 })
    const output = new HpackOutput()
    const encoder = new HpackEncoder()
    encoder.begin(output)
    encoder.field('x', 'x'.repeat(4_000), 'index')
    decoder.decode(output.bytes, 0, output.length, [])
    // A million references to one entry of 4 kB: 4 GB as a list.
    const bomb = new Uint8Array(1_000_000).fill(0xbe)
    const into: string[] = []
    assert.equal(decoder.decode(bomb, 0, bomb.length, into), 'too-large')
    assert.equal(into.length, 2 * Math.floor(65_536 / 4_033))
    assert.equal(decoder.table.length, 1)
  })

  it('does not unpack a small block into many fields', () => {
    const decoder = new HpackDecoder({ maxListBytes: Number.MAX_SAFE_INTEGER, maxFields: 128 })
    const bomb = new Uint8Array(1_000_000).fill(0x82)
    const into: string[] = []
    assert.equal(decoder.decode(bomb, 0, bomb.length, into), 'too-large')
    assert.equal(into.length, 256)
  })

  it('does no more for an entry that evicts than was done to add what it evicts', () => {
    // The smallest entries fill the table, one large one empties it, again and again.
    const small = [0x40, 0x00, 0x00]
    const large = [0x40, 0x00, 0x7f, 0xc1, 0x1e, ...new Array<number>(4_032).fill(0x61)]
    const block = Uint8Array.from([...Array.from({ length: 128 }, () => small).flat(), ...large])
    const whole = new Uint8Array(block.length * 200)
    for (let i = 0; i < 200; i += 1) whole.set(block, i * block.length)
    const decoder = new HpackDecoder({ maxListBytes: 1_000, maxFields: 10 })
    assert.equal(decoder.decode(whole, 0, whole.length, []), 'too-large')
    assert.deepEqual(decoder.table.entries(), [
      ['', 'a'.repeat(4_032)],
      ['', ''],
    ])
  })
})
