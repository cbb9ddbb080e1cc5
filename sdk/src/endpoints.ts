import { net } from './builtins.ts'
import { invalidOption } from './errors.ts'

export interface Address {
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

/** One or more addresses that serve the same thing; the protocol's `Endpoints`. */
export interface EndpointList {
  readonly scheme: 'IPv4' | 'IPv6' | 'DOMAIN_NAME'
  readonly addresses: readonly Address[]
}

/** What the option `endpoints` says. */
export interface AccessPoint extends EndpointList {
  /** From `http://` or `https://`; undefined when the option leaves it open. */
  readonly tls: boolean | undefined
}

const PORT_OF_SCHEME: Readonly<Record<string, number>> = { http: 80, https: 443 }

/**
 * Reads `host:port`, `a:1;b:2`, `a:1,b:2`, `[::1]:8081`, `http://host:port` (plaintext) and `https://host:port` (TLS); a scheme may stand before each
 * part but must be the same. IPv6 addresses need brackets, and a port may be left out only after a scheme (80 and 443, as in URLs).
 *
 * @throws {FeatherMQError} INVALID_OPTION
 */
export function parseEndpoints(text: unknown, path = 'endpoints'): AccessPoint {
  const wanted = "one or more addresses such as '127.0.0.1:8081', '[::1]:8081', 'a:8081;b:8081' or 'https://mq.example.com:8081'"
  if (typeof text !== 'string') throw invalidOption(path, text, wanted)
  const parts = text
    .split(/[;,]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (parts.length === 0) throw invalidOption(path, text, wanted)
  const parsed = parts.map((part) => parsePart(part, path))
  const schemes = new Set(parsed.map(({ scheme }) => scheme).filter((scheme) => scheme !== undefined))
  if (schemes.size > 1) throw invalidOption(path, text, 'either http:// or https:// for all addresses, not both')
  const [scheme] = schemes
  const addresses = parsed.map(({ address }) => address)
  return { scheme: schemeOf(addresses), addresses: unique(addresses), tls: scheme === undefined ? undefined : scheme === 'https' }
}

/** `host:port`, IPv6 in brackets. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Equal for lists of the same addresses, whatever their order: servers shuffle them. */
export function endpointKey(addresses: readonly Address[]): string {
  return addresses.map(formatAddress).sort().join(';')
}

export function schemeOf(addresses: readonly Address[]): EndpointList['scheme'] {
  if (addresses.every(({ host }) => net().isIPv4(host))) return 'IPv4'
  return addresses.every(({ host }) => net().isIPv6(host)) ? 'IPv6' : 'DOMAIN_NAME'
}

interface Part {
  readonly scheme: string | undefined
  readonly address: Address
}

const grammar = /^(?:(?<scheme>[a-zA-Z][a-zA-Z0-9+.-]*):\/\/)?(?:\[(?<ipv6>[^\]]*)\]|(?<host>[^:/?#@[\]\s]+))(?::(?<port>\d{1,5}))?\/?$/

function parsePart(part: string, path: string): Part {
  const groups = grammar.exec(part)?.groups
  if (groups === undefined) {
    const bare = net().isIPv6(part.replace(/:\d+$/, '')) || net().isIPv6(part)
    throw invalidOption(
      path,
      part,
      bare ? 'an IPv6 address in brackets, e.g. [::1]:8081' : 'host:port, optionally with http:// or https:// before it',
    )
  }
  const scheme = groups['scheme']?.toLowerCase()
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    throw invalidOption(path, part, 'an address with http:// or https:// or no scheme')
  const ipv6 = groups['ipv6']
  if (ipv6 !== undefined && !net().isIPv6(ipv6)) throw invalidOption(path, part, 'an IPv6 address within the brackets')
  const port = groups['port'] === undefined ? PORT_OF_SCHEME[scheme ?? ''] : Number(groups['port'])
  if (port === undefined) throw invalidOption(path, part, 'host:port; RocketMQ proxies and FeatherMQ listen on 8081 unless configured otherwise')
  if (port < 1 || port > 65_535) throw invalidOption(path, part, 'an address with a port from 1 to 65535')
  return { scheme, address: { host: ipv6 ?? groups['host'] ?? '', port } }
}

function unique(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()]
}
