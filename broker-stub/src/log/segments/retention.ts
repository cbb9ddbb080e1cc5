export interface RetentionPolicy {
  /** How long a message is kept at least, ms; undefined: for ever. */
  readonly maxAge: number | undefined
  /** What the segments may take together on disk; undefined: no limit. */
  readonly maxBytes: number | undefined
}

export interface RetainedSegment {
  readonly base: number
  readonly bytes: number
  readonly newestStoredAt: number
  readonly sealed: boolean
}

/** By default messages stay for 72 hours, as Apache RocketMQ's do, however much they take. */
export const DEFAULT_RETENTION: RetentionPolicy = { maxAge: 72 * 60 * 60 * 1000, maxBytes: undefined }

/**
 * Which segments go now, oldest first. A segment goes as a whole, when its latest message is too old or the log takes too much; never one behind one
 * that stays, and never the one that is being written, so that the log always knows which positions it has used.
 */
export function expiredSegments(segments: readonly RetainedSegment[], now: number, { maxAge, maxBytes }: RetentionPolicy): number[] {
  const expired: number[] = []
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  for (const segment of [...segments].sort((a, b) => a.base - b.base)) {
    const tooOld = maxAge !== undefined && segment.newestStoredAt < now - maxAge
    const tooMuch = maxBytes !== undefined && bytes > maxBytes
    if (!segment.sealed || (!tooOld && !tooMuch)) break
    expired.push(segment.base)
    bytes -= segment.bytes
  }
  return expired
}
