import { invalidOption } from './errors.ts'

/** A length of time: a number of milliseconds, or a number with its unit, e.g. `250`, `'1.5s'`, `'20s'`, `'5m'`, `'12h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/**
 * Milliseconds of a duration, a whole number.
 *
 * @throws {FeatherMQError} INVALID_OPTION, naming `path`, when it is negative, not finite, without a unit or outside of `least` … `most`.
 */
export function milliseconds(value: unknown, path: string, least = 0, most: number = Number.MAX_SAFE_INTEGER): number {
  const ms = parse(value)
  if (ms === undefined) throw invalidOption(path, value, "a number of milliseconds or a text such as '250ms', '20s', '5m', '12h', '7d'")
  if (ms < least || ms > most) throw invalidOption(path, value, `${format(least)} to ${format(most)}`)
  return ms
}

/** The same length as text for people, in the largest unit that leaves a whole number. */
export function format(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = unitMs[unit] ?? 1
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`
  }
  return `${ms}ms`
}

function parse(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined
  if (typeof value !== 'string') return undefined
  const [, amount, unit] = pattern.exec(value) ?? []
  if (amount === undefined || unit === undefined) return undefined
  const ms = Number(amount) * (unitMs[unit] ?? Number.NaN)
  return Number.isFinite(ms) ? Math.round(ms) : undefined
}
