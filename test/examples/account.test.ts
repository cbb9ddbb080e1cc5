import assert from 'node:assert/strict'
import type { FilterMetrics } from '@feathermq/mesh-filter'
import { describe, it } from 'mocha'
import { problemsOf, type Stored } from '../../examples/mesh/account.ts'
import type { Handled } from '../../examples/mesh/consumer.ts'
import type { Sent } from '../../examples/mesh/producer.ts'

const message = (topic: string, body: string, more: Partial<Sent> = {}): Sent => ({
  topic,
  kind: 'normal',
  messageId: `id of ${body}`,
  body,
  messageGroup: undefined,
  notBefore: 0,
  ...more,
})
const sent = [
  message('orders', 'order 3'),
  message('payments', 'first', { kind: 'fifo', messageGroup: 'a' }),
  message('payments', 'second', { kind: 'fifo', messageGroup: 'a' }),
  message('payments-refunds', 'later', { kind: 'delayed', notBefore: 100 }),
]
const call = (of: Sent | undefined, more: Partial<Handled> = {}): Handled => ({
  topic: of?.topic ?? '',
  group: 'g',
  messageId: of?.messageId ?? '',
  body: of?.body ?? '',
  attempt: 1,
  at: 100,
  outcome: 'done',
  ...more,
})
const handled = [call(sent[0], { outcome: 'failed' }), call(sent[1]), call(sent[2]), call(sent[0], { attempt: 2 }), call(sent[3])]
const stored: readonly Stored[] = [
  { broker: 'east', topic: 'orders', stored: 1 },
  { broker: 'west', topic: 'payments', stored: 2 },
  { broker: 'west', topic: 'payments-refunds', stored: 1 },
]
const metrics: FilterMetrics = {
  calls: [
    { op: 'send', topic: 'orders', group: '-', code: '20000', count: 1 },
    { op: 'send', topic: 'payments', group: '-', code: '20000', count: 2 },
    { op: 'send', topic: 'payments-refunds', group: '-', code: '20000', count: 1 },
  ],
  held: 4,
  opaque: new Map(),
  denied: new Map(),
  rules: [],
  flagMissing: 0,
  brokerUnreadable: 0,
  configLoads: 1,
}

describe("the demo's account", () => {
  it('finds nothing wrong where all is right', () => {
    assert.deepEqual(problemsOf(sent, handled, stored, metrics), [])
  })

  const wrong: readonly (readonly [what: string, problem: RegExp, found: () => readonly string[]])[] = [
    ['nothing sent', /nothing was sent/, () => problemsOf([], [], [], undefined)],
    ['a message that nobody handled', /"later" has the attempts \[\]/, () => problemsOf(sent, handled.slice(0, -1), stored, metrics)],
    ['a message handled twice', /"first" has the attempts \[1, 1\]/, () => problemsOf(sent, [...handled, call(sent[1])], stored, metrics)],
    ['a retry that did not count', /"order 3" has the attempts \[1, 1\]/, () => problemsOf(sent, handled.with(3, call(sent[0])), stored, metrics)],
    ['a message from nowhere', /nobody sent it/, () => problemsOf(sent, [...handled, call(message('orders', 'ghost'))], stored, metrics)],
    [
      'a message before its time',
      /"later" came 1 ms before its time/,
      () => problemsOf(sent, handled.with(4, call(sent[3], { at: 99 })), stored, metrics),
    ],
    [
      'a broken order',
      /the messages of a were handled out of order/,
      () => problemsOf(sent, handled.toSpliced(1, 2, call(sent[2]), call(sent[1])), stored, metrics),
    ],
    [
      'a message on the wrong broker',
      /west stored 2 messages of payments and east 1/,
      () => problemsOf(sent, handled, [...stored, { broker: 'east', topic: 'payments', stored: 1 }], metrics),
    ],
    [
      'a refused call',
      /refused or could not read 1 calls/,
      () => problemsOf(sent, handled, stored, { ...metrics, denied: new Map([['opaque', 1]]) }),
    ],
    [
      'a call that was not counted',
      /counted 0 sends to orders/,
      () => problemsOf(sent, handled, stored, { ...metrics, calls: metrics.calls.slice(1) }),
    ],
  ]
  for (const [what, problem, found] of wrong) {
    it(`names ${what}`, () => {
      assert.match(found().join('\n'), problem)
    })
  }
})
