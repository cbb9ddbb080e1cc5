/** What several rounds of one measurement gave. Machines are noisy: the spread is told with every figure. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** @throws an Error without any value. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const [min] = sorted
  const max = sorted.at(-1)
  const low = sorted[Math.floor((sorted.length - 1) / 2)]
  const high = sorted[Math.ceil((sorted.length - 1) / 2)]
  if (min === undefined || max === undefined || low === undefined || high === undefined) throw new Error('no rounds, no statistics')
  return { median: (low + high) / 2, min, max }
}

/** Ratios of the same rounds: noise that slowed both cancels out. */
export function ratios(ours: readonly number[], theirs: readonly number[]): Spread {
  return spread(ours.map((own, round) => (theirs[round] ?? Number.NaN) / own))
}

/** Three significant digits, no exponent. */
export function figure(value: number): string {
  if (value >= 100) return String(Math.round(value))
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export function withSpread({ median, min, max }: Spread, unit = ''): string {
  return `${figure(median)}${unit} (${figure(min)}–${figure(max)})`
}
