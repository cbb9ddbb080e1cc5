import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { decodeHuffman, encodeHuffman, huffmanLength, mostDecoded } from './huffman.ts'
import { codeLengths, codes, EOS } from './huffman-code.ts'

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')

function encoded(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 4)
  return bytes.subarray(0, encodeHuffman(text, bytes, 0, bytes.length))
}

/** The text, or undefined when the code is not valid. */
function decoded(bytes: Uint8Array): string | undefined {
  const into = Buffer.alloc(mostDecoded(bytes.length))
  const length = decodeHuffman(bytes, 0, bytes.length, into)
  return length < 0 ? undefined : into.toString('latin1', 0, length)
}

const anyText = fc
  .oneof(
    fc.array(fc.integer({ min: 0, max: 0xff }), { maxLength: 60 }),
    fc.array(fc.integer({ min: 0x20, max: 0x7e }), { maxLength: 60 }),
    fc.array(fc.constantFrom(0, 9, 10, 22, 0x30, 0x61, 0x5c, 0xff), { maxLength: 60 }),
  )
  .map((bytes) => String.fromCharCode(...bytes))

describe('the Huffman code of HPACK (RFC 7541, 5.2 and Appendix B)', () => {
  it('has the codes of Appendix B where lengths begin and end', () => {
    // The first and last symbol of each length, as the appendix prints them; what is between follows from the order of symbols.
    for (const [symbol, code] of [
      [48, 0x0],
      [116, 0x9],
      [32, 0x14],
      [117, 0x2d],
      [58, 0x5c],
      [122, 0x7b],
      [38, 0xf8],
      [90, 0xfd],
      [33, 0x3f8],
      [63, 0x3fc],
      [39, 0x7fa],
      [124, 0x7fc],
      [35, 0xffa],
      [62, 0xffb],
      [0, 0x1ff8],
      [126, 0x1ffd],
      [94, 0x3ffc],
      [125, 0x3ffd],
      [60, 0x7ffc],
      [123, 0x7ffe],
      [92, 0x7fff0],
      [208, 0x7fff2],
      [128, 0xfffe6],
      [226, 0xfffed],
      [153, 0x1fffdc],
      [230, 0x1fffe8],
      [129, 0x3fffd2],
      [233, 0x3fffeb],
      [1, 0x7fffd8],
      [239, 0x7ffff4],
      [9, 0xffffea],
      [237, 0xfffff5],
      [199, 0x1ffffec],
      [235, 0x1ffffef],
      [192, 0x3ffffe0],
      [255, 0x3ffffee],
      [203, 0x7ffffde],
      [254, 0x7fffff0],
      [2, 0xfffffe2],
      [249, 0xffffffe],
      [10, 0x3ffffffc],
      [EOS, 0x3fffffff],
    ] as const) {
      assert.equal(codes[symbol], code, `symbol ${symbol}`)
    }
  })

  it('has a symbol for every sequence of bits, and no two for one', () => {
    assert.equal(codeLengths.length, 257)
    assert.equal(
      codeLengths.reduce((sum, length) => sum + 2 ** -length, 0),
      1,
    )
  })

  it('encodes and decodes the strings of C.4 and C.6', () => {
    for (const [text, hex] of [
      ['www.example.com', 'f1e3 c2e5 f23a 6ba0 ab90 f4ff'],
      ['no-cache', 'a8eb 1064 9cbf'],
      ['custom-key', '25a8 49e9 5ba9 7d7f'],
      ['custom-value', '25a8 49e9 5bb8 e8b4 bf'],
      ['302', '6402'],
      ['307', '640e ff'],
      ['private', 'aec3 771a 4b'],
      ['Mon, 21 Oct 2013 20:13:21 GMT', 'd07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff'],
      ['https://www.example.com', '9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3'],
      ['gzip', '9bd9 ab'],
    ] as const) {
      assert.equal(Buffer.from(encoded(text)).toString('hex'), hex.replaceAll(' ', ''))
      assert.equal(decoded(bytesOf(hex)), text)
      assert.equal(huffmanLength(text), bytesOf(hex).length)
    }
  })

  it('gives back any bytes, also several times in a row', () => {
    for (let symbol = 0; symbol < 256; symbol += 1) {
      const text = String.fromCharCode(symbol).repeat(9)
      assert.equal(decoded(encoded(text)), text, `symbol ${symbol}`)
    }
    fc.assert(
      fc.property(anyText, (text) => {
        const bytes = encoded(text)
        assert.equal(bytes.length, huffmanLength(text))
        assert.equal(decoded(bytes), text)
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes no bytes for anything else than the one text that has them as its code', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.array(fc.constantFrom(0xff, 0xfe, 0x7f, 0xf8, 0x00, 0xc7), { maxLength: 8 }).map((bytes) => Uint8Array.from(bytes)),
    )
    let valid = 0
    fc.assert(
      fc.property(hostile, (bytes) => {
        const text = decoded(bytes)
        if (text === undefined) return
        valid += 1
        assert.deepEqual(encoded(text), bytes.slice())
      }),
      { numRuns: 5_000 },
    )
    console.log('VALID', valid)
    assert.ok(valid > 50, `${valid} of the cases were valid`)
  })

  it('may be padded with up to seven ones', () => {
    // Five bits a symbol: one to eight of them leave 3, 6, 1, 4, 7, 2, 5 and 0 bits of padding.
    for (let count = 1; count <= 8; count += 1) assert.equal(decoded(encoded('0'.repeat(count))), '0'.repeat(count))
  })

  it('may not be padded with a whole byte, or with anything but ones', () => {
    assert.equal(decoded(bytesOf('ff')), undefined)
    assert.equal(decoded(bytesOf('07 ff')), undefined)
    assert.equal(decoded(bytesOf('07')), '0')
    for (const padding of [0b000, 0b001, 0b010, 0b011, 0b100, 0b101, 0b110]) assert.equal(decoded(Uint8Array.of(padding)), undefined)
  })

  it('may not hold the symbol for the end, whether padding follows or text', () => {
    assert.equal(decoded(bytesOf('ff ff ff ff')), undefined)
    assert.equal(decoded(bytesOf('ff ff ff fc 07')), undefined)
    assert.equal(decoded(bytesOf('07 ff ff ff ff')), undefined)
  })

  it('is checked and counted to its end where there is no room to keep it', () => {
    const bytes = encoded('wide open')
    const into = Buffer.from('....')
    assert.equal(decodeHuffman(bytes, 0, bytes.length, into), 9)
    assert.equal(into.toString('latin1'), 'wide')
    assert.equal(decodeHuffman(Uint8Array.of(...bytes, 0xff), 0, bytes.length + 1, into), -1)
  })

  it('is only written when it ends at the limit or before, and nothing is written behind it', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: -3, max: 3 }), (text, room) => {
        const length = huffmanLength(text)
        const limit = Math.max(0, length + room)
        const into = new Uint8Array(length + 20)
        const end = encodeHuffman(text, into, 5, 5 + limit)
        assert.equal(end, limit >= length ? 5 + length : -1)
        assert.ok(into.subarray(5 + limit).every((byte) => byte === 0))
        assert.ok(into.subarray(0, 5).every((byte) => byte === 0))
      }),
      { numRuns: 1_000 },
    )
  })

  it('exists for bytes only', () => {
    for (const text of ['\u0100', 'a\u{1f600}', '\uff30']) {
      assert.throws(() => encoded(text), TypeError)
      assert.throws(() => huffmanLength(text), TypeError)
    }
  })
})
