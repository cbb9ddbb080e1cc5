import type { JsonSteps } from '../problem.ts'
import type { JsonSchema, Report, Section } from '../section.ts'
import { checkRules, type When } from '../when.ts'

/** The fact by which calls stay together. */
export type StickyFact = 'client' | 'messageGroup' | 'topic'

export interface Route {
  /** Becomes the header `x-fmq-route`; unique. */
  readonly name: string
  readonly when: When
  readonly unless?: When | undefined
  /** Must be in `clusters.allow`. Either this or `split`. */
  readonly cluster?: string | undefined
  /** Weights by cluster. */
  readonly split?: Readonly<Record<string, number>> | undefined
  /** Which calls get the same share of a split each time. Default: chance. */
  readonly sticky?: StickyFact | undefined
  /** The fact that becomes `x-fmq-hash`, by which Envoy chooses a host of the cluster. */
  readonly hash?: StickyFact | undefined
  /** Becomes `x-fmq-subset-<key>`, by which Envoy chooses a subset of the cluster. */
  readonly subset?: Readonly<Record<string, string>> | undefined
}

const sticky: JsonSchema = { enum: ['client', 'messageGroup', 'topic'] }

export const routes: Section<readonly Route[]> = {
  key: 'routes',
  schema: { type: 'array', items: { $ref: '#/definitions/route' }, description: 'The first route that matches decides.' },
  definitions: {
    route: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'when'],
      anyOf: [{ required: ['cluster'] }, { required: ['split'] }],
      properties: {
        name: {
          type: 'string',
          pattern: '^[!-~]{1,255}$',
          description: 'Shows up as x-fmq-route. No two routes share a name.',
          'x-expected': '1 to 255 printable ASCII characters without spaces: the name becomes the header x-fmq-route',
        },
        when: { $ref: '#/definitions/when' },
        unless: { $ref: '#/definitions/when' },
        cluster: { $ref: '#/definitions/cluster', description: 'Where matching calls go.' },
        split: {
          type: 'object',
          minProperties: 1,
          maxProperties: 1000,
          additionalProperties: { type: 'integer', minimum: 0, maximum: 1000000, 'x-expected': 'a whole number from 0 to 1000000' },
          'x-expected': 'at most 1000 clusters',
          description: 'Weights by cluster.',
          examples: [{ east: 90, west: 10 }],
        },
        sticky: { ...sticky, description: 'Calls with the same value get the same cluster of a split. Without it, or the value: chance.' },
        hash: { ...sticky, description: 'Becomes x-fmq-hash: calls with the same value go to the same host of the cluster.' },
        subset: {
          type: 'object',
          minProperties: 1,
          propertyNames: {
            pattern: '^[a-z0-9-]{1,64}$',
            'x-expected': 'a key of 1 to 64 small letters, digits and dashes: it becomes a header x-fmq-subset-<key>',
          },
          additionalProperties: { type: 'string', pattern: '^[!-~]{1,255}$', 'x-expected': '1 to 255 printable ASCII characters without spaces' },
          description: 'Metadata of the hosts that may be chosen.',
          examples: [{ pool: 'bulk' }],
        },
      },
    },
  },
  check(value, report) {
    checkRules(value, ['routes'], report, true)
    for (const [index, route] of value.entries()) checkTarget(route, ['routes', index], report)
  },
}

function checkTarget({ cluster, split, sticky: by }: Route, steps: JsonSteps, report: Report): void {
  if (cluster !== undefined) report.cluster([...steps, 'cluster'], cluster)
  if (split === undefined) {
    if (by !== undefined) report.add([...steps, 'sticky'], 'means nothing without a split')
    return
  }
  if (cluster !== undefined) report.add([...steps, 'split'], 'a route has either a cluster or a split')
  for (const name of Object.keys(split)) report.cluster([...steps, 'split', name], name)
  if (Object.values(split).every((weight) => weight === 0)) report.add([...steps, 'split'], 'at least one weight must be above 0')
}
