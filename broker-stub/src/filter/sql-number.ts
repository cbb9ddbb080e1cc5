import type { SqlNumber } from './sql-tree.ts'

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
/** Digits of the largest whole number that is kept exact, those of 2^63; longer ones are floats. */
const EXACT = /^[+-]?\d{1,19}$/

/** Longest text that is looked at. A property may have 16 KiB, and an expression may name it a thousand times. */
const LONGEST = 256

/** A text as a number, written as in an expression but with a sign and any zeros before it; undefined when it is none. */
export function numberOf(text: string): SqlNumber | undefined {
  if (text.length > LONGEST || !NUMBER.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) || !EXACT.test(text) ? value : BigInt(text)
}

export function negative(value: SqlNumber): SqlNumber {
  return -value
}

/** Less than zero, zero or more, as left is less than, equal to or greater than right; exact also between the two types. */
export function order(left: SqlNumber, right: SqlNumber): number {
  return left < right ? -1 : left > right ? 1 : 0
}
