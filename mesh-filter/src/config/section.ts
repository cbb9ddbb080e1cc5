import { type ConfigProblem, type JsonSteps, jsonPath } from './problem.ts'

/** A JSON schema (draft 7), or a part of one. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/** What a section's check may need to know of the others. Everything has the right shape when checks run. */
export interface Surroundings {
  readonly mode: 'route' | 'observe'
  readonly direction: 'outbound' | 'inbound' | 'gateway'
  readonly opaque: 'deny' | 'default'
  readonly onExhausted: 'deny' | 'default'
  /** Refused calls are answered as a broker would. */
  readonly rejectsNatively: boolean
  /** Calls have lanes. */
  readonly hasLanes: boolean
  /** The clusters of `clusters.allow`. */
  readonly allowed: ReadonlySet<string>
}

/** Where checks tell what they found. */
export class Report {
  readonly problems: ConfigProblem[] = []
  readonly surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings
  }

  add(steps: JsonSteps, message: string): void {
    this.problems.push({ path: jsonPath(steps), message })
  }

  cluster(steps: JsonSteps, name: string): void {
    if (!this.surroundings.allowed.has(name)) this.add(steps, `"${name}" is not in $.clusters.allow`)
  }
}

/**
 * One section of the configuration, by its key at the root. `schema` says what it looks like; `check` what no schema can say: names
 * that must occur elsewhere, ranges of durations, keys that need each other. `definitions` are added to those of the whole schema.
 * assembly/config/sections/ holds the same for the filter; test/filter/config.test.ts holds both against each other.
 */
export interface Section<T> {
  readonly key: string
  readonly schema: JsonSchema
  readonly definitions?: Readonly<Record<string, JsonSchema>>
  check?(value: T, report: Report): void
}

/** A schema for names that need no quoting anywhere. */
export const plainName: JsonSchema = {
  type: 'string',
  pattern: '^[A-Za-z0-9._-]{1,64}$',
  'x-expected': '1 to 64 letters, digits, dots, dashes and underscores',
}
