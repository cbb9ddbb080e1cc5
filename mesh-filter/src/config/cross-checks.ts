import type { MeshConfig } from './model.ts'
import { type ConfigProblem, type JsonSteps, jsonPath } from './problem.ts'
import { sections } from './schema.ts'
import { Report } from './section.ts'

/** What no schema can say of a configuration whose shape is right: each section's own checks. */
export function crossProblems(config: MeshConfig): ConfigProblem[] {
  const report = new Report({
    mode: config.mode,
    direction: config.direction ?? 'outbound',
    opaque: config.opaque ?? 'deny',
    onExhausted: config.hold?.onExhausted ?? 'deny',
    rejectsNatively: config.reject !== undefined && config.reject.style !== 'plain',
    hasLanes: config.lanes !== undefined,
    allowed: new Set(config.clusters?.allow),
  })
  for (const { key, check } of sections) {
    const value: unknown = Reflect.get(config, key)
    if (value !== undefined) check(value, report)
  }
  if (config.clusters === undefined && config.mode === 'route') report.add(['clusters', 'default'], 'missing')
  // JSON can write half of a surrogate pair as an escape, UTF-8 cannot: the filter, which reads bytes, would refuse the whole text.
  checkTexts(config, [], report)
  return report.problems
}

function checkTexts(value: unknown, steps: JsonSteps, report: Report): void {
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) report.add(steps, 'half of a surrogate pair is no text')
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) checkTexts(item, [...steps, index], report)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (/\p{Surrogate}/u.test(key)) report.problems.push({ path: jsonPath(steps), message: 'half of a surrogate pair in a key is no text' })
      checkTexts(item, [...steps, key], report)
    }
  }
}
