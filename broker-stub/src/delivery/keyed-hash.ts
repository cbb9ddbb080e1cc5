/** How long a hash is. */
export const HEX_DIGITS = 16

/**
 * HalfSipHash-2-4 with 64 bits of output over a text's char codes (Aumasson and Bernstein's 32-bit variant of SipHash): a keyed hash that takes about a
 * quarter of the time of HMAC-SHA256 for a receipt handle (measured on Node 20).
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
    const { length } = text
    const bytes = Buffer.allocUnsafe(length + HEX_DIGITS)
    for (let at = 0; at < length; at++) bytes[at] = text.charCodeAt(at)
    this.write(bytes, length)
    return bytes.toString('latin1', length, length + HEX_DIGITS)
  }

  /** Writes the {@link HEX_DIGITS} digits of the first `length` bytes behind them. */
  write(bytes: Uint8Array, length: number): void {
    let v0 = this.#key0
    let v1 = this.#key1 ^ 0xee
    let v2 = 0x6c796765 ^ this.#key0
    let v3 = 0x74656462 ^ this.#key1
    let low = 0
    const words = (length >>> 2) + 1
    // One loop over the words and both finalizations, in local variables alone: a closure over the state would cost as much as HMAC does.
    for (let step = 0; step < words + 2; step++) {
      let word = 0
      if (step < words) {
        const at = step * 4
        if (step === words - 1) {
          word = (length & 0xff) << 24
          for (let last = at; last < length; last++) word |= (bytes[last] as number) << (8 * (last - at))
        } else {
          word = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
        }
        v3 ^= word
      } else if (step === words) {
        v2 ^= 0xee
      } else {
        low = v1 ^ v3
        v1 ^= 0xdd
      }
      for (let round = step < words ? 2 : 4; round > 0; round--) {
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
      v0 ^= word
    }
    writeHex(bytes, length, low)
    writeHex(bytes, length + 8, v1 ^ v3)
  }
}

/** Numbers beyond 31 bits are slow to make into text by `toString`, and handles have two of them. */
function writeHex(into: Uint8Array, at: number, value: number): void {
  for (let digit = 0; digit < 8; digit++) {
    const nibble = (value >>> (28 - 4 * digit)) & 15
    into[at + digit] = nibble + (nibble < 10 ? 0x30 : 0x57)
  }
}
