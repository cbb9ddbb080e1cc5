/** Characters of an MD5 in hex. */
const MD5_LENGTH = 32

/** What a stored message's digest is: a SHA1, or the MD5 that was made of messages stored before log format 2. */
export function digestType(digest: string): 'MD5' | 'SHA1' {
  return digest.length === MD5_LENGTH ? 'MD5' : 'SHA1'
}
