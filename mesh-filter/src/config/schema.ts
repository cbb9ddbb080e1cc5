import type { JsonSchema, Report, Section } from './section.ts'
import { acl } from './sections/acl.ts'
import { affinity } from './sections/affinity.ts'
import { clientCalls } from './sections/client-calls.ts'
import { clusters } from './sections/clusters.ts'
import { endpoints } from './sections/endpoints.ts'
import { faults } from './sections/faults.ts'
import { headers } from './sections/headers.ts'
import { hold } from './sections/hold.ts'
import { lanes } from './sections/lanes.ts'
import { limits } from './sections/limits.ts'
import { metrics } from './sections/metrics.ts'
import { policy } from './sections/policy.ts'
import { reject } from './sections/reject.ts'
import { routes } from './sections/routes.ts'
import { trace } from './sections/trace.ts'
import { whenDefinitions } from './when.ts'

/** A section whose value's type nobody needs to know any more. */
interface AnySection extends Pick<Section<never>, 'key' | 'schema' | 'definitions'> {
  check(value: unknown, report: Report): void
}

function section<T>({ key, schema, definitions, check }: Section<T>): AnySection {
  // The schema has said that it is a T.
  return { key, schema, ...(definitions === undefined ? {} : { definitions }), check: (value, report) => check?.(value as T, report) }
}

/** Every section of the configuration: the one place where one is registered. The order is that of the schema file. */
export const sections: readonly AnySection[] = [
  section(hold),
  section(clusters),
  section(clientCalls),
  section(headers),
  section(routes),
  section(affinity),
  section(acl),
  section(policy),
  section(limits),
  section(reject),
  section(faults),
  section(lanes),
  section(endpoints),
  section(trace),
  section(metrics),
]

const opaque: JsonSchema = {
  enum: ['deny', 'default'],
  default: 'deny',
  description: 'What becomes of a call that cannot be read (compressed, malformed, ambiguous): denied, or sent to the default cluster.',
}

/** The whole schema, which is also published as a file (scripts/write-schema.mjs). */
export const schema: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'FeatherMQ mesh filter',
  description:
    'Configuration of the FeatherMQ filter for Envoy: which calls go where, which are refused, what is counted, and what happens when a call cannot be read.',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'name', 'mode'],
  properties: {
    $schema: { type: 'string', minLength: 1, description: 'Where this schema is, for editors.' },
    version: { const: 1, description: 'Version of the configuration model.', 'x-expected': '1, the version that this build reads' },
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9._-]{1,64}$',
      description: "Name of this configuration. Becomes part of the VM's id (fmq/<name>), so two configurations in one Envoy need two names.",
      'x-expected': '1 to 64 letters, digits, dots, dashes and underscores',
    },
    mode: {
      enum: ['route', 'observe'],
      description:
        'route: the beginning of a call is held until it is decided where it goes. observe: calls pass untouched and are counted; rules count what they would have done.',
    },
    direction: {
      enum: ['outbound', 'inbound', 'gateway'],
      default: 'outbound',
      description: 'Where Envoy stands: beside a client, beside a broker, or between networks. Sets the traffic direction of the generated listener.',
    },
    opaque,
    filterState: {
      type: 'boolean',
      default: true,
      description:
        'Whether op, topic, group, code and rule of a call become filter state (wasm.fmq.*), where access logs find them. Without a reader they only cost.',
    },
    ...Object.fromEntries(sections.map(({ key, schema: part }) => [key, part])),
  },
  definitions: {
    ...Object.assign({}, ...sections.map(({ definitions }) => definitions ?? {})),
    duration: { type: 'string', pattern: '^[0-9]+([.][0-9]+)?(ms|s|m|h|d)$', 'x-expected': 'a duration such as "500ms" or "2s"' },
    ...whenDefinitions,
  },
}
