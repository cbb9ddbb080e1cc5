import type { JsonSteps } from './problem.ts'

/**
 * Keys of the configuration model which this build does not act on. They are refused by name: to ignore one would let somebody
 * believe in a rule that nobody enforces.
 */
const later: Readonly<Record<string, readonly string[]>> = {}
/** Of every `when` and `unless`. */
const laterFacts: readonly string[] = ['lane']

export function isLaterKey(parent: JsonSteps, key: string): boolean {
  const last = parent.at(-1)
  if ((last === 'when' || last === 'unless') && laterFacts.includes(key)) return true
  const place = parent.reduce<string>((path, step) => (typeof step === 'number' ? `${path}[]` : `${path}.${step}`), '$')
  return later[place]?.includes(key) ?? false
}
