import type { ChannelOptions } from './contract.ts'
import { positiveInteger } from './server-options.ts'

const DEFAULT_MAX_RESPONSE_BYTES = 64 * 1024 * 1024
const DEFAULT_CONNECT_TIMEOUT = 3_000
const DEFAULT_KEEPALIVE = 300_000
const LONGEST_DELAY = 2 ** 31 - 1

/** Where a server may be: at a port of a host, or at a socket in the file system. */
export interface Endpoint {
  /** As it was written. */
  readonly text: string
  /** Empty for a local one. */
  readonly host: string
  readonly port: number
  readonly path: string | undefined
}

export interface ChannelLimits {
  readonly endpoints: readonly [Endpoint, ...Endpoint[]]
  readonly maxReceiveMessageBytes: number
  readonly connectTimeout: number
  /** 0: never. */
  readonly keepalive: number
}

/** The options with their defaults. @throws {TypeError} for an address that is none; {RangeError} for a number out of range. */
export function channelLimits(options: ChannelOptions): ChannelLimits {
  return {
    endpoints: parseAddress(options.address),
    maxReceiveMessageBytes: positiveInteger('maxReceiveMessageBytes', options.maxReceiveMessageBytes ?? DEFAULT_MAX_RESPONSE_BYTES),
    connectTimeout: Math.min(positiveInteger('connectTimeout', options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT), LONGEST_DELAY),
    keepalive: options.keepalive === 0 ? 0 : Math.min(positiveInteger('keepalive', options.keepalive ?? DEFAULT_KEEPALIVE), LONGEST_DELAY),
  }
}

/** `host:port`, `[v6]:port` or `unix:/path`, or several with commas between them. @throws {TypeError} for anything else. */
export function parseAddress(address: string): readonly [Endpoint, ...Endpoint[]] {
  const [first = '', ...others] = address.split(',').map((part) => part.trim())
  return [endpoint(first, address), ...others.map((part) => endpoint(part, address))]
}

function endpoint(text: string, address: string): Endpoint {
  const path = localPath(text)
  if (path !== undefined) return { text, host: '', port: 0, path }
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:/?#[\]@]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535) {
    throw new TypeError(
      `address ${JSON.stringify(address)} is no host:port (IPv6 goes in brackets) and no unix:/path, nor several of them with commas between`,
    )
  }
  return { text, host, port, path: undefined }
}

/** The path in `unix:/path`; undefined for a host. */
export function localPath(host: string): string | undefined {
  return /^unix:(?:\/\/(?=\/))?(\/?[^\0/][^\0]*)$/.exec(host)?.[1]
}

/** What {@link parseAddress} reads back. */
export function formatAddress(host: string, port: number): string {
  if (localPath(host) !== undefined) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
