import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { HpackDecoder } from './decoder.ts'
import { type FieldMode, HpackEncoder } from './encoder.ts'
import { HpackOutput } from './output.ts'

type Field = readonly [name: string, value: string, mode?: FieldMode]

function encode(encoder: HpackEncoder, fields: readonly Field[]): Uint8Array {
  const output = new HpackOutput()
  encoder.begin(output)
  for (const [name, value, mode = 'index'] of fields) encoder.field(name, value, mode)
  return output.bytes.slice(0, output.length)
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function decode(decoder: HpackDecoder, bytes: Uint8Array): string[] {
  const into: string[] = []
  assert.equal(decoder.decode(bytes, 0, bytes.length, into), 'ok')
  return into
}

const decoderOf = (maxTableSize = 4_096): HpackDecoder => new HpackDecoder({ maxTableSize, maxListBytes: 1_000_000, maxFields: 1_000 })

const request: readonly Field[] = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/apache.rocketmq.v2.MessagingService/SendMessage'],
  [':authority', '127.0.0.1:8081'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
  ['user-agent', 'feathermq/0.1.0'],
  ['x-mq-client-id', 'host@1@0@abc'],
]

describe('the encoder of HPACK (RFC 7541, 6)', () => {
  it('writes one byte for each field that the peer knows from blocks before', () => {
    const encoder = new HpackEncoder()
    encode(encoder, request)
    assert.equal(encode(encoder, request).length, request.length)
    assert.equal(hex(encode(encoder, [...request].reverse())).length, 2 * request.length)
  })

  it('leaves the table alone for values that differ each time, and refers to their names', () => {
    const encoder = new HpackEncoder()
    const id = (call: number): Field => ['x-mq-request-id', `5f3b9c1e-77aa-4c0e-9d3b-${call}`, 'plain']
    const timeout = (call: number): Field => ['grpc-timeout', `${call}m`, 'plain']
    const signed = (call: number): Field => ['authorization', `MQv2-HMAC-SHA1 ${call}`, 'plain']
    encode(encoder, [...request, id(0), timeout(0), signed(0)])
    const before = encoder.table.entries()
    assert.equal(before.length, request.length - 2 + 2)
    for (let call = 1; call <= 1_000; call += 1) encode(encoder, [...request, id(call), timeout(call), signed(call)])
    assert.deepEqual(encoder.table.entries(), before)
    // Two bytes for the name, one for the length, eight digits and `m` at least.
    assert.equal(hex(encode(encoder, [['grpc-timeout', '00000000', 'plain']])), '0f2f 85 0000000000'.replaceAll(' ', ''))
  })

  it('makes no entry for the sake of a name where another would have to go for it, or where it would be large', () => {
    const encoder = new HpackEncoder()
    encode(encoder, [['large', 'x'.repeat(300), 'plain']])
    assert.equal(encoder.table.length, 0)
    encode(encoder, [['filler', 'x'.repeat(4_040)]])
    for (let call = 0; call < 3; call += 1) encode(encoder, [['grpc-timeout', `${call}0000000m`, 'plain']])
    assert.deepEqual(
      encoder.table.entries().map(([name]) => name),
      ['filler'],
    )
  })

  it('makes no entry of what is larger than the table, and keeps what is there', () => {
    const encoder = new HpackEncoder()
    encode(encoder, [['a', '1']])
    encode(encoder, [['b', 'x'.repeat(4_096)]])
    assert.deepEqual(encoder.table.entries(), [['a', '1']])
  })

  it('neither keeps secrets in the table nor looks there for them', () => {
    const encoder = new HpackEncoder()
    assert.equal(hex(encode(encoder, [['x', '&', 'never']])), '10 01 78 01 26'.replaceAll(' ', ''))
    assert.equal(encoder.table.length, 0)
    encode(encoder, [['x', '&']])
    assert.equal(hex(encode(encoder, [['x', '&', 'never']])), '1f 2f 01 26'.replaceAll(' ', ''))
    assert.equal(hex(encode(encoder, [[':method', 'GET', 'never']])).slice(0, 2), '12')
  })

  it('uses Huffman only where that is shorter', () => {
    const encoder = new HpackEncoder()
    // `&` has 8 bits: as long as it is. `aaaaa` has 25: four bytes.
    assert.equal(hex(encode(encoder, [['te', '&&', 'never']])), '10 02 7465 02 2626'.replaceAll(' ', ''))
    assert.equal(hex(encode(encoder, [['te', 'aaaaa', 'never']])), '10 02 7465 84 18c6 31ff'.replaceAll(' ', ''))
    assert.equal(hex(encode(encoder, [['', '', 'never']])), '10 00 00'.replaceAll(' ', ''))
  })

  it('writes strings of any length, also where the length of the code takes fewer bytes than that of the text', () => {
    for (const letter of ['0', 'a', 'X', '&', '\u00ff']) {
      for (const length of [1, 125, 126, 127, 128, 129, 158, 199, 200, 203, 204, 205, 254, 255, 256, 300, 406, 407, 408, 20_000, 40_000]) {
        const field = ['x', letter.repeat(length)] as const
        const bytes = encode(new HpackEncoder(), [field])
        assert.deepEqual(decode(decoderOf(), bytes), [...field], `${length} of ${letter}`)
        assert.ok(bytes.length <= length + 7)
      }
    }
  })

  it('refuses characters that are no bytes, and goes on as if the field had not been given', () => {
    const encoder = new HpackEncoder()
    const decoder = decoderOf()
    const output = new HpackOutput()
    encoder.begin(output)
    encoder.field('a', '1', 'index')
    for (const [name, value] of [
      ['b', '\u0100'],
      ['\u0100', 'b'],
      ['b', `&&&&&&&&&&&&\u20ac`],
      ['b', `${'x'.repeat(300)}\u{1f600}`],
    ] as const) {
      for (const mode of ['index', 'plain', 'never'] as const) assert.throws(() => encoder.field(name, value, mode), TypeError)
    }
    encoder.field('c', '3', 'index')
    assert.deepEqual(decode(decoder, output.bytes.slice(0, output.length)), ['a', '1', 'c', '3'])
    assert.deepEqual(decoder.table.entries(), encoder.table.entries())
  })

  it('writes behind what the output has already, and not without a block', () => {
    const encoder = new HpackEncoder()
    assert.throws(() => encoder.field('a', '1', 'plain'), /begin/)
    const output = new HpackOutput()
    output.bytes.fill(7, 0, 9)
    output.length = 9
    encoder.begin(output)
    encoder.field(':method', 'GET', 'index')
    assert.equal(hex(output.bytes.subarray(0, output.length)), '07070707070707070782')
  })
})

describe('the size of the table of the encoder', () => {
  it('is told at the beginning of the next block when the peer allows less, and what does not fit is evicted', () => {
    const encoder = new HpackEncoder()
    const decoder = decoderOf()
    decode(decoder, encode(encoder, request))
    encoder.setPeerTableSize(100)
    decoder.setMaxTableSize(100)
    const bytes = encode(encoder, [])
    assert.equal(hex(bytes), '3f45')
    decode(decoder, bytes)
    assert.equal(encoder.table.length, 1)
    assert.deepEqual(decoder.table.entries(), encoder.table.entries())
    assert.equal(hex(encode(encoder, [])), '')
  })

  it('is told twice when it was lower in between', () => {
    const encoder = new HpackEncoder()
    encode(encoder, request)
    encoder.setPeerTableSize(4_000)
    encoder.setPeerTableSize(0)
    encoder.setPeerTableSize(4_096)
    assert.equal(hex(encode(encoder, [])), '203fe11f')
    assert.equal(encoder.table.length, 0)
    assert.equal(encoder.table.maxSize, 4_096)
  })

  it('does not rise above what we are willing to use, and is told once if that is less than the peer allows at first', () => {
    assert.equal(hex(encode(new HpackEncoder({ maxTableSize: 64 }), [])), '3f21')
    const encoder = new HpackEncoder({ maxTableSize: 64 })
    encoder.setPeerTableSize(65_536)
    assert.equal(hex(encode(encoder, [])), '3f21')
    assert.equal(hex(encode(encoder, [])), '')
    assert.equal(encoder.table.maxSize, 64)
    // A peer may insist on being told of every reduction (RFC 9113, 4.3.1).
    encoder.setPeerTableSize(100)
    assert.equal(hex(encode(encoder, [])), '3f21')
  })

  it('rises with what the peer allows up to what we are willing to use', () => {
    const encoder = new HpackEncoder({ maxTableSize: 8_192 })
    assert.equal(hex(encode(encoder, [])), '')
    encoder.setPeerTableSize(65_536)
    assert.equal(hex(encode(encoder, [])), '3fe13f')
    encoder.setPeerTableSize(65_535)
    encoder.setPeerTableSize(4_096)
    assert.equal(hex(encode(encoder, [])), '3fe11f')
  })

  it('is not told when the peer allows what it allowed before', () => {
    const encoder = new HpackEncoder()
    encoder.setPeerTableSize(4_096)
    encoder.setPeerTableSize(65_536)
    assert.equal(hex(encode(encoder, [])), '')
  })

  it('lets what was prepared become entries once there is room for it', () => {
    const encoder = new HpackEncoder()
    const decoder = decoderOf(4_096)
    const prepared = [['te', 'trailers']] as const
    const block = (): Uint8Array => {
      const output = new HpackOutput()
      encoder.begin(output)
      encoder.fields(prepared)
      return output.bytes.slice(0, output.length)
    }
    encoder.setPeerTableSize(0)
    for (let times = 0; times < 2; times += 1) assert.deepEqual(decode(decoder, block()), ['te', 'trailers'])
    encoder.setPeerTableSize(4_096)
    assert.deepEqual(decode(decoder, block()), ['te', 'trailers'])
    assert.equal(block().length, 1)
  })

  it('may be 0: then nothing is indexed', () => {
    const encoder = new HpackEncoder()
    const decoder = decoderOf(4_096)
    encoder.setPeerTableSize(0)
    for (let block = 0; block < 2; block += 1) assert.deepEqual(decode(decoder, encode(encoder, [['te', 'trailers']])), ['te', 'trailers'])
    assert.equal(decoder.table.length, 0)
  })
})
