import type { ErrorCode } from './protocol.ts'

/** What happened that somebody may want to count: the connection was given up, a stream was, the peer said GOAWAY (RFC 9113, 5.4 and 6.8). */
export interface ConnectionEvent {
  readonly name: 'connection-refused' | 'stream-refused' | 'goaway'
  readonly code: ErrorCode
  readonly reason: string
}
