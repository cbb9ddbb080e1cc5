import type { JsonSchema, Section } from '../section.ts'
import { plainName } from '../section.ts'
import { checkRules, type When } from '../when.ts'

/** Who shares a limit: calls in which all of these are the same. */
export type LimitPer = 'client' | 'peer' | 'topic' | 'group' | 'tag' | 'messageGroup' | 'broker'

export interface Amount {
  /** Per second. */
  readonly rate: number
  /** What may come at once after a while without calls. */
  readonly burst: number
}

/** Has `messages`, `bytes` or both. */
export interface Limit {
  /** Unique among the limits; stands in texts and metrics. A limit of the same name goes on where it was when the configuration is replaced. */
  readonly name: string
  readonly when: When
  /** Default: all calls share one. */
  readonly per?: readonly LimitPer[] | undefined
  /** Up to 1,000,000 each. What is no send counts as one message. */
  readonly messages?: Amount | undefined
  /** Of the gRPC messages; up to 4,294,967,295 each. */
  readonly bytes?: Amount | undefined
  /** How many that differ in `per` can be told apart at a time; beyond it some share. Default 1,024, at most 65,536. */
  readonly keys?: number | undefined
  /** Counts and never acts. Default false. */
  readonly shadow?: boolean | undefined
}

function amount(most: number, description: string): JsonSchema {
  const number: JsonSchema = { type: 'integer', minimum: 1, maximum: most, 'x-expected': `a whole number from 1 to ${most}` }
  return {
    type: 'object',
    additionalProperties: false,
    required: ['rate', 'burst'],
    description,
    properties: {
      rate: { ...number, description: 'Per second.' },
      burst: { ...number, description: 'What may come at once after a while without calls.' },
    },
  }
}

export const limits: Section<readonly Limit[]> = {
  key: 'limits',
  schema: {
    type: 'array',
    maxItems: 64,
    items: { $ref: '#/definitions/limit' },
    description: 'How much may pass, for the whole Envoy process. A call is charged in all limits that match or in none.',
    'x-expected': 'at most 64 rules',
  },
  definitions: {
    limit: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'when'],
      properties: {
        name: { ...plainName, description: 'Stands in texts and metrics. No two limits share a name.' },
        when: { $ref: '#/definitions/when' },
        per: {
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { type: 'string', enum: ['client', 'peer', 'topic', 'group', 'tag', 'messageGroup', 'broker'] },
          description: 'Calls in which all of these are the same share the limit. Without it all calls do.',
        },
        messages: amount(1_000_000, 'Messages. What is no send counts as one.'),
        bytes: amount(4_294_967_295, 'Bytes of the gRPC messages.'),
        keys: {
          type: 'integer',
          minimum: 1,
          maximum: 65_536,
          default: 1024,
          description: 'How many that differ in "per" can be told apart at a time. Beyond it some share, which is stricter for them.',
          'x-expected': 'a whole number from 1 to 65536',
        },
        shadow: { type: 'boolean', default: false, description: 'Counts and never acts.' },
      },
    },
  },
  check(rules, report) {
    checkRules(rules, ['limits'], report, true)
    for (const [index, { per, messages, bytes, keys }] of rules.entries()) {
      if (messages === undefined && bytes === undefined) report.add(['limits', index], 'limits neither "messages" nor "bytes"')
      if (keys !== undefined && per === undefined) report.add(['limits', index, 'keys'], 'without "per" all calls share one')
    }
  },
}
