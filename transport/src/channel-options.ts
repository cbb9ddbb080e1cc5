import type { ChannelOptions } from './contract.ts'
import { positiveInteger } from './server-options.ts'

const DEFAULT_MAX_RESPONSE_BYTES = 64 * 1024 * 1024
const DEFAULT_CONNECT_TIMEOUT = 3_000
const DEFAULT_KEEPALIVE = 300_000
const LONGEST_DELAY = 2 ** 31 - 1

export interface ChannelLimits {
  readonly host: string
  readonly port: number
  readonly maxReceiveMessageBytes: number
  readonly connectTimeout: number
  /** 0: never. */
  readonly keepalive: number
}

/** The options with their defaults. @throws {TypeError} for an address that is no `host:port`; {RangeError} for a number out of range. */
export function channelLimits(options: ChannelOptions): ChannelLimits {
  const { host, port } = parseAddress(options.address)
  return {
    host,
    port,
    maxReceiveMessageBytes: positiveInteger('maxReceiveMessageBytes', options.maxReceiveMessageBytes ?? DEFAULT_MAX_RESPONSE_BYTES),
    connectTimeout: Math.min(positiveInteger('connectTimeout', options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT), LONGEST_DELAY),
    keepalive: options.keepalive === 0 ? 0 : Math.min(positiveInteger('keepalive', options.keepalive ?? DEFAULT_KEEPALIVE), LONGEST_DELAY),
  }
}

/** `host:port` or `[v6]:port`; the host comes without brackets. @throws {TypeError} for anything else. */
export function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:/?#[\]@]+)):(\d{1,5})$/.exec(address)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535) throw new TypeError(`address ${JSON.stringify(address)} is no host:port (IPv6 goes in brackets)`)
  return { host, port }
}

/** What {@link parseAddress} reads back. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
