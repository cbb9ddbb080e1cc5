import type { Clock } from '../clock.ts'
import type { Files } from '../files/files.ts'
import type { Disk, Flush } from './append-file.ts'
import type { BucketFile } from './bucket-file.ts'
import type { TimedEvent } from './events.ts'
import type { Slab } from './slab.ts'

/** What bucket files of one folder share, and whom they tell. */
export interface Shelf {
  readonly files: Files
  readonly folder: string
  readonly disk: Disk
  readonly flush: Flush
  readonly clock: Clock
  readonly slab: Slab
  /** Milliseconds until what failed is tried again. */
  readonly retryAfter: number
  /** Bytes that were taken and are not committed yet. */
  pendingBytes: number
  /** Delayed messages that were told to be due and are neither done nor put off. */
  inHand: number
  /** No more are told until some are. */
  readonly mostInHand: number
  readonly onEvent: (event: TimedEvent) => void
  /** Nothing more is told. */
  readonly isClosing: () => boolean
  /** Nothing more is written. */
  readonly isClosed: () => boolean
  /** Something may be due, or there is room in the owner's hand. */
  readonly wake: () => void
  readonly onCommitted: () => void
  /** @param first Nothing was ever committed in it. */
  readonly onFailed: (file: BucketFile, error: unknown, first: boolean) => void
  readonly onMarksRead: (file: BucketFile) => void
  /** The bucket file is not needed any more. */
  readonly onRemoved: (file: BucketFile, removal: Promise<void>) => void
}
