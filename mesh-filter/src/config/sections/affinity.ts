import type { Section } from '../section.ts'

export interface Affinity {
  /** Clusters by the name (or pattern of names) of the broker that a receipt handle or a message queue names. Beats routes. */
  readonly broker?: Readonly<Record<string, string>> | undefined
  /** All calls of a client go to the same host of a cluster. Default false. */
  readonly client?: boolean | undefined
  /** An acknowledgement with handles of several clusters: goes by its first, or is refused. Default `first`. */
  readonly onMixedBatch?: 'first' | 'deny' | undefined
}

export const affinity: Section<Affinity> = {
  key: 'affinity',
  schema: {
    type: 'object',
    additionalProperties: false,
    description: 'Where calls go that name a broker, and which clients stay together.',
    properties: {
      broker: {
        type: 'object',
        additionalProperties: { type: 'string', minLength: 1 },
        description: 'Clusters by the name of the broker in a receipt handle or message queue; * is a wildcard, the first one counts. Beats routes.',
        examples: [{ 'east-broker-a': 'east-a' }],
      },
      client: { type: 'boolean', default: false, description: 'All calls of a client go to the same host of a cluster, by x-fmq-hash.' },
      onMixedBatch: {
        enum: ['first', 'deny'],
        default: 'first',
        description: 'An acknowledgement with receipt handles of several clusters goes by its first, or is refused.',
      },
    },
  },
  check({ broker = {} }, report) {
    for (const [name, cluster] of Object.entries(broker)) report.cluster(['affinity', 'broker', name], cluster)
  },
}
