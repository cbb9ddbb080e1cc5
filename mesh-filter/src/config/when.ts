import { matchesPattern } from './pattern.ts'
import type { JsonSteps } from './problem.ts'
import type { JsonSchema, Report } from './section.ts'

/** What a call does, as rules, headers and metrics name it. */
export const operations = [
  'route',
  'assignment',
  'send',
  'receive',
  'ack',
  'invisible',
  'dead-letter',
  'end-transaction',
  'recall',
  'lite',
  'telemetry',
  'heartbeat',
  'terminate',
  'pull',
  'offset',
  'other',
] as const

export type Operation = (typeof operations)[number]

/** One value, or several of which one must match. `*` stands for any characters, also none. */
export type Patterns = string | readonly string[]

/** Conditions of a rule. All must hold; a fact that a call does not have never matches. */
export interface When {
  readonly op?: Patterns | undefined
  /** Of a topic in a namespace its name, and `namespace%name`: either to restrict, both to let pass. */
  readonly topic?: Patterns | undefined
  /** As with topics. */
  readonly group?: Patterns | undefined
  readonly tag?: Patterns | undefined
  readonly messageGroup?: Patterns | undefined
  readonly broker?: Patterns | undefined
  /** First URI of the client's certificate, for workloads a SPIFFE id. */
  readonly peer?: Patterns | undefined
  /** `x-mq-client-id`, which the client chooses itself. */
  readonly client?: Patterns | undefined
  /** As `lanes` finds it. */
  readonly lane?: Patterns | undefined
}

export const noLanes = 'needs $.lanes: without it no call has a lane'

/** Calls of a client as a whole, which are never held: Envoy routes them by path (`clientCalls`). */
const clientCalls: readonly string[] = ['telemetry', 'heartbeat', 'terminate']

/** To be had by `$ref`. */
export const whenDefinitions: Readonly<Record<string, JsonSchema>> = {
  patterns: {
    type: ['string', 'array'],
    minLength: 1,
    minItems: 1,
    uniqueItems: true,
    items: { type: 'string', minLength: 1 },
    description: 'One value or several of which one must match. * stands for any characters, also none.',
  },
  when: {
    type: 'object',
    additionalProperties: false,
    description: 'All conditions must hold. A fact that a call does not have never matches. {} matches every call.',
    properties: {
      op: {
        $ref: '#/definitions/patterns',
        description: `Operations: ${operations.join(', ')}.`,
        examples: ['send', ['receive', 'ack', 'invisible']],
      },
      topic: {
        $ref: '#/definitions/patterns',
        description: 'Its name, and where it is in a namespace namespace%name too.',
        examples: [['orders', 'eu%orders']],
      },
      group: { $ref: '#/definitions/patterns', description: 'Its name, and where it is in a namespace namespace%name too.' },
      tag: { $ref: '#/definitions/patterns' },
      messageGroup: { $ref: '#/definitions/patterns' },
      broker: { $ref: '#/definitions/patterns', description: 'From the receipt handle, or the message queue.' },
      peer: { $ref: '#/definitions/patterns', description: "First URI of the client's certificate: spiffe://…" },
      client: { $ref: '#/definitions/patterns', description: 'x-mq-client-id, which the client chooses itself.' },
      lane: { $ref: '#/definitions/patterns', description: 'The lane of the call, as the section lanes finds it.' },
    },
  },
}

/** Names of rules, and the operations in their conditions. `held`: the section acts upon calls that are held only. */
export function checkRules(
  rules: readonly { readonly name: string; readonly when: When; readonly unless?: When | undefined }[],
  steps: JsonSteps,
  report: Report,
  held: boolean,
): void {
  const names = new Set<string>()
  for (const [index, rule] of rules.entries()) {
    if (names.has(rule.name)) report.add([...steps, index, 'name'], `another ${steps[0] === 'routes' ? 'route' : 'rule'} is named "${rule.name}"`)
    names.add(rule.name)
    for (const key of ['when', 'unless'] as const) {
      if (rule[key]?.lane !== undefined && !report.surroundings.hasLanes) report.add([...steps, index, key, 'lane'], noLanes)
    }
    checkOperations(rule.when.op, [...steps, index, 'when', 'op'], report, held)
    checkOperations(rule.unless?.op, [...steps, index, 'unless', 'op'], report, held)
  }
}

function checkOperations(op: Patterns | undefined, steps: JsonSteps, report: Report, held: boolean): void {
  for (const pattern of [op ?? []].flat()) {
    const hits = operations.filter((name) => matchesPattern(pattern, name))
    if (hits.length === 0) report.add(steps, `"${pattern}" is none of ${operations.join(', ')}`)
    else if (held && hits.every((name) => clientCalls.includes(name))) {
      report.add(
        steps,
        `"${pattern}" is a call of the client as a whole, which is never held: $.clientCalls says where it goes, and only acl applies to it`,
      )
    }
  }
}

/** Whether a pattern of `op` lets calls through that are held, and none but those of `operation`. */
export function isOnly(op: Patterns | undefined, operation: Operation): boolean {
  const hits = operations.filter((name) => op === undefined || [op].flat().some((pattern) => matchesPattern(pattern, name)))
  const heldOnes = hits.filter((name) => !clientCalls.includes(name))
  return heldOnes.length === 1 && heldOnes[0] === operation
}
