import { isIP } from 'node:net'
import type { JsonObject } from './json.ts'
import { ManifestError } from './manifest-error.ts'

/** Where something listens. */
export interface Address {
  /** An IP address without brackets, or a DNS name. */
  readonly host: string
  readonly port: number
}

/** Where a broker listens, and how to talk to it. */
export interface Endpoint extends Address {
  readonly tls: boolean
  /** By which subsets of a cluster are told apart; mostly none. */
  readonly labels: Readonly<Record<string, string>>
}

/** Reads `HOST:PORT`, IPv6 in brackets. @throws ManifestError that names `what`. */
export function parseAddress(text: string, what: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65535 || (match?.[1] !== undefined && isIP(host) !== 6)) {
    throw new ManifestError(`${what}: "${text}" is no address; write HOST:PORT, for example 127.0.0.1:8081 or [::1]:8081`)
  }
  return { host, port }
}

/** Reads `HOST:PORT` or `tls://HOST:PORT`, and `?key=value&…` behind it. @throws ManifestError that names `what`. */
export function parseEndpoint(text: string, what: string): Endpoint {
  const [, scheme, rest = ''] = /^(?:([a-z0-9+]+):\/\/)?(.*)$/s.exec(text) ?? []
  if (scheme !== undefined && scheme !== 'tls') {
    throw new ManifestError(`${what}: unknown scheme "${scheme}://"; write HOST:PORT for plaintext or tls://HOST:PORT`)
  }
  const [place = '', ...query] = rest.split('?')
  const labels = Object.fromEntries(new URLSearchParams(query.join('?')))
  const address = parseAddress(place, what)
  if (address.port === 0) throw new ManifestError(`${what}: port 0 is nowhere to connect to`)
  return { ...address, tls: scheme === 'tls', labels }
}

export function socketAddress({ host, port }: Address): JsonObject {
  return { socket_address: { address: host, port_value: port } }
}
