import { durationMs } from './duration.ts'
import { type MeshConfig, operations, type Patterns } from './model.ts'
import { matchesPattern } from './pattern.ts'
import { type ConfigProblem, type JsonSteps, jsonPath } from './problem.ts'

const shortestTimeoutMs = 10
const longestTimeoutMs = 60_000

/** Calls of a client as a whole: Envoy routes them by path (`clientCalls`), no route of the filter can. */
const clientCalls: readonly string[] = ['telemetry', 'heartbeat', 'terminate']

/** What no schema can say: names that must occur elsewhere, and ranges of durations. */
export function crossProblems(config: MeshConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const add = (steps: JsonSteps, message: string) => {
    problems.push({ path: jsonPath(steps), message })
  }
  const allowed = new Set(config.clusters?.allow)
  const cluster = (steps: JsonSteps, name: string) => {
    if (!allowed.has(name)) add(steps, `"${name}" is not in $.clusters.allow`)
  }

  const timeout = config.hold?.timeout
  if (timeout !== undefined) {
    const ms = durationMs(timeout) ?? 0
    if (ms < shortestTimeoutMs || ms > longestTimeoutMs) {
      add(['hold', 'timeout'], `expected a duration from ${shortestTimeoutMs}ms to ${longestTimeoutMs}ms`)
    }
  }

  if (config.reject !== undefined && config.reject.style !== 'plain' && config.mode === 'observe') {
    add(['reject', 'style'], 'native needs mode "route": in mode "observe" no call is held')
  }
  if (config.reject?.cluster !== undefined && allowed.has(config.reject.cluster)) {
    add(['reject', 'cluster'], `"${config.reject.cluster}" is a cluster of $.clusters.allow; the generator makes one for refused calls alone`)
  }

  const fallback = config.clusters?.default
  if (fallback !== undefined) cluster(['clusters', 'default'], fallback)
  else if (config.mode === 'route') add(['clusters', 'default'], 'missing')

  if (config.clientCalls !== undefined) {
    cluster(['clientCalls', 'cluster'], config.clientCalls.cluster)
    for (const [index, name] of (config.clientCalls.mirror ?? []).entries()) {
      cluster(['clientCalls', 'mirror', index], name)
      if (name === config.clientCalls.cluster) {
        add(['clientCalls', 'mirror', index], `"${name}" is $.clientCalls.cluster itself: it would get every call twice`)
      }
    }
  }

  // JSON can write half of a surrogate pair as an escape, UTF-8 cannot: the filter, which reads bytes, would refuse the whole text.
  const text = (steps: JsonSteps, value: string | undefined) => {
    if (value !== undefined && /\p{Surrogate}/u.test(value)) add(steps, 'half of a surrogate pair is no text')
  }
  text(['$schema'], config.$schema)

  const names = new Set<string>()
  for (const [index, route] of (config.routes ?? []).entries()) {
    if (names.has(route.name)) add(['routes', index, 'name'], `another route is named "${route.name}"`)
    names.add(route.name)
    cluster(['routes', index, 'cluster'], route.cluster)
    for (const [fact, patterns] of Object.entries(route.when)) {
      if (typeof patterns === 'string') text(['routes', index, 'when', fact], patterns)
      else for (const [at, pattern] of (patterns ?? []).entries()) text(['routes', index, 'when', fact, at], pattern)
    }
    for (const problem of operationProblems(route.when.op)) add(['routes', index, 'when', 'op'], problem)
  }
  return problems
}

function operationProblems(op: Patterns | undefined): string[] {
  const problems: string[] = []
  for (const pattern of [op ?? []].flat()) {
    const hits = operations.filter((name) => matchesPattern(pattern, name))
    if (hits.length === 0) problems.push(`"${pattern}" is none of ${operations.join(', ')}`)
    else if (hits.every((name) => clientCalls.includes(name))) {
      problems.push(`"${pattern}" is a call of the client as a whole, which has no one topic: $.clientCalls says where it goes`)
    }
  }
  return problems
}
