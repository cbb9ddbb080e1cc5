/**
 * HalfSipHash-2-4 with 64 bits of output over a text's char codes (Aumasson and Bernstein's 32-bit variant of SipHash): a keyed hash that costs well
 * under a microsecond for a receipt handle, where HMAC costs three.
 */
export class KeyedHash {
  readonly #key0: number
  readonly #key1: number

  /** @param key Eight secret bytes. */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, key.length)
    this.#key0 = view.getInt32(0, true)
    this.#key1 = view.getInt32(4, true)
  }

  /** Sixteen hex digits. Only the low eight bits of each char count: handles are ASCII. */
  hex(text: string): string {
    let v0 = this.#key0
    let v1 = this.#key1 ^ 0xee
    let v2 = 0x6c796765 ^ this.#key0
    let v3 = 0x74656462 ^ this.#key1
    const rounds = (count: number): void => {
      for (let round = 0; round < count; round++) {
        v0 = (v0 + v1) | 0
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
        v0 = (v0 << 16) | (v0 >>> 16)
        v2 = (v2 + v3) | 0
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
        v0 = (v0 + v3) | 0
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
        v2 = (v2 + v1) | 0
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
        v2 = (v2 << 16) | (v2 >>> 16)
      }
    }
    const absorb = (word: number): void => {
      v3 ^= word
      rounds(2)
      v0 ^= word
    }
    const { length } = text
    const whole = length - (length % 4)
    const byte = (at: number): number => text.charCodeAt(at) & 0xff
    for (let at = 0; at < whole; at += 4) absorb(byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24))
    let last = (length & 0xff) << 24
    for (let at = whole; at < length; at++) last |= byte(at) << (8 * (at - whole))
    absorb(last)
    v2 ^= 0xee
    rounds(4)
    const low = (v1 ^ v3) >>> 0
    v1 ^= 0xdd
    rounds(4)
    const high = (v1 ^ v3) >>> 0
    return low.toString(16).padStart(8, '0') + high.toString(16).padStart(8, '0')
  }
}
