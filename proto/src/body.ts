import { crypto, zlib } from './builtins.ts'
import type { Digest } from './gen/message.ts'

/** Checksums whose texts all official clients agree on, plus CRC32, whose text they write differently. */
export type DigestAlgorithm = 'CRC32' | 'MD5' | 'SHA1'

/** Lower-case letter to upper-case letter. */
const UPPER = 0x20

/** The checksum of a body as text: upper-case hex; CRC32 without leading zeros, as Java writes it. */
export function digest(algorithm: DigestAlgorithm, bytes: Uint8Array): string {
  if (algorithm === 'CRC32') return zlib().crc32(bytes).toString(16).toUpperCase()
  return hash(algorithm, bytes).toUpperCase()
}

function hash(algorithm: 'MD5' | 'SHA1', bytes: Uint8Array): string {
  return crypto().hash(algorithm === 'MD5' ? 'md5' : 'sha1', bytes, 'hex')
}

/** Whether the text at `start` is the checksum of these bytes: as {@link checkDigest}, for who has it as bytes and wants no text of it. */
export function isDigestAt(text: Uint8Array, start: number, end: number, algorithm: 'MD5' | 'SHA1', bytes: Uint8Array): boolean {
  const actual = hash(algorithm, bytes)
  if (actual.length !== end - start) return false
  for (let at = 0; at < actual.length; at += 1) {
    const digit = actual.charCodeAt(at)
    const code = text[start + at] as number
    // Clients write either case.
    if (code !== digit && (digit < 0x61 || code !== digit - UPPER)) return false
  }
  return true
}

/**
 * Does the body fit its digest? `unknown` when there is none or its type is not known, which is no damage.
 * CRC32 is compared by value, because clients pad it and write it in other bases.
 */
export function checkDigest(bytes: Uint8Array, expected: Digest | undefined): 'intact' | 'damaged' | 'unknown' {
  if (expected === undefined || expected.checksum === '') return 'unknown'
  const { type, checksum } = expected
  if (type === 'MD5' || type === 'SHA1') return digest(type, bytes) === checksum.toUpperCase() ? 'intact' : 'damaged'
  if (type === 'CRC32') {
    const actual = zlib().crc32(bytes)
    return Number.parseInt(checksum, 16) === actual || (/^\d+$/.test(checksum) && Number(checksum) === actual) ? 'intact' : 'damaged'
  }
  return 'unknown'
}
