import type { Section } from '../section.ts'

/** How a message carries a context: `traceparent` and `tracestate` as user properties, or the system property `trace_context`. */
export type TraceCarrier = 'user-properties' | 'trace-context'

export interface Trace {
  /**
   * Whose context messages get: `downstream`, the application's, from the headers of its call; `upstream`, Envoy's own, from a second
   * filter that the generator puts behind the router. Default `downstream`.
   */
  readonly placement?: 'downstream' | 'upstream' | undefined
  /** `absent`: messages that have no context get one. Default `absent`. */
  readonly inject?: 'absent' | 'never' | undefined
  /** Default: both. */
  readonly carriers?: readonly TraceCarrier[] | undefined
  /** Most bytes of a message that wait when all of it must be there before it can be changed. Default 65,536. */
  readonly maxBufferBytes?: number | undefined
}

export const trace: Section<Trace> = {
  key: 'trace',
  schema: {
    type: 'object',
    additionalProperties: false,
    description: 'Writes the W3C trace context of calls into messages, and into both carriers of messages that are received with one.',
    properties: {
      placement: {
        type: 'string',
        enum: ['downstream', 'upstream'],
        default: 'downstream',
        description: "Whose context messages get: the application's, or that of Envoy's own span.",
      },
      inject: { type: 'string', enum: ['absent', 'never'], default: 'absent', description: 'absent: messages that have no context get one.' },
      carriers: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', enum: ['user-properties', 'trace-context'] },
        default: ['user-properties', 'trace-context'],
        description: 'User properties traceparent and tracestate, the system property trace_context.',
      },
      maxBufferBytes: {
        type: 'integer',
        minimum: 1024,
        maximum: 524_288,
        default: 65_536,
        description: 'Most bytes of a message that wait when all of it must be there before it can be changed. Larger ones stay as they are.',
        'x-expected': 'a whole number from 1024 to 524288',
      },
    },
  },
}
