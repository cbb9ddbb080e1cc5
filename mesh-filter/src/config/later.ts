import type { JsonSteps } from './problem.ts'

/**
 * Keys of the configuration model which this build does not act on. They are refused by name: to ignore one would let somebody
 * believe in a rule that nobody enforces.
 */
const later: Readonly<Record<string, readonly string[]>> = {
  $: ['affinity', 'acl', 'policy', 'limits', 'faults', 'lanes', 'endpoints', 'trace'],
  '$.headers': ['responseCode'],
  '$.routes[]': ['split', 'sticky', 'hash', 'subset'],
  '$.metrics': ['histograms'],
}

export function isLaterKey(parent: JsonSteps, key: string): boolean {
  const place = parent.reduce<string>((path, step) => (typeof step === 'number' ? `${path}[]` : `${path}.${step}`), '$')
  return later[place]?.includes(key) ?? false
}
