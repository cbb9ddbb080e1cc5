import type { ConnectionEvent, Method, ServerCall, ServerOptions } from './contract.ts'

/** gRPC's own default for received messages. */
const DEFAULT_MAX_REQUEST_BYTES = 4 * 1024 * 1024
const DEFAULT_MAX_STREAMS = 1_000
const DEFAULT_MAX_CONNECTIONS = 10_000

export type ErrorReport = (error: unknown, call: Pick<ServerCall<unknown>, 'method' | 'peer'>) => void

export interface ServerLimits {
  readonly maxReceiveMessageBytes: number
  readonly maxConcurrentStreams: number
  readonly maxConnections: number
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

function reportToConsole(error: unknown, call: { readonly method: Method; readonly peer: { readonly address: string } }): void {
  console.error(`the handler of ${call.method.path} failed for a call from ${call.peer.address}:`, error)
}
