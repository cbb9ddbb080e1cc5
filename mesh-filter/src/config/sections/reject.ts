import type { Section } from '../section.ts'

export interface Reject {
  /** Default `native`, where the section is there; `plain` where it is not. */
  readonly style?: 'native' | 'plain' | undefined
  /** Cluster that the generator makes for refused calls. Default `fmq_reject`. */
  readonly cluster?: string | undefined
  /** Default true: the text of a refusal names section, rule and reason. */
  readonly explain?: boolean | undefined
}

export const reject: Section<Reject> = {
  key: 'reject',
  schema: {
    type: 'object',
    additionalProperties: false,
    description: 'How a refusal reaches the client. Without this section: as a gRPC status.',
    properties: {
      style: {
        enum: ['native', 'plain'],
        default: 'native',
        description:
          'native: as a RocketMQ broker would answer, with a code such as FORBIDDEN or TOO_MANY_REQUESTS, so that clients back off. plain: as a gRPC status.',
      },
      cluster: {
        $ref: '#/definitions/cluster',
        default: 'fmq_reject',
        description: 'Name of the cluster that the generator makes for refused calls. It is not in clusters.allow.',
      },
      explain: { type: 'boolean', default: true, description: 'Whether the text says which section and rule refused the call, and why.' },
    },
  },
  check({ style, cluster }, report) {
    const { mode, allowed } = report.surroundings
    if (style !== 'plain' && mode === 'observe') report.add(['reject', 'style'], 'native needs mode "route": in mode "observe" no call is held')
    if (cluster !== undefined && allowed.has(cluster)) {
      report.add(['reject', 'cluster'], `"${cluster}" is a cluster of $.clusters.allow; the generator makes one for refused calls alone`)
    }
  },
}
