/** Longest time in ms that a timer of Node can wait; 24.8 days. */
export const LONGEST_TIMEOUT: number = 2 ** 31 - 1

/** The timeout of a call in ms, undefined for none. @throws {RangeError} for NaN. */
export function clampTimeout(timeout: number | undefined): number | undefined {
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return undefined
  if (Number.isNaN(timeout)) throw new RangeError('timeout must be a number of milliseconds, not NaN')
  return Math.min(Math.max(0, timeout), LONGEST_TIMEOUT)
}

/** `grpc-timeout` has at most 8 digits (gRPC over HTTP/2, TimeoutValue). */
const MOST = 99_999_999

let formatted = { ms: 0, text: '0m' }

/** The value of `grpc-timeout`: as exact as its 8 digits allow, never shorter than asked. */
export function formatGrpcTimeout(timeout: number): string {
  const ms = Math.ceil(timeout)
  // Most calls of a program have the same, and the same text is found by a look.
  if (ms !== formatted.ms) formatted = { ms, text: ms <= MOST ? `${ms}m` : `${Math.ceil(ms / 1_000)}S` }
  return formatted.text
}

const UNITS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 }

/** Milliseconds of a `grpc-timeout`, clamped to {@link LONGEST_TIMEOUT} (the Java client asks for 60 years); undefined when it is malformed. */
export function parseGrpcTimeout(value: string): number | undefined {
  const last = value.length - 1
  const unit = UNITS[value[last] ?? '']
  if (unit === undefined || last < 1 || last > 8) return undefined
  let amount = 0
  for (let at = 0; at < last; at += 1) {
    const digit = value.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) return undefined
    amount = amount * 10 + digit
  }
  return Math.min(amount * unit, LONGEST_TIMEOUT)
}
