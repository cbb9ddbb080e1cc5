import type { ConnectionEvent, Method, ServerCall, ServerOptions } from './contract.ts'
import { LONGEST_TIMEOUT } from './timeout.ts'

/** gRPC's own default for received messages. */
const DEFAULT_MAX_REQUEST_BYTES = 4 * 1024 * 1024
const DEFAULT_MAX_STREAMS = 1_000
const DEFAULT_MAX_CONNECTIONS = 10_000
/** As long as many clients of gRPC let a channel be idle before they give up its connection themselves. */
const DEFAULT_MAX_IDLE = 1_800_000
const DEFAULT_AGE_GRACE = 60_000

export type ErrorReport = (error: unknown, call: Pick<ServerCall<unknown>, 'method' | 'peer'>) => void

export interface ServerLimits {
  readonly maxReceiveMessageBytes: number
  readonly maxConcurrentStreams: number
  readonly maxConnections: number
  /** 0: never. */
  readonly maxConnectionIdle: number
  /** 0: never. */
  readonly maxConnectionAge: number
  readonly maxConnectionAgeGrace: number
  /** Never throws. */
  readonly onConnectionEvent: (event: ConnectionEvent) => void
  readonly onError: ErrorReport
}

/** The options with their defaults. @throws {RangeError} for a limit that is no positive integer. */
export function serverLimits(options: ServerOptions): ServerLimits {
  return {
    maxReceiveMessageBytes: positiveInteger('maxReceiveMessageBytes', options.maxReceiveMessageBytes ?? DEFAULT_MAX_REQUEST_BYTES),
    maxConcurrentStreams: positiveInteger('maxConcurrentStreams', options.maxConcurrentStreams ?? DEFAULT_MAX_STREAMS),
    maxConnections: positiveInteger('maxConnections', options.maxConnections ?? DEFAULT_MAX_CONNECTIONS),
    maxConnectionIdle: delay('maxConnectionIdle', options.maxConnectionIdle ?? DEFAULT_MAX_IDLE),
    maxConnectionAge: delay('maxConnectionAge', options.maxConnectionAge ?? 0),
    maxConnectionAgeGrace: delay('maxConnectionAgeGrace', options.maxConnectionAgeGrace ?? DEFAULT_AGE_GRACE),
    onConnectionEvent: guarded(options.onConnectionEvent),
    onError: options.onError ?? reportToConsole,
  }
}

/** Who counts connections must not be able to break them. */
function guarded(listener: ServerOptions['onConnectionEvent']): (event: ConnectionEvent) => void {
  return (event) => {
    try {
      listener?.(event)
    } catch (error) {
      console.error('onConnectionEvent failed:', error)
    }
  }
}

export function positiveInteger(option: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${option} must be a positive integer, not ${value}`)
  return value
}

function delay(option: string, value: number): number {
  return value === 0 ? 0 : Math.min(positiveInteger(option, value), LONGEST_TIMEOUT)
}

function reportToConsole(error: unknown, call: { readonly method: Method; readonly peer: { readonly address: string } }): void {
  console.error(`the handler of ${call.method.path} failed for a call from ${call.peer.address}:`, error)
}
