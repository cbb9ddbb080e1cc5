import { readFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { type ServerTls, selfSignedCertificate } from '@feathermq/transport'
import { OptionError, type TlsConfig } from '../options.ts'

const WILDCARD = /^(0\.0\.0\.0|::)$/
/** What a certificate can hold; a host may be called anything. */
const DNS_NAME = /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i

/**
 * The material for a server: that of the files, or a certificate made now.
 *
 * @param hosts what clients may call this broker, beside what every machine is called. @param now wall time, ms.
 * @throws {OptionError} that names the file that cannot be read.
 */
export function serverTls({ cert, key, selfSigned, alsoPlaintext }: TlsConfig, hosts: readonly string[], now: number): ServerTls {
  if (selfSigned === true) return { ...selfSignedCertificate({ hosts: namesOf(hosts), now }), alsoPlaintext: alsoPlaintext ?? true }
  if (cert === undefined || key === undefined) throw new OptionError('options: tls: needs cert and key, or selfSigned: true')
  return { certificate: pem(cert), key: pem(key), alsoPlaintext: alsoPlaintext ?? false }
}

/** Runs what takes the material of these files. @throws {OptionError} that names them when they are no certificate with its key. */
export function naming<T>({ cert, key }: TlsConfig, use: () => T): T {
  try {
    return use()
  } catch (cause) {
    if (cause instanceof TypeError) throw new OptionError(`the PEM files ${cert} and ${key} are no certificate with its key`, { cause })
    throw cause
  }
}

function namesOf(hosts: readonly string[]): string[] {
  const names = ['localhost', '127.0.0.1', '::1', hostname(), ...hosts.filter((host) => !WILDCARD.test(host))]
  if (hosts.some((host) => WILDCARD.test(host))) {
    for (const addresses of Object.values(networkInterfaces())) for (const { address } of addresses ?? []) names.push(address)
  }
  return [...new Set(names.filter((name) => DNS_NAME.test(name) || name.includes(':')))]
}

function pem(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new OptionError(`the PEM file ${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}
