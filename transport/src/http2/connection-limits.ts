import type { Budget, FloodKind } from './flood-guard.ts'

/** What one connection may cost. */
export interface ConnectionLimits {
  /** What a stream may send ahead of its reader, bytes. */
  readonly streamWindow: number
  /** The same for all streams together. */
  readonly connectionWindow: number
  /** For what messages that are not whole may send without a reservation, bytes of all streams. See {@link ./message-room.ts}. */
  readonly unreservedBytes: number
  /** For the rest of those messages, bytes of all streams. */
  readonly reservedBytes: number
  /** Longest header list, bytes by the count of RFC 9113, 6.5.2; also the longest block on the wire. */
  readonly maxHeaderListBytes: number
  readonly maxHeaderFields: number
  /** What may wait for a peer that does not read, bytes; beyond it the connection is given up. DATA waits before it comes to so much. */
  readonly maxWaitingBytes: number
  /** What may wait for a peer that gives no window, bytes of all streams; beyond it the connection is given up. */
  readonly maxQueuedBytes: number
  /** How long a frame, a header block or the first SETTINGS may take to become whole, ms; and a message for which others have to wait. */
  readonly patience: number
  /** How long the peer may take to read what was sent at once, which is {@link ./sender.ts}'s pressure at most, ms. */
  readonly readPatience: number
  readonly budgets: Readonly<Record<FloodKind, Budget>>
}
