import type { FeatherMQError } from '../errors.ts'
import type { CloseReport } from './consumer-options.ts'
import type { Outcome } from './delivery.ts'
import type { Missed } from './event-feed.ts'

/** Where a consumer is in its life. */
export type ConsumerState =
  /** Made, or stopped by the signal of its run: it may run. */
  | { readonly name: 'idle' }
  /** Looks up routes and waits for the server's settings. */
  | { readonly name: 'starting' }
  | {
      readonly name: 'running'
      /** Topics that are paused. */
      readonly paused: readonly string[]
      /** `host:port` of endpoints whose telemetry stream is down just now; it is opened again for ever. */
      readonly disconnected: readonly string[]
    }
  /** Takes no more messages; handlers finish. */
  | { readonly name: 'stopping' }
  | { readonly name: 'closed'; readonly report: CloseReport }

/** What happens to a consumer. */
export type ConsumerEvent =
  /** The state changed, or its details did. The first event of every reader: the state as it is. */
  | { readonly type: 'state'; readonly state: ConsumerState }
  /** A receive or an assignment failed and is tried again; told once for each kind of trouble. */
  | { readonly type: 'receive-failed'; readonly topic: string; readonly error: FeatherMQError }
  /** It works again. */
  | { readonly type: 'receiving-again'; readonly topic: string }
  /** The handler threw; `next` says in words what becomes of the message. */
  | {
      readonly type: 'handler-failed'
      readonly topic: string
      readonly messageId: string
      readonly attempt: number
      readonly next: string
      readonly error: unknown
    }
  | { readonly type: 'dead-letter'; readonly topic: string; readonly messageId: string; readonly reason: string | undefined }
  /** The server could not be told what became of a message (LEASE_LOST, or it is away): it delivers it again. */
  | {
      readonly type: 'settle-failed'
      readonly topic: string
      readonly messageId: string
      readonly outcome: Outcome | undefined
      readonly error: unknown
    }
  /** The reader was too slow, so many older events were dropped. */
  | Missed
