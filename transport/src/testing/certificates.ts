import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

/** A certificate and its key as PEM. */
export interface TestCertificate {
  readonly certificate: string
  readonly key: string
}

export interface TestAuthority {
  /** The authority's own certificate, PEM: what a client trusts. */
  readonly ca: string
  /** Issues a certificate for these host names and IP addresses, good for servers and clients. */
  issue(...hosts: string[]): TestCertificate
}

/**
 * A certificate authority for tests, made on the spot: no fixture to leak a key or to expire. ECDSA P-256, X.509 v3 (RFC 5280) with as little in it as
 * node:tls wants to see.
 */
export function testAuthority(name = 'FeatherMQ test authority'): TestAuthority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const ca = certificate({ subject: name, issuer: name, publicKey: keys.publicKey, signer: keys.privateKey, hosts: [], authority: true })
  return {
    ca,
    issue: (...hosts) => {
      const own = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
      const subject = hosts[0] ?? 'client'
      return {
        certificate: certificate({ subject, issuer: name, publicKey: own.publicKey, signer: keys.privateKey, hosts, authority: false }),
        key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }
    },
  }
}

interface Content {
  readonly subject: string
  readonly issuer: string
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly hosts: readonly string[]
  readonly authority: boolean
}

const ECDSA_WITH_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex')
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const TRUE = Buffer.from('0101ff', 'hex')
/** Not before 2020, not after 2049: UTCTime reaches no further, and a test has no business with the clock. */
const VALIDITY = sequence(tagged(0x17, Buffer.from('200101000000Z')), tagged(0x17, Buffer.from('491231235959Z')))

function certificate(content: Content): string {
  const extensions = [sequence(BASIC_CONSTRAINTS, TRUE, tagged(0x04, content.authority ? sequence(TRUE) : sequence()))]
  if (content.hosts.length > 0) extensions.push(sequence(SUBJECT_ALT_NAME, tagged(0x04, sequence(...content.hosts.map(altName)))))
  const body = sequence(
    tagged(0xa0, Buffer.from('020102', 'hex')),
    tagged(0x02, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    distinguishedName(content.issuer),
    VALIDITY,
    distinguishedName(content.subject),
    content.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, content.signer)
  const der = sequence(body, ECDSA_WITH_SHA256, tagged(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function altName(host: string): Buffer {
  if (isIP(host) === 4) return tagged(0x87, Buffer.from(host.split('.').map(Number)))
  if (isIP(host) === 6) throw new Error(`${host}: IPv6 addresses are not issued for`)
  return tagged(0x82, Buffer.from(host))
}

function distinguishedName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from(name)))))
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
