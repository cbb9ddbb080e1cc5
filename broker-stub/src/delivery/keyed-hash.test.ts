import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { KeyedHash } from './keyed-hash.ts'

/**
 * HalfSipHash-2-4 with eight bytes of output, as the authors publish it (github.com/veorq/SipHash, vectors.h): the key is 00 … 07, the input 00, 01, … of
 * as many bytes as the number says. The shortest, some of about a handle's length with every length of the tail, and the longest.
 */
const VECTORS: Readonly<Record<number, string>> = {
  0: '218d1f59b9b83cc8',
  1: 'be552412f8387315',
  2: '064f39ef7c50eb57',
  3: 'ce0f1a45f7060679',
  4: 'd5e78a175be52ea1',
  5: 'cb9d7c3f2f3db580',
  6: 'ce3e91358aa2bc25',
  7: 'ff202728b07bc684',
  8: 'edfee820bce4858c',
  40: '5b38c81c67c8ae4c',
  41: '95ab7189d439acb3',
  42: 'a91a52c025327024',
  43: '5b0087c69528acea',
  44: '1e30f3ad27dcb15a',
  45: '697f5c9a90324ed4',
  46: '495c0f995557dc38',
  63: '2ea63c71bf326087',
}

const key = Uint8Array.from({ length: 8 }, (_, index) => index)

/** The reference writes its two words with the lowest byte first. */
function asWords(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  return bytes.readUInt32LE(0).toString(16).padStart(8, '0') + bytes.readUInt32LE(4).toString(16).padStart(8, '0')
}

describe('the keyed hash', () => {
  it('is HalfSipHash-2-4 as its authors compute it', () => {
    const hash = new KeyedHash(key)
    for (const [length, hex] of Object.entries(VECTORS)) {
      const text = String.fromCharCode(...Array.from({ length: Number(length) }, (_, index) => index))
      assert.equal(hash.hex(text), asWords(hex), `${length} bytes`)
    }
  })

  it('reads its key from wherever it lies in a larger buffer', () => {
    const pool = new Uint8Array(20).fill(255)
    pool.set(key, 5)
    assert.equal(new KeyedHash(pool.subarray(5, 13)).hex(''), asWords(VECTORS[0] ?? ''))
  })

  it('is always sixteen hex digits, whatever the text', () => {
    const hash = new KeyedHash(key)
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 600, size: 'max' }), (text) => assert.match(hash.hex(text), /^[0-9a-f]{16}$/)))
  })

  it('differs for two texts, and for two keys', () => {
    const bytes = fc.uint8Array({ minLength: 8, maxLength: 8 })
    const text = fc.string({ unit: 'binary-ascii', maxLength: 60 })
    fc.assert(
      fc.property(bytes, bytes, text, text, (one, other, a, b) => {
        if (a !== b) assert.notEqual(new KeyedHash(one).hex(a), new KeyedHash(one).hex(b))
        if (Buffer.compare(one, other) !== 0) assert.notEqual(new KeyedHash(one).hex(a), new KeyedHash(other).hex(a))
      }),
    )
  })

  it('refuses a key that is too short', () => {
    assert.throws(() => new KeyedHash(new Uint8Array(7)), RangeError)
  })
})
