import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

/** A certificate and its key as PEM. */
export interface Identity {
  readonly certificate: string
  readonly key: string
}

export interface CertificateContent {
  readonly subject: string
  readonly issuer: string
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  /** Host names and IP addresses that it is for. */
  readonly hosts: readonly string[]
  readonly authority: boolean
  /** For servers alone. */
  readonly serverOnly: boolean
  /** Wall time, ms. */
  readonly notBefore: number
  readonly notAfter: number
}

const DAY = 86_400_000
/** What browsers and some systems take at most, days. */
const LONGEST = 397

const ECDSA_WITH_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex')
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex')
const EXTENDED_KEY_USAGE = Buffer.from('0603551d25', 'hex')
const SERVER_AUTH = Buffer.from('06082b06010505070301', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const TRUE = Buffer.from('0101ff', 'hex')

export function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

export const pemOf = (privateKey: KeyObject): string => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

export interface SelfSignedOptions {
  /** Host names and IP addresses that it is for; the first is its subject. */
  readonly hosts: readonly string[]
  /** Wall time, ms; valid from the day before, for clocks that are not quite alike. */
  readonly now: number
  /** Default 397. */
  readonly days?: number | undefined
}

/**
 * A certificate that nobody vouches for, with a new key, for servers on machines that have none: calls are encrypted, and whoever is given the certificate
 * as `ca` knows whom it talks to. It is no authority.
 */
export function selfSignedCertificate({ hosts, now, days = LONGEST }: SelfSignedOptions): Identity {
  const { publicKey, privateKey } = newKeys()
  const name = hosts[0] ?? 'localhost'
  const certificate = certificatePem({
    subject: name,
    issuer: name,
    publicKey,
    signer: privateKey,
    hosts,
    authority: false,
    serverOnly: true,
    notBefore: now - DAY,
    notAfter: now + days * DAY,
  })
  return { certificate, key: pemOf(privateKey) }
}

/** X.509 v3 (RFC 5280) on ECDSA P-256, with as little in it as TLS wants to see: node:crypto signs, but makes no certificates. */
export function certificatePem(content: CertificateContent): string {
  const extensions = [sequence(BASIC_CONSTRAINTS, TRUE, tagged(0x04, content.authority ? sequence(TRUE) : sequence()))]
  if (content.serverOnly) extensions.push(sequence(EXTENDED_KEY_USAGE, tagged(0x04, sequence(SERVER_AUTH))))
  if (content.hosts.length > 0) extensions.push(sequence(SUBJECT_ALT_NAME, tagged(0x04, sequence(...content.hosts.map(altName)))))
  const body = sequence(
    tagged(0xa0, Buffer.from('020102', 'hex')),
    tagged(0x02, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    distinguishedName(content.issuer),
    sequence(time(content.notBefore), time(content.notAfter)),
    distinguishedName(content.subject),
    content.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, content.signer)
  const der = sequence(body, ECDSA_WITH_SHA256, tagged(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')
  return Number(digits.slice(0, 4)) < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits))
}

function altName(host: string): Buffer {
  if (isIP(host) === 4) return tagged(0x87, Buffer.from(host.split('.').map(Number)))
  if (isIP(host) === 6) return tagged(0x87, ipv6Bytes(host))
  // uniformResourceIdentifier (RFC 5280, 4.2.1.6): names of workloads, such as SPIFFE ids.
  if (host.includes('://')) return tagged(0x86, Buffer.from(host))
  return tagged(0x82, Buffer.from(host))
}

function ipv6Bytes(address: string): Buffer {
  // A URL has it in its one canonical form: no dots, at most one `::`.
  const [left = '', right] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string | undefined): number[] =>
    part === undefined || part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [head, tail] = [groups(left), groups(right)]
  const all = [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

/** A common name has 64 characters at most (RFC 5280, A.1); nobody looks at it. */
function distinguishedName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from(name.slice(0, 64))))))
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

/** Tag, length, value (X.690, 8.1); lengths up to 65,535. */
function tagged(tag: number, value: Buffer): Buffer {
  const { length } = value
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...head), value])
}
