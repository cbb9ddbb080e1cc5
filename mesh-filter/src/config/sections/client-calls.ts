import type { Section } from '../section.ts'

export interface ClientCalls {
  readonly cluster: string
  readonly mirror?: readonly string[] | undefined
}

export const clientCalls: Section<ClientCalls> = {
  key: 'clientCalls',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['cluster'],
    description: 'Where the calls go that concern a client as a whole: Telemetry, Heartbeat, NotifyClientTermination.',
    properties: {
      cluster: { $ref: '#/definitions/cluster', description: 'The cluster that answers them.' },
      mirror: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', $ref: '#/definitions/cluster' },
        description: "Clusters that get a copy, so that they know the client's settings too. What they answer is dropped.",
      },
    },
  },
  check({ cluster, mirror = [] }, report) {
    report.cluster(['clientCalls', 'cluster'], cluster)
    for (const [index, name] of mirror.entries()) {
      report.cluster(['clientCalls', 'mirror', index], name)
      if (name === cluster) report.add(['clientCalls', 'mirror', index], `"${name}" is $.clientCalls.cluster itself: it would get every call twice`)
    }
  },
}
