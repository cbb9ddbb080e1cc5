import { plainName, type Section } from '../section.ts'
import { checkRules, isOnly, type When } from '../when.ts'
import { checkDuration, type DurationText } from './hold.ts'

/** Exactly one of `code`, `delay` and `dropAck`. */
export interface Fault {
  /** Unique among the faults; stands in texts and metrics. */
  readonly name: string
  readonly when: When
  readonly unless?: When | undefined
  /** Counts and never acts. Default false. */
  readonly shadow?: boolean | undefined
  /** Share of the matching calls, from 0 to 1. */
  readonly fraction: number
  /** Which of them: the same seed hits the same ones of a sequence. Default 0. */
  readonly seed?: number | undefined
  /** RocketMQ's code to answer with. */
  readonly code?: number | undefined
  /** Up to an hour. */
  readonly delay?: DurationText | undefined
  /** Answers OK, and no broker ever hears of it. Needs native rejection. */
  readonly dropAck?: boolean | undefined
}

const longestDelayMs = 3_600_000

export const faults: Section<readonly Fault[]> = {
  key: 'faults',
  schema: {
    type: 'array',
    items: { $ref: '#/definitions/fault' },
    description: 'Faults on purpose. The first one that matches may strike.',
  },
  definitions: {
    fault: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'when', 'fraction'],
      properties: {
        name: { ...plainName, description: 'Stands in texts and metrics. No two faults share a name.' },
        when: { $ref: '#/definitions/when' },
        unless: { $ref: '#/definitions/when' },
        shadow: { type: 'boolean', default: false, description: 'Counts and never acts.' },
        fraction: { type: 'number', minimum: 0, maximum: 1, description: 'Share of the matching calls.', 'x-expected': 'a number from 0 to 1' },
        seed: {
          type: 'integer',
          minimum: 0,
          maximum: 4294967295,
          default: 0,
          description: 'Which of the calls: the same seed hits the same ones of a sequence.',
          'x-expected': 'a whole number from 0 to 4294967295',
        },
        code: {
          type: 'integer',
          minimum: 30000,
          maximum: 69999,
          description: "RocketMQ's code to answer with.",
          'x-expected': 'a whole number from 30000 to 69999',
          examples: [42900],
        },
        delay: { $ref: '#/definitions/duration', description: 'How long the call waits before it goes on. Up to an hour.' },
        dropAck: { type: 'boolean', default: false, description: 'Answers OK, and no broker ever hears of it. Needs reject.style native.' },
      },
    },
  },
  check(rules, report) {
    checkRules(rules, ['faults'], report, true)
    for (const [index, { when, code, delay, dropAck }] of rules.entries()) {
      if (delay !== undefined) checkDuration(['faults', index, 'delay'], delay, 1, longestDelayMs, report)
      if ([code, delay, dropAck].filter((kind) => kind !== undefined).length !== 1) {
        report.add(['faults', index], 'expected exactly one of code, delay, dropAck')
      }
      if (dropAck !== true) continue
      const steps = ['faults', index, 'dropAck']
      if (!report.surroundings.rejectsNatively) {
        report.add(steps, 'needs $.reject.style native: the acknowledgement is answered as if it had arrived')
      }
      if (!isOnly(when.op, 'ack')) report.add(steps, 'needs "op": "ack" in when')
    }
  },
}
