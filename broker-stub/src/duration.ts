const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A span of time as people write it: milliseconds, or `<number><ms|s|m|h|d>`, rounded to whole milliseconds. */
export type Duration = number | string

/** Milliseconds. @throws {RangeError} for anything else than a {@link Duration}. */
export function toMs(duration: Duration): number {
  if (typeof duration === 'number') {
    if (Number.isFinite(duration) && duration >= 0) return duration
    throw new RangeError(`${duration} is no duration: give milliseconds, 0 or more`)
  }
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration).trim())
  const ms = Math.round(Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN))
  if (!Number.isFinite(ms)) throw new RangeError(`"${duration}" is no duration: write a number and ms, s, m, h or d, e.g. "30s"`)
  return ms
}
