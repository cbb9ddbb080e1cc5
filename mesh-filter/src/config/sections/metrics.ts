import type { Section } from '../section.ts'

/** Labels of the counter of calls. */
export type MetricLabel = 'op' | 'topic' | 'group' | 'code'

export interface Metrics {
  /** Default: all four. */
  readonly labels?: readonly MetricLabel[] | undefined
  /** Default 200. */
  readonly topics?: number | undefined
  /** Default 200. */
  readonly groups?: number | undefined
  /** Default 2,000. */
  readonly series?: number | undefined
}

export const metrics: Section<Metrics> = {
  key: 'metrics',
  definitions: {
    names: { type: 'integer', minimum: 1, maximum: 1000, default: 200, 'x-expected': 'a whole number from 1 to 1000' },
  },
  schema: {
    type: 'object',
    additionalProperties: false,
    description: 'Which labels the counter of calls has, and how many series it may make.',
    properties: {
      labels: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', enum: ['op', 'topic', 'group', 'code'] },
        default: ['op', 'topic', 'group', 'code'],
        description: "A label that is left out has the value '-'.",
      },
      topics: { $ref: '#/definitions/names', description: 'Topics that get a series of their own; the others are counted as ~other.' },
      groups: { $ref: '#/definitions/names', description: 'Consumer groups that get a series of their own; the others are counted as ~other.' },
      series: {
        type: 'integer',
        minimum: 1,
        maximum: 10000,
        default: 2000,
        description: 'Most series in all. One of them is kept for what does not fit.',
        'x-expected': 'a whole number from 1 to 10000',
      },
    },
  },
}
