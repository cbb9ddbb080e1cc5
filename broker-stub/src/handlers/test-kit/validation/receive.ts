import type { ReceiveMessageRequestInit } from '@feathermq/protocol'
import { durationFromMs, headerNames } from '@feathermq/protocol'
import { startInMemory, stream, untilWaiting } from '../calls.ts'
import * as requests from './requests.ts'
import { type Bound, downTo, type Row, type Table, upTo, type World } from './row.ts'

const EMPTY = { code: 40_401 } as const
const HALF_A_DAY = 43_200_000

type Change = (topic: string) => ReceiveMessageRequestInit
type Line = readonly [
  differs: string,
  change: ReceiveMessageRequestInit | Change,
  outcome: Pick<Row, 'code' | 'entries'>,
  options?: requests.CallOptions,
  text?: RegExp | undefined,
]

/** A receive that is right but for what is put in its place. */
function from(topic: string, rest: ReceiveMessageRequestInit = {}): ReceiveMessageRequestInit {
  return {
    group: { name: 'readers' },
    messageQueue: { topic: { name: topic } },
    batchSize: 32,
    filterExpression: { type: 'TAG', expression: '*' },
    invisibleDuration: durationFromMs(10_000),
    longPollingTimeout: {},
    ...rest,
  }
}

const made = (world: World, change: ReceiveMessageRequestInit | Change): ReceiveMessageRequestInit => {
  const topic = world.fresh('topic')
  return from(topic, typeof change === 'function' ? change(topic) : change)
}

/** Rows of one rule: receives of a topic that is empty, answered at once. */
function rule(name: string, ...lines: readonly Line[]): readonly Row[] {
  return lines.map(([differs, change, outcome, options, text]) => ({
    rule: name,
    differs,
    ...outcome,
    text,
    ask: (world) => requests.receive(world.broker, made(world, change), options),
  }))
}

function bounds(name: string, values: readonly Bound[], change: (value: number) => ReceiveMessageRequestInit, text?: RegExp): readonly Row[] {
  return rule(
    name,
    ...values.map(({ value, code, entries }): Line => [`${value}`, change(value), { code, entries }, {}, code === 40_401 ? undefined : text]),
  )
}

/** Rows of one rule: receives of a topic that is empty, which wait for as long as they are let. */
function waiting(name: string, ...lines: readonly Line[]): readonly Row[] {
  return rule(name, ...lines).map((row) => ({
    ...row,
    ask: async (world, prepared) => {
      const answered = row.ask(world, prepared)
      if (row.code === EMPTY.code) {
        await untilWaiting(world.broker, 1)
        await world.broker.clock.advance('20s')
      }
      return await answered
    },
  }))
}

/** Rows of one rule: receives of a topic that holds forty messages. */
function batches(name: string, ...lines: readonly (readonly [asked: number, given: number])[]): readonly Row[] {
  return lines.map(([batchSize, given]) => ({
    rule: name,
    differs: `${batchSize}`,
    code: 20_000,
    entries: Array.from({ length: given }, () => 20_000),
    prepare: async ({ broker, fresh }) => {
      const name = fresh('topic')
      const one = { topic: { name }, body: Buffer.from('x'), systemProperties: { messageId: 'id' } }
      await requests.send(
        broker,
        Array.from({ length: 40 }, () => one),
      )
      return name
    },
    ask: ({ broker }, topic) => requests.receive(broker, from(topic, { batchSize })),
  }))
}

const invisible = (ms: number): ReceiveMessageRequestInit => ({ invisibleDuration: durationFromMs(ms) })
const renewed = (ms: number): ReceiveMessageRequestInit => ({ ...invisible(ms), autoRenew: true })
const polling = (ms: number): ReceiveMessageRequestInit => ({ longPollingTimeout: durationFromMs(ms) })
const sql = (expression: string): ReceiveMessageRequestInit => ({ filterExpression: { type: 'SQL', expression } })
const tags = (expression: string): ReceiveMessageRequestInit => ({ filterExpression: { type: 'TAG', expression } })
const version = (text: string, timeout = 4_999): requests.CallOptions => ({ timeout, headers: [[headerNames.clientVersion, text]] })

const leaseRules: readonly Row[] = [
  ...bounds(
    'an invisible duration is at least 10 s, in ms',
    downTo(10_000, { taken: EMPTY, code: 40_011 }),
    invisible,
    /9999 ms; it must be 10000 to 43200000/,
  ),
  ...bounds('an invisible duration is at most 12 h, in ms', upTo(HALF_A_DAY, { taken: EMPTY, code: 40_011 }), invisible, /43200001 ms/),
  ...rule(
    'an invisible duration is at least 10 s, in ms',
    ['none', { invisibleDuration: undefined }, { code: 40_011 }],
    ['0', invisible(0), { code: 40_011 }],
    ['-10000', invisible(-10_000), { code: 40_011 }],
  ),
  ...rule(
    'an invisible duration beside auto-renew does not matter',
    ['none', { invisibleDuration: undefined, autoRenew: true }, EMPTY],
    ['1 ms', renewed(1), EMPTY],
    ['more than 12 h', renewed(HALF_A_DAY + 1), EMPTY],
  ),
]

const waitRules: readonly Row[] = [
  ...waiting(
    'a wait that the deadline cuts to less than 5 s is not begun, in ms of the deadline',
    ['4999', polling(20_000), { code: 40_018 }, { timeout: 4_999 }, /give the call a longer deadline/],
    ['5000', polling(20_000), EMPTY, { timeout: 5_000 }],
    ['5001', polling(20_000), EMPTY, { timeout: 5_001 }],
    ['4999, no time to wait being named', { longPollingTimeout: undefined }, EMPTY, { timeout: 4_999 }],
    ['none', polling(20_000), EMPTY],
  ),
  ...waiting(
    'a client before 5.0.3 is told so in a code that it knows',
    ['5.0.0', polling(20_000), { code: 40_000 }, version('5.0.0')],
    ['5.0.2', polling(20_000), { code: 40_000 }, version('5.0.2')],
    ['5.0.2-SNAPSHOT', polling(20_000), { code: 40_000 }, version('5.0.2-SNAPSHOT')],
    ['5.0.3', polling(20_000), { code: 40_018 }, version('5.0.3')],
    ['5.0.20', polling(20_000), { code: 40_018 }, version('5.0.20')],
    ['0.1.0', polling(20_000), { code: 40_018 }, version('0.1.0')],
    ['5.0.2, where it is no trouble', polling(20_000), EMPTY, version('5.0.2', 5_000)],
  ),
  ...waiting(
    'a receive may wait for any time that the deadline allows, 20 s at most',
    ['1 s', polling(1_000), EMPTY],
    ['1 s of 3', polling(1_000), EMPTY, { timeout: 3_000 }],
    ['30 s', polling(30_000), EMPTY],
    ['none named, no deadline', { longPollingTimeout: undefined }, EMPTY],
  ),
  ...rule(
    'a receive need not wait',
    ['0, with a deadline of 3 s', polling(0), EMPTY, { timeout: 3_000 }],
    ['-5 s', polling(-5_000), EMPTY, { timeout: 3_000 }],
  ),
  ...[1, 2].map(
    (waiters): Row => ({
      rule: 'no more receives wait than the broker allows, here 2',
      differs: `${waiters} wait already`,
      code: waiters === 2 ? 42_900 : 40_401,
      ask: async () => {
        await using broker = await startInMemory({ limits: { waiters: 2 } })
        const others = Array.from({ length: waiters }, () => stream(broker, from('busy', polling(20_000))))
        await untilWaiting(broker, waiters)
        const answered = requests.receive(broker, from('busy', polling(20_000)))
        if (waiters < 2) await untilWaiting(broker, waiters + 1)
        await broker.clock.advance('20s')
        await Promise.all(others)
        return await answered
      },
    }),
  ),
]

const batchRules: readonly Row[] = [
  ...rule('a receive asks for no negative number of messages', ['-1', { batchSize: -1 }, { code: 40_000 }, {}, /ask for 1 to 32/]),
  ...batches('a receive gives a message or more', [0, 1], [1, 1], [2, 2]),
  ...batches('a receive gives at most 32 messages', [31, 31], [32, 32], [33, 32], [2_147_483_647, 32]),
]

const filterRules: readonly Row[] = [
  ...rule(
    'a filter can be read',
    ['SQL that is wrong', sql('a > 1\nAND b >'), { code: 40_010 }, {}, /line 2, column 8/],
    ['SQL that is no condition', sql('5'), { code: 40_010 }],
    ['SQL that is empty', sql(''), { code: 40_010 }],
    ['SQL that is blank', sql(' '), { code: 40_010 }],
    ['SQL', sql("a > 1 AND TAGS = 'a'"), EMPTY],
    ['no known type', { filterExpression: { type: 9, expression: 'a' } }, { code: 40_010 }, {}, /filter type 9/],
    ['no type, which is that of tags', { filterExpression: { expression: 'a' } }, EMPTY],
    ['none', { filterExpression: undefined }, EMPTY],
    ['tags that are none', tags('|| ||'), { code: 40_010 }, {}, /no tag/],
    ['tags that are empty, which is everything', tags(''), EMPTY],
    ['tags', tags('a || b'), EMPTY],
  ),
  ...bounds(
    'SQL has at most 8192 characters',
    upTo(8_192, { taken: EMPTY, code: 40_010 }),
    (size) => sql('a = 1'.padEnd(size)),
    /more than the 8192/,
  ),
  ...bounds('SQL has at most 64 parentheses in each other', upTo(64, { taken: EMPTY, code: 40_010 }), (depth) =>
    sql(`${'('.repeat(depth)}a = 1${')'.repeat(depth)}`),
  ),
]

const questionRules: readonly Row[] = [
  ...rule(
    'the broker and the queue that a receive names do not matter',
    ['none', (topic) => ({ messageQueue: { topic: { name: topic }, broker: undefined } }), EMPTY],
    ['a blank broker', (topic) => ({ messageQueue: { topic: { name: topic }, broker: { name: ' ' } } }), EMPTY],
    ['another broker', (topic) => ({ messageQueue: { topic: { name: topic }, id: 99, broker: { name: 'elsewhere', id: 7 } } }), EMPTY],
    ['queue -1', (topic) => ({ messageQueue: { topic: { name: topic }, id: -1 } }), EMPTY],
  ),
  ...rule('a client without settings is served', ['a client that was never on Telemetry', {}, EMPTY, { clientId: 'never-on-telemetry' }]),
  ...rule(
    'what is wrong is looked for in the order of a stock server',
    ['the wait', { ...polling(20_000), group: { name: 'a b' }, ...invisible(1), ...sql('('), batchSize: -1 }, { code: 40_018 }, { timeout: 4_999 }],
    ['then the names', { group: { name: 'a b' }, ...invisible(1), ...sql('('), batchSize: -1 }, { code: 40_003 }],
    ['then the lease', { ...invisible(1), ...sql('('), batchSize: -1 }, { code: 40_011 }],
    ['then the filter', { ...sql('('), batchSize: -1 }, { code: 40_010 }],
  ),
]

export const receiveTables: readonly Table[] = [
  { rpc: 'ReceiveMessage', rows: [...leaseRules, ...waitRules, ...batchRules, ...filterRules, ...questionRules] },
]
