import { type JsonSchema, plainName, type Section } from '../section.ts'
import { checkRules, type Patterns, type When } from '../when.ts'
import { checkDuration, type DurationText } from './hold.ts'

export interface PolicyRule {
  /** Unique among the policies; stands in texts and metrics. */
  readonly name: string
  readonly when: When
  readonly unless?: When | undefined
  /** Counts and never acts. Default false. */
  readonly shadow?: boolean | undefined
  /** Of a message as it is sent, which may be compressed. */
  readonly maxBodyBytes?: number | undefined
  /** User properties. */
  readonly maxProperties?: number | undefined
  readonly maxKeys?: number | undefined
  /** A message must have a tag, and one of these. */
  readonly tags?: Patterns | undefined
  /** How far ahead a delivery timestamp may lie; up to 40 days. */
  readonly maxDelay?: DurationText | undefined
  readonly requireProperties?: readonly string[] | undefined
}

const longestDelayMs = 3_456_000_000
const mostProperties = 32
const longestProperty = 128

function upTo(maximum: number, description: string): JsonSchema {
  return { type: 'integer', minimum: 0, maximum, description, 'x-expected': `a whole number from 0 to ${maximum}` }
}

export const policy: Section<readonly PolicyRule[]> = {
  key: 'policy',
  schema: {
    type: 'array',
    items: { $ref: '#/definitions/policyRule' },
    description: 'What messages may look like. Every policy that matches must be met, by each message of a batch.',
  },
  definitions: {
    policyRule: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'when'],
      properties: {
        name: { ...plainName, description: 'Stands in texts and metrics. No two policies share a name.' },
        when: { $ref: '#/definitions/when' },
        unless: { $ref: '#/definitions/when' },
        shadow: { type: 'boolean', default: false, description: 'Counts and never acts.' },
        maxBodyBytes: upTo(1073741824, 'Most bytes of a body, as it is sent.'),
        maxProperties: upTo(100000, 'Most user properties.'),
        maxKeys: upTo(100000, 'Most keys.'),
        tags: { $ref: '#/definitions/patterns', description: 'A message must have a tag, and one of these.' },
        maxDelay: { $ref: '#/definitions/duration', description: 'How far ahead a delivery timestamp may lie. Up to 40 days.' },
        requireProperties: {
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { type: 'string', minLength: 1 },
          description: 'User properties that a message must have. 32 different ones in all policies together.',
        },
      },
    },
  },
  check(rules, report) {
    checkRules(rules, ['policy'], report, true)
    const required = new Set<string>()
    for (const [index, { maxDelay, requireProperties = [] }] of rules.entries()) {
      if (maxDelay !== undefined) checkDuration(['policy', index, 'maxDelay'], maxDelay, 0, longestDelayMs, report)
      for (const [at, name] of requireProperties.entries()) {
        if (Buffer.byteLength(name) > longestProperty) report.add(['policy', index, 'requireProperties', at], 'expected at most 128 bytes')
        required.add(name)
      }
    }
    if (required.size > mostProperties) report.add(['policy'], `all requireProperties together may name ${mostProperties} properties`)
  },
}
