import { crypto, tls as nodeTls } from './builtins.ts'
import type { ServerTls } from './contract.ts'

/** node:tls takes an authority that is no certificate and then trusts nobody. @throws {TypeError} that names the option. */
export function checkAuthority(option: string, pem: string | Uint8Array | undefined): void {
  if (pem === undefined) return
  try {
    ;new (crypto().X509Certificate)(pem)
  } catch (cause) {
    throw new TypeError(`${option} is no PEM certificate`, { cause })
  }
}

/** @throws {TypeError} that names the options when one cannot be read, is missing, or they do not belong together. */
export function checkIdentity(options: string, certificate: string | Uint8Array | undefined, key: string | Uint8Array | undefined): void {
  if (certificate === undefined && key === undefined) return
  if (certificate === undefined || key === undefined) throw new TypeError(`${options} go together, one is missing`)
  try {
    nodeTls().createSecureContext({ cert: Buffer.from(certificate), key: Buffer.from(key) })
  } catch (cause) {
    throw new TypeError(`${options} are no PEM certificate with its key`, { cause })
  }
}

/** @throws {TypeError} for what a server cannot use. */
export function checkServerTls(tls: ServerTls): void {
  checkAuthority('tls.clientCa', tls.clientCa)
  checkIdentity('tls.certificate and tls.key', tls.certificate, tls.key)
}

/** A server that began in plaintext cannot be given a certificate: clients would be cut off by a change that looks harmless. */
export function plaintextServer(): Error {
  return new Error('the server was made without TLS; its certificate cannot be replaced')
}
