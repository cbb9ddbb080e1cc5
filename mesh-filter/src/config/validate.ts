import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { crossProblems } from './cross-checks.ts'
import type { MeshConfig } from './model.ts'
import { type ConfigProblem, type JsonSteps, jsonPath } from './problem.ts'
import { schema } from './schema.ts'

/** What {@link validateConfig} found. */
export type Validation = { readonly ok: true; readonly config: MeshConfig } | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Path of the published JSON schema on this machine, for editors and other validators. */
export const schemaUrl: URL = new URL('../../schema/feathermq-mesh.schema.json', import.meta.url)

let compiled: ValidateFunction<MeshConfig> | undefined

function validator(): ValidateFunction<MeshConfig> {
  if (compiled !== undefined) return compiled
  const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true })
  // What a string or number must look like, in words; other validators skip the keyword.
  ajv.addVocabulary(['x-expected'])
  compiled = ajv.compile<MeshConfig>(schema)
  return compiled
}

/**
 * Checks a parsed configuration: shape, keys, names that are used but not allowed, durations. Finds all problems at once, each with
 * its JSON path, in the words that the filter uses when Envoy loads the same configuration.
 */
export function validateConfig(json: unknown): Validation {
  const validate = validator()
  if (validate(json)) {
    const problems = crossProblems(json)
    return problems.length === 0 ? { ok: true, config: json } : { ok: false, problems }
  }
  const problems = (validate.errors ?? []).flatMap((error) => problemOf(error, json))
  return { ok: false, problems: problems.toSorted((a, b) => compare(a.path, b.path)) }
}

/** What Ajv tells beside the keyword, by keyword. */
interface ErrorParams {
  readonly missingProperty?: unknown
  readonly additionalProperty?: unknown
  readonly allowedValues?: unknown
  readonly propertyName?: unknown
  readonly type?: unknown
  readonly i?: unknown
  readonly j?: unknown
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function stepsOf(pointer: string, json: unknown): JsonSteps {
  const steps: (string | number)[] = []
  let value = json
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    steps.push(Array.isArray(value) ? Number(key) : key)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  }
  return steps
}

function problemOf(error: ErrorObject, json: unknown): ConfigProblem[] {
  const steps = stepsOf(error.instancePath, json)
  const here = (message: string): ConfigProblem[] => [{ path: jsonPath(steps), message }]
  const below = (step: string | number, message: string): ConfigProblem[] => [{ path: jsonPath([...steps, step]), message }]
  const params: ErrorParams = error.params
  switch (error.keyword) {
    case 'required':
      // Of what a route may have instead of a cluster nobody is told that it is missing.
      if (error.schemaPath.includes('/anyOf/') && params.missingProperty !== 'cluster') return []
      return below(String(params.missingProperty), 'missing')
    case 'additionalProperties': {
      const key = String(params.additionalProperty)
      return below(key, 'unknown key')
    }
    case 'type':
      return here(`expected ${kindsOf(params.type)}, got ${kindOf(error.data)}`)
    case 'enum':
      // What is no string at all is told so.
      if (error.parentSchema?.['type'] === 'string' && typeof error.data !== 'string') return []
      return here(`${JSON.stringify(error.data)} is none of ${[params.allowedValues].flat().join(', ')}`)
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return here('must not be empty')
    case 'uniqueItems': {
      const second = Math.max(Number(params.i), Number(params.j))
      return below(second, `${JSON.stringify(Array.isArray(error.data) ? error.data[second] : undefined)} stands there twice`)
    }
    case 'anyOf':
      return []
    case 'propertyNames':
      return below(String(params.propertyName), `expected ${Reflect.get(Object(error.schema), 'x-expected')}`)
    default:
      // What is wrong with a key is told under the key, by propertyNames.
      if (error.propertyName !== undefined) return []
      return here(`expected ${Reflect.get(error.parentSchema ?? {}, 'x-expected') ?? error.message}, got ${JSON.stringify(error.data)}`)
  }
}

function kindsOf(types: unknown): string {
  const names: Readonly<Record<string, string>> = {
    object: 'an object',
    array: 'an array',
    string: 'a string',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'a boolean',
  }
  return [types]
    .flat()
    .map((type) => names[String(type)] ?? String(type))
    .join(' or ')
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
