import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { HpackDecoder, type HpackDecoderOptions } from './decoder.ts'
import type { HpackReason } from './error.ts'

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const decoderWith = (options: Partial<HpackDecoderOptions> = {}): HpackDecoder =>
  new HpackDecoder({ maxListBytes: 16_384, maxFields: 128, ...options })

/** `name: value` of each field; throws unless the list is within its limits. */
function decode(decoder: HpackDecoder, hex: string): string[] {
  const { outcome, fields } = outcomeOf(decoder, hex)
  assert.equal(outcome, 'ok')
  return fields
}

function outcomeOf(decoder: HpackDecoder, hex: string): { outcome: string; fields: string[] } {
  const bytes = bytesOf(hex)
  const into: string[] = []
  const outcome = decoder.decode(bytes, 0, bytes.length, into)
  assert.equal(into.length % 2, 0)
  return { outcome, fields: into.flatMap((text, i) => (i % 2 === 0 ? [`${text}: ${into[i + 1]}`] : [])) }
}

function refuses(decoder: HpackDecoder, hex: string, reason: HpackReason, offset: number): void {
  assert.throws(() => decode(decoder, hex), { name: 'HpackError', reason, offset })
}

/** Bytes of text as hex. */
const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex')
/** A literal with indexing: short name, value of up to 2^14 bytes. */
function entry(name: string, value: string): string {
  const length = value.length < 127 ? [value.length] : [127, ((value.length - 127) & 0x7f) | 0x80, (value.length - 127) >> 7]
  return `40${Buffer.from([name.length]).toString('hex')}${ascii(name)}${Buffer.from(length).toString('hex')}${ascii(value)}`
}

describe('the decoder of HPACK (RFC 7541, 3.2 and 6)', () => {
  it('reads only from start to end, and tells offsets from the start', () => {
    const decoder = decoderWith()
    const bytes = bytesOf('ffff 82 86 80')
    const into: string[] = ['before']
    decoder.decode(bytes, 2, 4, into)
    assert.deepEqual(into, ['before', ':method', 'GET', ':scheme', 'http'])
    assert.throws(() => decoder.decode(bytes, 2, 5, []), { reason: 'index', offset: 2 })
  })

  it('takes an empty block for an empty list', () => {
    assert.deepEqual(decode(decoderWith(), ''), [])
  })

  it('gives bytes beyond ASCII as they came, one character each, with and without Huffman', () => {
    const decoder = decoderWith()
    assert.deepEqual(decode(decoder, '00 01 61 03 c3a900'), ['a: \u00c3\u00a9\u0000'])
    // 0xe9 is 22 bits, 3fffeb; two ones of padding.
    assert.deepEqual(decode(decoder, '00 01 61 83 ffffaf'), ['a: \u00e9'])
  })

  it('gives the same strings each time a field comes from the table, and reads none of it again', () => {
    const decoder = decoderWith()
    const value = 'v'.repeat(100)
    const first: string[] = []
    const bytes = bytesOf(`${entry('long-enough-name', value)}be`)
    decoder.decode(bytes, 0, bytes.length, first)
    bytes.fill(0)
    const again: string[] = []
    decoder.decode(Uint8Array.of(0xbe), 0, 1, again)
    assert.deepEqual(again, ['long-enough-name', value])
    assert.deepEqual(first, [...again, ...again])
  })

  it('keeps out of the table what is not to be indexed', () => {
    const decoder = decoderWith()
    decode(decoder, `00 01 61 01 62 10 01 61 01 62 04 01 63`)
    assert.equal(decoder.table.length, 0)
  })

  it('takes the name of an entry also when adding the field evicts that entry', () => {
    const decoder = decoderWith({ maxTableSize: 64 })
    decode(decoder, entry('abc', '1'.repeat(29)))
    assert.deepEqual(decode(decoder, `7e 02 ${ascii('22')}`), ['abc: 22'])
    assert.deepEqual(decoder.table.entries(), [['abc', '22']])
  })

  it('empties the table for an entry that is larger than it, and still gives the field', () => {
    const decoder = decoderWith({ maxTableSize: 100 })
    decode(decoder, entry('a', '1'))
    assert.deepEqual(decode(decoder, entry('b', '2'.repeat(90))), [`b: ${'2'.repeat(90)}`])
    assert.equal(decoder.table.length, 0)
  })
})

describe('the decoder of HPACK refuses', () => {
  it('index 0, indexes beyond both tables, and names from there', () => {
    refuses(decoderWith(), '80', 'index', 0)
    refuses(decoderWith(), '82 be', 'index', 1)
    refuses(decoderWith(), `${entry('a', '1')} bf`, 'index', 5)
    refuses(decoderWith(), '7e 01 61', 'index', 0)
    refuses(decoderWith(), '0f 2f 01 61', 'index', 0)
    refuses(decoderWith(), '1f 2f 01 61', 'index', 0)
    refuses(decoderWith(), 'ff ff ff ff 0f', 'index', 0)
  })

  it('indexes and lengths that overflow', () => {
    refuses(decoderWith(), 'ff ff ff ff ff 0f', 'integer', 1)
    refuses(decoderWith(), 'ff 80 80 80 80 80 01', 'integer', 1)
    refuses(decoderWith(), '00 7f ff ff ff ff ff 61', 'integer', 2)
  })

  it('strings that go on behind the end of the block, however long they say they are', () => {
    refuses(decoderWith(), '00 02 61', 'truncated', 3)
    refuses(decoderWith(), '00 01 61 05 6262', 'truncated', 6)
    refuses(decoderWith(), '00 01 61 ff 80 ff ff ff 0e 62', 'truncated', 10)
    refuses(decoderWith(), '04', 'truncated', 1)
    refuses(decoderWith(), '82 40', 'truncated', 2)
  })

  it('Huffman codes that are not valid, in names and in values, needed or not', () => {
    refuses(decoderWith(), '00 81 00 01 61', 'huffman', 2)
    refuses(decoderWith(), '00 01 61 82 07ff', 'huffman', 4)
    refuses(decoderWith(), '40 01 61 84 ffffffff', 'huffman', 4)
    refuses(decoderWith({ maxFields: 0 }), '00 01 61 82 07ff', 'huffman', 4)
  })
})

describe('the size of the table', () => {
  it('is set by the peer, at the beginning of a block and up to the maximum', () => {
    const decoder = decoderWith({ maxTableSize: 100 })
    decode(decoder, `${entry('a', '1')}${entry('b', '2')}`)
    decode(decoder, '3f 05') // 36
    assert.deepEqual(decoder.table.entries(), [['b', '2']])
    decode(decoder, '20')
    assert.equal(decoder.table.length, 0)
    assert.deepEqual(decode(decoder, `20 3f 45 ${entry('c', '3')}`), ['c: 3']) // 0, then 100
    assert.equal(decoder.table.length, 1)
  })

  it('does not rise above the maximum', () => {
    refuses(decoderWith({ maxTableSize: 100 }), '3f 46', 'table-size', 0)
    refuses(decoderWith(), '20 3f e2 1f', 'table-size', 1) // 4097
    refuses(decoderWith(), '3f ff ff ff ff 0f', 'integer', 1)
    refuses(decoderWith(), '3f e0 ff ff ff 0f', 'table-size', 0) // 2^32 - 1
    const decoder = decoderWith()
    decode(decoder, '3f e1 1f') // 4096
    decoder.setMaxTableSize(8_192)
    decode(decoder, '3f e1 3f') // 8192
    assert.equal(decoder.table.maxSize, 8_192)
  })

  it('does not change behind a field', () => {
    refuses(decoderWith(), '82 20', 'late-table-size', 1)
    refuses(decoderWith(), '20 82 3f e1 1f', 'late-table-size', 2)
  })

  it('has to fall at the beginning of the next block when the maximum has fallen', () => {
    for (const [block, reason, offset] of [
      ['82', 'missing-table-size', 0],
      ['', 'missing-table-size', 0],
      ['3f 46', 'table-size', 0], // 101
      ['3f 46 3f 45', 'table-size', 0],
    ] as const) {
      const decoder = decoderWith()
      decoder.setMaxTableSize(100)
      refuses(decoder, block, reason, offset)
    }
    for (const block of ['3f 45 82', '20 82', '20 3f 45 82', '3f 45']) {
      const decoder = decoderWith()
      decoder.setMaxTableSize(100)
      decode(decoder, block)
      decode(decoder, '82')
    }
  })

  it('has to fall to the lowest of several maxima before it rises to the last', () => {
    const lowered = (): HpackDecoder => {
      const decoder = decoderWith()
      decode(decoder, entry('a', '1'.repeat(20)))
      decoder.setMaxTableSize(50)
      decoder.setMaxTableSize(1_000)
      return decoder
    }
    refuses(lowered(), '3f c9 07', 'table-size', 0) // 1000
    const decoder = lowered()
    decode(decoder, '3f 13 3f c9 07') // 50, 1000
    assert.deepEqual([decoder.table.length, decoder.table.maxSize], [0, 1_000])
  })

  it('need not fall when it is as low as the new maximum already', () => {
    const decoder = decoderWith()
    decode(decoder, '3f 13') // 50
    decoder.setMaxTableSize(50)
    decode(decoder, '82')
    decoder.setMaxTableSize(4_096)
    decode(decoder, '82')
  })
})

describe('a list that is too large', () => {
  it('is one of more bytes than allowed, 32 beyond name and value for each field', () => {
    const list = '82 86 84' // 42, 43, 38
    assert.deepEqual(outcomeOf(decoderWith({ maxListBytes: 123 }), list), { outcome: 'ok', fields: [':method: GET', ':scheme: http', ':path: /'] })
    assert.deepEqual(outcomeOf(decoderWith({ maxListBytes: 122 }), list), { outcome: 'too-large', fields: [':method: GET', ':scheme: http'] })
    assert.deepEqual(outcomeOf(decoderWith({ maxListBytes: 0 }), list), { outcome: 'too-large', fields: [] })
    assert.deepEqual(outcomeOf(decoderWith({ maxListBytes: 0 }), ''), { outcome: 'ok', fields: [] })
  })

  it('is one of more fields than allowed', () => {
    assert.deepEqual(outcomeOf(decoderWith({ maxFields: 2 }), '82 86'), { outcome: 'ok', fields: [':method: GET', ':scheme: http'] })
    assert.deepEqual(outcomeOf(decoderWith({ maxFields: 2 }), '82 86 84'), { outcome: 'too-large', fields: [':method: GET', ':scheme: http'] })
  })

  it('counts a Huffman code as what it decodes to', () => {
    const zeros = '00 01 61 85 0000000000' // eight zeros
    assert.equal(outcomeOf(decoderWith({ maxListBytes: 41 }), zeros).outcome, 'ok')
    assert.equal(outcomeOf(decoderWith({ maxListBytes: 40 }), zeros).outcome, 'too-large')
  })

  it('has nothing behind the first field that had no room, also where a smaller one would fit', () => {
    const { outcome, fields } = outcomeOf(decoderWith({ maxListBytes: 100 }), `82 00 01 61 3f ${ascii('x'.repeat(63))} 84`)
    assert.deepEqual({ outcome, fields }, { outcome: 'too-large', fields: [':method: GET'] })
  })

  it('leaves the table as the peer knows it, and the next list is read as ever', () => {
    for (const limits of [{ maxListBytes: 50 }, { maxFields: 1 }]) {
      const decoder = decoderWith(limits)
      assert.equal(outcomeOf(decoder, `82 ${entry('a', '1')} ${entry('b', 'x'.repeat(500))} 40 82 18ff 81 07`).outcome, 'too-large')
      assert.deepEqual(decoder.table.entries(), [
        ['aa', '0'],
        ['b', 'x'.repeat(500)],
        ['a', '1'],
      ])
      assert.deepEqual(decode(decoder, 'c0'), ['a: 1'])
    }
  })

  it('empties the table where the peer does, for an entry that neither list nor table has room for', () => {
    const decoder = decoderWith({ maxListBytes: 100, maxTableSize: 200 })
    decode(decoder, entry('a', '1'))
    assert.equal(outcomeOf(decoder, entry('b', 'x'.repeat(300))).outcome, 'too-large')
    assert.equal(decoder.table.length, 0)
  })

  it('may be longer than the buffer that strings are decoded in', () => {
    // The code of '0' is five zeros.
    const length = 20_000
    const code = Buffer.alloc((length * 5) / 8)
    const bytes = Buffer.concat([bytesOf('00 01 61 ff'), Buffer.from([((12_500 - 127) & 0x7f) | 0x80, (12_500 - 127) >> 7]), code])
    const into: string[] = []
    assert.equal(decoderWith({ maxListBytes: 20_033 }).decode(bytes, 0, bytes.length, into), 'ok')
    assert.equal(into[1], '0'.repeat(length))
    assert.equal(decoderWith({ maxListBytes: 20_032 }).decode(bytes, 0, bytes.length, []), 'too-large')
  })
})
