const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `<number><ms|s|m|h|d>`; undefined when the text is no duration. */
export function durationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  const factor = unitMs[match?.[2] ?? '']
  return factor === undefined ? undefined : Number(match?.[1]) * factor
}
