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
  const low = sorted[(sorted.length - 1) >> 1]
  const high = sorted[sorted.length >> 1]
  if (min === undefined || max === undefined || low === undefined || high === undefined) throw new Error('no rounds, no statistics')
  return { median: (low + high) / 2, min, max }
}

/** Round by round: noise that slowed both cancels out. */
export function quotients(dividends: readonly number[], divisors: readonly number[]): Spread {
  return spread(dividends.map((dividend, round) => dividend / (divisors[round] ?? Number.NaN)))
}

export function show({ median, min, max }: Spread): string {
  return `${figure(median)} (${figure(min)}–${figure(max)})`
}

/** Three significant digits, no exponent. */
function figure(value: number): string {
  if (value >= 100) return String(Math.round(value))
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
