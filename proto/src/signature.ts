import { crypto } from './builtins.ts'

const SCHEME = 'MQv2-HMAC-SHA1'

export interface Signing {
  readonly accessKey: string
  readonly secretKey: string
  /** Value of `x-mq-date-time` of the same call, which is all that is signed. */
  readonly date: string
}

/** The value of `x-mq-date-time`: UTC, `yyyyMMdd'T'HHmmss'Z'`. */
export function signingDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '')
}

const sign = (secretKey: string, date: string): Buffer => crypto().createHmac('sha1', secretKey).update(date).digest()

/** The value of `authorization`: HMAC-SHA1 over the date, upper-case hex. May be kept for the second that the date names. */
export function authorizationHeader({ accessKey, secretKey, date }: Signing): string {
  const signature = sign(secretKey, date).toString('hex').toUpperCase()
  return `${SCHEME} Credential=${accessKey}, SignedHeaders=x-mq-date-time, Signature=${signature}`
}

export interface Authorization {
  readonly accessKey: string
  /** Hex, upper or lower case as the client wrote it. */
  readonly signature: string
}

/** Takes the header apart; undefined when it is of another scheme or lacks a part. Of `Credential` only what precedes the first `/` counts. */
export function parseAuthorization(header: string): Authorization | undefined {
  const space = header.indexOf(' ')
  if (header.slice(0, space) !== SCHEME) return undefined
  let accessKey: string | undefined
  let signature: string | undefined
  for (const part of header.slice(space + 1).split(',')) {
    const equals = part.indexOf('=')
    const value = part.slice(equals + 1).trim()
    const name = part.slice(0, equals).trim()
    if (name === 'Credential') accessKey = value.split('/')[0]
    else if (name === 'Signature') signature = value
  }
  return accessKey === undefined || accessKey === '' || signature === undefined ? undefined : { accessKey, signature }
}

/** Was the date signed with this secret? Compared in constant time; the case of the hex digits does not matter. */
export function verifySignature(secretKey: string, date: string, signature: string): boolean {
  const expected = sign(secretKey, date)
  if (!/^[0-9a-fA-F]{40}$/.test(signature)) return false
  return crypto().timingSafeEqual(expected, Buffer.from(signature, 'hex'))
}
