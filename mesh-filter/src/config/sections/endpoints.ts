import { isIPv6 } from 'node:net'
import type { Section } from '../section.ts'
import type { Patterns } from '../when.ts'

/** The first one that matches counts. */
export interface EndpointRule {
  /** The cluster that the call went to. */
  readonly when?: { readonly cluster?: Patterns | undefined } | undefined
  /** The name of the broker whose address it is. The addresses in a client's settings have none. */
  readonly broker?: Patterns | undefined
  /** `HOST:PORT`, or `requested`: the address that the client asked for. */
  readonly to: string
}

export const endpoints: Section<readonly EndpointRule[]> = {
  key: 'endpoints',
  schema: {
    type: 'array',
    items: { $ref: '#/definitions/endpoint' },
    description: 'Which addresses clients are given in routes, assignments and settings. The first rule that matches counts.',
  },
  definitions: {
    endpoint: {
      type: 'object',
      additionalProperties: false,
      required: ['to'],
      properties: {
        when: {
          type: 'object',
          additionalProperties: false,
          properties: { cluster: { $ref: '#/definitions/patterns', description: 'The cluster that the call went to.' } },
        },
        broker: { $ref: '#/definitions/patterns', description: "The broker's name. The addresses in a client's settings have none." },
        to: {
          type: 'string',
          minLength: 1,
          description: 'HOST:PORT, or "requested": the address that the client asked for.',
          examples: ['west.mq.internal:8081', 'requested'],
        },
      },
    },
  },
  check(rules, report) {
    for (const [index, { to }] of rules.entries()) {
      if (to === 'requested' || isAddress(to)) continue
      report.add(['endpoints', index, 'to'], `"${to}" is neither "requested" nor an address such as "host:8081" or "[::1]:8081"`)
    }
  },
}

function isAddress(text: string): boolean {
  const [, six, host, port] = /^(?:\[([^\]]*)\]|([A-Za-z0-9._-]{1,253})):([0-9]{1,5})$/.exec(text) ?? []
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535) return false
  return six === undefined ? host !== undefined : isIPv6(six)
}
