import { certificatePem, type Identity, newKeys, pemOf } from '../certificate.ts'

/** A certificate and its key as PEM. */
export type TestCertificate = Identity

export interface TestAuthority {
  /** The authority's own certificate, PEM: what a client trusts. */
  readonly ca: string
  /** Issues a certificate for these host names, IP addresses and URIs, good for servers and clients. */
  issue(...hosts: string[]): TestCertificate
}

/** UTCTime reaches no further, and a test has no business with the clock. */
const validity = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2049, 11, 31, 23, 59, 59) }

/** A certificate authority for tests, made on the spot: no fixture to leak a key or to expire. */
export function testAuthority(name = 'FeatherMQ test authority'): TestAuthority {
  const { publicKey, privateKey } = newKeys()
  const common = { issuer: name, signer: privateKey, serverOnly: false, ...validity }
  return {
    ca: certificatePem({ ...common, subject: name, publicKey, hosts: [], authority: true }),
    issue: (...hosts) => {
      const own = newKeys()
      const certificate = certificatePem({ ...common, subject: hosts[0] ?? 'client', publicKey: own.publicKey, hosts, authority: false })
      return { certificate, key: pemOf(own.privateKey) }
    },
  }
}
