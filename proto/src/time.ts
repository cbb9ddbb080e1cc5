import type { Duration, Timestamp } from './gen/time.ts'

/** A point in time as the protocol writes it; nanoseconds count up, also before 1970 (google.protobuf.Timestamp). */
export function timestampFromMs(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000)
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) }
}

/** Milliseconds since the epoch, the part below a millisecond cut off. */
export function msFromTimestamp(timestamp: Timestamp): number {
  return timestamp.seconds * 1000 + Math.floor(timestamp.nanos / 1e6)
}

/** A span of time as the protocol writes it; seconds and nanoseconds carry the same sign (google.protobuf.Duration). */
export function durationFromMs(ms: number): Duration {
  const seconds = Math.trunc(ms / 1000)
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) }
}

/** Milliseconds, the part below a millisecond cut off towards zero. */
export function msFromDuration(duration: Duration): number {
  return duration.seconds * 1000 + Math.trunc(duration.nanos / 1e6)
}
