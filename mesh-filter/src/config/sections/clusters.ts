import type { Section } from '../section.ts'

export interface Clusters {
  /** Where a call goes that no route matches. Required in mode route. */
  readonly default?: string | undefined
  /** Every cluster that is named anywhere. */
  readonly allow: readonly string[]
}

export const clusters: Section<Clusters> = {
  key: 'clusters',
  definitions: {
    cluster: {
      type: 'string',
      pattern: '^[!-~]{1,255}$',
      'x-expected': '1 to 255 printable ASCII characters without spaces: the name becomes the header x-fmq-cluster',
    },
  },
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['allow'],
    description: 'The Envoy clusters that calls may go to.',
    properties: {
      default: { $ref: '#/definitions/cluster', description: 'Where a call goes that no route matches. Required in mode route.' },
      allow: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', $ref: '#/definitions/cluster' },
        description: 'Every cluster that is named anywhere in this configuration.',
      },
    },
  },
  check({ default: fallback }, report) {
    if (fallback !== undefined) report.cluster(['clusters', 'default'], fallback)
    else if (report.surroundings.mode === 'route') report.add(['clusters', 'default'], 'missing')
  },
}
