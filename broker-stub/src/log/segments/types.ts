import type { Clock } from '../../clock.ts'
import type { Files } from '../../files/files.ts'
import type { SegmentLogListener } from './events.ts'
import type { Flush } from './segment-writer.ts'
import type { StoredRecord } from './stored-record.ts'

export interface SegmentLogOptions {
  readonly files: Files
  /** Nobody else may write there: see {@link Files.lock}. */
  readonly folder: string
  readonly clock: Clock
  /** Default `'commit'`. */
  readonly flush?: Flush | undefined
  /** Bytes of a segment's file, 8 MiB … 1 GiB, default 64 MiB. Segments that are there keep theirs. */
  readonly segmentSize?: number | undefined
  /** Bytes that may wait for their commit before appending answers `full`, default 64 MiB. */
  readonly maxQueued?: number | undefined
  /** Bytes of the youngest records that stay in memory, default 16 MiB. */
  readonly tail?: number | undefined
  /** Bytes of older blocks that stay in memory, default 32 MiB. */
  readonly cache?: number | undefined
  readonly onEvent?: SegmentLogListener | undefined
  /** Secrets of segments. */
  readonly random?: ((bytes: number) => Buffer) | undefined
}

export type AppendAnswer =
  /** Committed later: see {@link SegmentLog.committed}. */
  | { readonly kind: 'appended'; readonly position: number; readonly length: number }
  /** More waits for its commit than there may. */
  | { readonly kind: 'full' }
  /** The disk takes nothing; it is tried again once a second. */
  | { readonly kind: 'unavailable'; readonly reason: string }

export type ReadAnswer =
  | StoredRecord
  /** What is there is no record of that length. */
  | 'damaged'
  /** Removed, failed, or never there. */
  | 'gone'
  /** Not in memory: {@link SegmentLog.load}. */
  | undefined

export interface SegmentInfo {
  readonly base: number
  /** Its records lie before this position. */
  readonly end: number
  /** What its file takes. */
  readonly bytes: number
  /** Wall time, ms; -Infinity when it holds none. */
  readonly newestStoredAt: number
  /** Nothing is added any more; only then it can be removed. */
  readonly sealed: boolean
}

export interface SegmentLogStats {
  readonly segments: number
  /** On disk. */
  readonly bytes: number
  /** Bytes that wait for their commit. */
  readonly queued: number
  readonly tail: number
  readonly cached: number
  /** Places where records cannot be read. */
  readonly damaged: number
}
