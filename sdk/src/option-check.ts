import { forMany } from './abort-signals.ts'
import { invalidOption } from './errors.ts'

/** Checks of plain option objects: every complaint names the path of the value. */

/** The object itself. @throws {FeatherMQError} INVALID_OPTION when `value` is no object or has a key that is not in `known`. */
export function checkKeys(value: unknown, path: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidOption(path, value, 'an object')
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const near = known.find((name) => name.toLowerCase() === key.toLowerCase())
    throw invalidOption(
      `${path}.${key}`,
      (value as Record<string, unknown>)[key],
      near === undefined ? `one of ${known.join(', ')}` : `written ${near}`,
    )
  }
  return value as Record<string, unknown>
}

export function checkText(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw invalidOption(path, value, 'a text that is not empty')
  return value
}

export function checkOptionalText(value: unknown, path: string): string | undefined {
  return value === undefined ? undefined : checkText(value, path)
}

export function checkBoolean(value: unknown, path: string, byDefault: boolean): boolean {
  if (value === undefined) return byDefault
  if (typeof value !== 'boolean') throw invalidOption(path, value, 'true or false')
  return value
}

export function checkInteger(value: unknown, path: string, least: number, most: number, byDefault: number): number {
  if (value === undefined) return byDefault
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw invalidOption(path, value, `a whole number from ${least} to ${most}`)
  }
  return value
}

/** An object with these methods, or undefined. */
export function checkMethods(value: unknown, path: string, methods: readonly string[], what: string): void {
  if (value === undefined) return
  const has = (name: string) => typeof (value as Record<string, unknown>)[name] === 'function'
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !methods.every(has)) {
    throw invalidOption(path, value, `${what} with the methods ${methods.join(', ')}`)
  }
}

export function checkSignal(value: unknown, path: string): AbortSignal | undefined {
  if (value === undefined) return undefined
  if (value instanceof AbortSignal) return forMany(value)
  throw invalidOption(path, value, 'an AbortSignal')
}
