import type { Section } from '../section.ts'
import type { Patterns } from '../when.ts'

export interface Lanes {
  /** The lane of calls and messages that have none. Default `base`. */
  readonly base?: string | undefined
  /** Where a call's lane is looked for, in order: `header:<name>`, `baggage:<key>`, `node:<key of the node's metadata>`. */
  readonly from: readonly string[]
  /** User property in which a message carries its lane. Must be a name in SQL. Default `fmq_lane`. */
  readonly property?: string | undefined
  /** What is added to the groups of consumers in a lane. Default `-lane-{lane}`. */
  readonly groups?: { readonly suffix: string } | undefined
  /** Says that the brokers filter by SQL (`enablePropertyFilter=true`): without it lanes would get each other's messages. */
  readonly filter: 'sql'
  /** Topics that have lanes. Default: all. */
  readonly topics?: Patterns | undefined
}

export const lanes: Section<Lanes> = {
  key: 'lanes',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['from', 'filter'],
    description: 'Messages and consumers of one lane keep to themselves, on shared brokers and topics.',
    properties: {
      base: {
        type: 'string',
        pattern: '^[A-Za-z0-9_-]{1,64}$',
        default: 'base',
        description: 'The lane of calls and messages that have none.',
        'x-expected': '1 to 64 letters, digits, dashes and underscores',
      },
      from: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: {
          type: 'string',
          pattern: '^(header|baggage|node):[A-Za-z0-9._-]{1,64}$',
          'x-expected': "header:<name>, baggage:<key> or node:<key of the node's metadata>",
        },
        description: "Where a call's lane is looked for, in order.",
        examples: [['header:x-lane', 'baggage:lane', 'node:lane']],
      },
      property: {
        type: 'string',
        pattern: '^[A-Za-z_$][A-Za-z0-9_$]{0,63}$',
        default: 'fmq_lane',
        description: 'User property in which a message carries its lane.',
        'x-expected': '1 to 64 letters, digits, "_" and "$", no digit first: the broker\'s SQL filter reads it as a name',
      },
      groups: {
        type: 'object',
        additionalProperties: false,
        required: ['suffix'],
        properties: {
          suffix: {
            type: 'string',
            maxLength: 64,
            pattern: '^[A-Za-z0-9_%|-]*\\{lane\\}[A-Za-z0-9_%|-]*$',
            default: '-lane-{lane}',
            description: 'What is added to the groups of consumers in a lane.',
            'x-expected': 'up to 64 letters, digits and "%|_-" around {lane}: no others may stand in a group',
          },
        },
      },
      filter: {
        type: 'string',
        enum: ['sql'],
        description: "Says that the brokers filter by SQL (enablePropertyFilter=true). Without it lanes would get each other's messages.",
      },
      topics: { $ref: '#/definitions/patterns', description: 'Topics that have lanes. Default: all.' },
    },
  },
}
