import type { SegmentLogEvent } from '../log/segments/events.ts'

/** What an operator wants to know of a durable store. */
export type StoreEvent =
  | SegmentLogEvent
  /** All is at hand. What was cut and what cannot be read was told before, place by place. */
  | {
      readonly kind: 'opened'
      readonly durationMs: number
      readonly segments: number
      readonly bytes: number
      /** Records of the log that no index file knew. */
      readonly walked: number
      /** Bytes that were being written when the process or the machine stopped. */
      readonly cut: number
      /** Bytes that were stored and cannot be read. */
      readonly skipped: number
      /** Topics of which there was something and that are no more. */
      readonly droppedTopics: number
    }
  /** An index file was damaged, or could not be written or removed: it is made again from the log. Nothing is lost. */
  | { readonly kind: 'index-problem'; readonly error: Error }
  /** A message, or where it lies, could not be read; it is tried again every second. Told at most once a second. */
  | { readonly kind: 'read-failed'; readonly topic: string; readonly error: Error }
  /** Another message lies where one should be: it is taken for damaged. */
  | { readonly kind: 'misplaced'; readonly topic: string; readonly queueId: number; readonly offset: number; readonly position: number }
  /** A segment went because its messages were too old, or took too much; `moved` of them are still needed and were kept. */
  | { readonly kind: 'removed'; readonly base: number; readonly bytes: number; readonly moved: number }
  /** A segment should have gone and is still there; it is tried again. */
  | { readonly kind: 'not-removed'; readonly base: number; readonly error: Error }

export type StoreListener = (event: StoreEvent) => void
