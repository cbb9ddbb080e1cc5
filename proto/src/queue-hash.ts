const MASK = 0xffff_ffff_ffff_ffffn
const K0 = 0x0706_0504_0302_0100n
const K1 = 0x0f0e_0d0c_0b0a_0908n

const rotate = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (64n - by))) & MASK

/**
 * SipHash-2-4 of a message group's UTF-8 bytes with the key 00 01 … 0f, read little-endian as a signed 64-bit number: what Java and Go clients choose
 * the queue by (SipHash: Aumasson and Bernstein, 2012).
 */
export function queueHash(messageGroup: string): bigint {
  const bytes = Buffer.from(messageGroup, 'utf8')
  let v0 = 0x736f_6d65_7073_6575n ^ K0
  let v1 = 0x646f_7261_6e64_6f6dn ^ K1
  let v2 = 0x6c79_6765_6e65_7261n ^ K0
  let v3 = 0x7465_6462_7974_6573n ^ K1
  const round = (): void => {
    v0 = (v0 + v1) & MASK
    v1 = rotate(v1, 13n) ^ v0
    v0 = rotate(v0, 32n)
    v2 = (v2 + v3) & MASK
    v3 = rotate(v3, 16n) ^ v2
    v0 = (v0 + v3) & MASK
    v3 = rotate(v3, 21n) ^ v0
    v2 = (v2 + v1) & MASK
    v1 = rotate(v1, 17n) ^ v2
    v2 = rotate(v2, 32n)
  }
  const absorb = (word: bigint): void => {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }
  const whole = bytes.length - (bytes.length % 8)
  for (let at = 0; at < whole; at += 8) absorb(bytes.readBigUInt64LE(at))
  let last = BigInt(bytes.length & 0xff) << 56n
  for (let at = whole; at < bytes.length; at++) last |= BigInt(bytes[at] ?? 0) << BigInt(8 * (at - whole))
  absorb(last)
  v2 ^= 0xffn
  round()
  round()
  round()
  round()
  return BigInt.asIntN(64, v0 ^ v1 ^ v2 ^ v3)
}

/** The queue of a message group among `queueCount` queues: the hash, floor-mod. */
export function queueOf(messageGroup: string, queueCount: number): number {
  const count = BigInt(queueCount)
  const rest = queueHash(messageGroup) % count
  return Number(rest < 0n ? rest + count : rest)
}
