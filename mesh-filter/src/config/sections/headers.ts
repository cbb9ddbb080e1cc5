import type { Section } from '../section.ts'
import { noLanes } from '../when.ts'

/** Facts of a call that may become request headers `x-fmq-<fact>`. */
export type FactHeader = 'op' | 'topic' | 'group' | 'tag' | 'message-group' | 'broker' | 'lane'

export interface Headers {
  readonly facts?: readonly FactHeader[] | undefined
  /** RocketMQ's code of the answer as response header `x-fmq-code`, and the rule that refused a call as `x-fmq-rule`. Default false. */
  readonly responseCode?: boolean | undefined
  /** Name of the route that matched as request header `x-fmq-route`. Default true; where nobody reads it, without it a call costs about half a microsecond less. */
  readonly route?: boolean | undefined
}

export const headers: Section<Headers> = {
  key: 'headers',
  schema: {
    type: 'object',
    additionalProperties: false,
    description: 'Headers that the filter writes beside its decision x-fmq-cluster.',
    properties: {
      facts: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', enum: ['op', 'topic', 'group', 'tag', 'message-group', 'broker', 'lane'] },
        description: 'Facts that become request headers x-fmq-<fact>. Tag and message group are percent-encoded.',
      },
      responseCode: {
        type: 'boolean',
        default: false,
        description:
          "RocketMQ's code as response header x-fmq-code (a trailer where the answer is a stream), and the rule that refused a call as x-fmq-rule.",
      },
      route: {
        type: 'boolean',
        default: true,
        description: 'The name of the route that matched as request header x-fmq-route.',
      },
    },
  },
  check({ facts = [] }, report) {
    for (const [index, fact] of facts.entries())
      if (fact === 'lane' && !report.surroundings.hasLanes) report.add(['headers', 'facts', index], noLanes)
  },
}
