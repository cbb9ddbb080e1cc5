import type { BodyBuffer } from './body-buffer.ts'
import type { HeaderMap } from './header-map.ts'

/** What `proxy_send_local_response` asks for. */
export interface Answer {
  readonly httpStatus: number
  /** Undefined when the filter left the gRPC status to Envoy. */
  readonly grpcStatus: number | undefined
  /** For access logs: `%RESPONSE_CODE_DETAILS%`. */
  readonly details: string
  readonly body: Buffer
  /** Headers that the filter adds. */
  readonly headers: HeaderMap
}

/** The calls that only streams can take. */
export interface StreamCalls {
  setProperty(path: string, value: string): void
  answer(answer: Answer): void
  resume(direction: 'request' | 'response'): void
  /** Resets the call in both directions. */
  breakOff(): void
  clearRouteCache(): void
}

/** Whom a host call is for: a stream, a plugin's root context, or the VM. */
export interface Context {
  readonly id: number
  /** Undefined for the VM's own context. */
  readonly root: RootCalls | undefined
  /** Undefined for contexts that are no streams. */
  readonly stream: StreamCalls | undefined
  /** In `proxy_on_log`, where an absent map is no mistake. */
  readonly isLogging: boolean
  /** The map as it may be read now. */
  readableMap(type: number): HeaderMap | undefined
  /** The map as it may be changed now. */
  writableMap(type: number): HeaderMap | undefined
  /** To be called after a map was changed: tells whether that can have any effect. */
  mapChanged(type: number): 'effective' | 'too-late'
  /** The bytes of a body that can be seen now. */
  body(direction: 'request' | 'response'): BodyBuffer | undefined
  property(path: readonly string[]): Uint8Array | undefined
}

/** The calls that go to a plugin's root context, whoever makes them. */
export interface RootCalls {
  readonly id: number
  readonly name: string
  /** Only while `proxy_on_configure` runs. */
  readonly visibleConfiguration: Uint8Array | undefined
  setTickPeriod(ms: number): void
  /** `proxy_done`: true when the context had answered 0 to `proxy_on_done` and may go now. */
  done(): boolean
}
