import type { Section } from '../section.ts'

/** Labels of the counter of calls. */
export type MetricLabel = 'op' | 'topic' | 'group' | 'code'

/**
 * `latency`: ms from the headers of a call to its end. `body-size`: bytes of the gRPC message of a send. `delivery-latency`: ms from
 * when a message could be delivered to when it came by. `redelivery`: how often a message had been delivered before.
 */
export type HistogramName = 'latency' | 'body-size' | 'delivery-latency' | 'redelivery'

export interface Histograms {
  /** Default: all four. */
  readonly names?: readonly HistogramName[] | undefined
  /** Default: `topic`. */
  readonly by?: readonly ('op' | 'topic' | 'group')[] | undefined
  /** Most series of all histograms together. Default 100. */
  readonly series?: number | undefined
}

export interface Metrics {
  /** Default: all four. */
  readonly labels?: readonly MetricLabel[] | undefined
  /** Default 200. */
  readonly topics?: number | undefined
  /** Default 200. */
  readonly groups?: number | undefined
  /** Default 2,000. */
  readonly series?: number | undefined
  /** Default: none. */
  readonly histograms?: Histograms | undefined
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
      histograms: {
        type: 'object',
        additionalProperties: false,
        description: 'Distributions. Each series costs far more than one of a counter, so they have a bound of their own.',
        properties: {
          names: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: { type: 'string', enum: ['latency', 'body-size', 'delivery-latency', 'redelivery'] },
            default: ['latency', 'body-size', 'delivery-latency', 'redelivery'],
            description:
              'Which ones: milliseconds of calls, bytes of sends, milliseconds that messages have waited, how often they had been delivered.',
          },
          by: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: { type: 'string', enum: ['op', 'topic', 'group'] },
            default: ['topic'],
            description: "Labels. One that is left out has the value '-'.",
          },
          series: {
            type: 'integer',
            minimum: 4,
            maximum: 1000,
            default: 100,
            description: 'Most series of all histograms together. One of each is kept for what does not fit.',
            'x-expected': 'a whole number from 4 to 1000',
          },
        },
      },
    },
  },
}
