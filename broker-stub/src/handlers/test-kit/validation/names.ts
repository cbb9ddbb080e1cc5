import { durationFromMs, type ResourceInit } from '@feathermq/protocol'
import type { TestBroker } from '../../../testing/start-broker.ts'
import { consumerOf } from '../telemetry.ts'
import * as requests from './requests.ts'
import { type Row, type Table, upTo } from './row.ts'

type Names = requests.Names

/** An RPC by a request that is right but for the names in it. */
export interface NamingRpc {
  readonly rpc: string
  /** What it is answered with where the names are legal, and what they name need not exist. */
  readonly passes: Pick<Row, 'code' | 'entries'>
  readonly ask: (broker: TestBroker, names: Names, options?: requests.CallOptions) => Promise<requests.Answered>
}

/** The RPCs that look a topic up; the group as well, where they name one. */
export const looking: readonly NamingRpc[] = [
  { rpc: 'QueryRoute', passes: { code: 20_000 }, ask: requests.queryRoute },
  { rpc: 'QueryAssignment', passes: { code: 20_000 }, ask: requests.queryAssignment },
  {
    rpc: 'SendMessage',
    passes: { code: 20_000, entries: [20_000] },
    ask: (broker, { topic }, options) => requests.send(broker, [{ topic, body: Buffer.from('x'), systemProperties: { messageId: 'id' } }], options),
  },
  {
    rpc: 'ReceiveMessage',
    passes: { code: 40_401 },
    ask: (broker, { topic, group }, options) =>
      requests.receive(
        broker,
        {
          group,
          messageQueue: { topic },
          filterExpression: { type: 'TAG', expression: 'none has it' },
          batchSize: 32,
          invisibleDuration: durationFromMs(10_000),
          longPollingTimeout: {},
        },
        options,
      ),
  },
]

/** The RPCs that go by a receipt handle, here one that nobody gave. */
export const settling: readonly NamingRpc[] = [
  {
    rpc: 'AckMessage',
    passes: { code: 40_013, entries: [40_013] },
    ask: (broker, names, options) => requests.ack(broker, names, [{ receiptHandle: 'garbage' }], options),
  },
  {
    rpc: 'ChangeInvisibleDuration',
    passes: { code: 40_013 },
    ask: (broker, names, options) => requests.change(broker, { ...names, receiptHandle: 'garbage' }, options),
  },
  {
    rpc: 'ForwardMessageToDeadLetterQueue',
    passes: { code: 40_013 },
    ask: (broker, names, options) => requests.forward(broker, { ...names, receiptHandle: 'garbage' }, options),
  },
]

/** The RPCs that go by what leads to a message in no queue, here what nobody gave. */
export const keeping: readonly NamingRpc[] = [
  {
    rpc: 'EndTransaction',
    passes: { code: 40_008 },
    ask: (broker, { topic }, options) => requests.endTransaction(broker, { topic, transactionId: 'garbage', resolution: 'COMMIT' }, options),
  },
  {
    rpc: 'RecallMessage',
    passes: { code: 40_000 },
    ask: (broker, { topic }, options) => requests.recallMessage(broker, { topic, recallHandle: 'garbage' }, options),
  },
]

/** Settings go by gRPC codes: there is no answer to put a status into. */
const settings: NamingRpc = {
  rpc: 'Telemetry',
  passes: { code: 20_000 },
  ask: (broker, { topic, group }, options) => {
    const consumer = consumerOf('', '')
    const value = { ...consumer.pubSub?.value, group, subscriptions: [{ topic, expression: { expression: '*' } }] }
    return requests.settle(broker, { ...consumer, pubSub: { case: 'subscription', value } }, options)
  },
}

type Case = readonly [rule: string, differs: string, name: ResourceInit | undefined, refused?: number | undefined, text?: RegExp | undefined]

const SYSTEM_TOPICS =
  'TBW102 SCHEDULE_TOPIC_XXXX BenchmarkTest SELF_TEST_TOPIC OFFSET_MOVED_EVENT CHECKPOINT_TOPIC RMQ_SYS_TRANS_HALF_TOPIC ' +
  'RMQ_SYS_TRANS_OP_HALF_TOPIC TRANS_CHECK_MAX_TIME_TOPIC RMQ_SYS_TRACE_TOPIC rmq_sys_ rmq_sys_wheel_timer'

const SYSTEM_GROUPS =
  'DEFAULT_CONSUMER DEFAULT_PRODUCER TOOLS_CONSUMER SCHEDULE_CONSUMER FILTERSRV_CONSUMER __MONITOR_CONSUMER CLIENT_INNER_PRODUCER ' +
  'SELF_TEST_P_GROUP SELF_TEST_C_GROUP CID_ONS-HTTP-PROXY CID_ONSAPI_OWNER CID_RMQ_SYS_ CID_RMQ_SYS_TRANS'

const bounds = (limit: number, code: number) => upTo(limit, { taken: { code: 0 }, code })

const illegal = (what: string, code: number): readonly Case[] => [
  [`a ${what} is not blank`, 'none', undefined, code, /blank/],
  [`a ${what} is not blank`, 'an empty one', { name: '' }, code, /blank/],
  [`a ${what} is not blank`, 'spaces', { name: '  ' }, code, /blank/],
  ...['my name', 'a.b', 'a/b', 'a\u0000b', 'ürün', '主题', 'a\n'].map(
    (name): Case => [`a ${what} has letters, digits and % | _ - alone`, JSON.stringify(name), { name }, code, /characters other than/],
  ),
  [`a ${what} has letters, digits and % | _ - alone`, '"aZ09_-|"', { name: 'aZ09_-|' }],
]

const topics: readonly Case[] = [
  ...illegal('topic', 40_002),
  ...bounds(127, 40_002).map(
    ({ value, code }): Case => ['a topic has at most 127 characters', `${value}`, { name: 't'.repeat(value) }, code === 0 ? undefined : Number(code)],
  ),
  ...SYSTEM_TOPICS.split(' ').map((name): Case => ['a topic is none of the system', name, { name }, 40_002, /system topic/]),
  ['a topic is none of the system', 'rmq_sys', { name: 'rmq_sys' }],
  ['a topic is none of the system', 'TBW1021', { name: 'TBW1021' }],
]

/** Their names may be longer, and nobody may make them. */
const derived: readonly Case[] = ['%DLQ%', '%RETRY%'].flatMap((prefix) =>
  bounds(255, 40_002).map(
    ({ value, code }): Case => [
      'a dead-letter or retry topic has at most 255 characters, and exists or not',
      `${prefix}, ${value}`,
      { name: prefix.padEnd(value, 'g') },
      code === 0 ? 40_402 : Number(code),
    ],
  ),
)

const groups: readonly Case[] = [
  ...illegal('consumer group', 40_003),
  ...bounds(120, 40_003).map(
    ({ value, code }): Case => [
      'a consumer group has at most 120 characters',
      `${value}`,
      { name: 'g'.repeat(value) },
      code === 0 ? undefined : Number(code),
    ],
  ),
  ...SYSTEM_GROUPS.split(' ').map((name): Case => ['a consumer group is none of the system', name, { name }, 40_003, /system group/]),
  ['a consumer group is none of the system', 'DEFAULT_CONSUMERS', { name: 'DEFAULT_CONSUMERS' }],
  ['a consumer group is none of the system', 'CID_RMQ_SYS', { name: 'CID_RMQ_SYS' }],
]

const topicRows = ({ passes, ask }: NamingRpc, cases: readonly Case[]): readonly Row[] =>
  cases.map(([rule, differs, topic, refused, text]) => ({
    rule,
    differs,
    ...(refused === undefined ? passes : { code: refused, text }),
    ask: ({ broker }) => ask(broker, { topic, group: { name: 'readers' } }),
  }))

const groupRows = ({ passes, ask }: NamingRpc, cases: readonly Case[]): readonly Row[] =>
  cases.map(([rule, differs, group, refused, text]) => ({
    rule,
    differs,
    ...(refused === undefined ? passes : { code: refused, text }),
    ask: ({ broker, fresh }) => ask(broker, { topic: { name: fresh('topic') }, group }),
  }))

const settled = (cases: readonly Case[]): readonly Row[] => [
  ...topicRows(
    settings,
    cases.filter(([rule]) => rule.includes('topic')),
  ),
  ...groupRows(
    settings,
    cases.filter(([rule]) => rule.includes('group')),
  ),
]

const both: Row = {
  rule: 'the topic is looked at before the consumer group',
  differs: 'neither is legal',
  code: 40_002,
  ask: ({ broker }) => requests.queryAssignment(broker, { topic: { name: 'a b' }, group: { name: 'a b' } }),
}

const existence = ({ passes, ask }: NamingRpc): readonly Row[] => {
  const inStrict = (topic: string, group: string) => (world: Parameters<Row['ask']>[0]) =>
    ask(world.strict, { topic: { name: topic }, group: { name: group } })
  return [
    {
      rule: 'a topic exists, or is made on first use',
      differs: 'on first use',
      ...passes,
      ask: ({ broker, fresh }) => ask(broker, { topic: { name: fresh('topic') }, group: { name: 'readers' } }),
    },
    { rule: 'a topic exists, or is made on first use', differs: 'one that is there, none being made', ...passes, ask: inStrict('orders', 'billing') },
    {
      rule: 'a topic exists, or is made on first use',
      differs: 'one that is not there, none being made',
      code: 40_402,
      text: /create it: feathermq topic create payments/,
      ask: inStrict('payments', 'billing'),
    },
    {
      rule: 'a topic exists, or is made on first use',
      differs: 'one with a percent sign, which no user makes',
      code: 40_402,
      text: /topics that the broker makes itself/,
      ask: ({ broker }) => ask(broker, { topic: { name: '50%off' }, group: { name: 'readers' } }),
    },
  ]
}

const groupExistence = ({ passes, ask }: NamingRpc): readonly Row[] => [
  {
    rule: 'a consumer group exists, or is made on first use',
    differs: 'on first use',
    ...passes,
    ask: ({ broker, fresh }) => ask(broker, { topic: { name: fresh('topic') }, group: { name: fresh('group') } }),
  },
  {
    rule: 'a consumer group exists, or is made on first use',
    differs: 'one that is not there, none being made',
    code: 40_403,
    text: /create it: feathermq group create nobody/,
    ask: ({ strict }) => ask(strict, { topic: { name: 'orders' }, group: { name: 'nobody' } }),
  },
]

const withGroup = looking.filter(({ rpc }) => rpc === 'QueryAssignment' || rpc === 'ReceiveMessage')

/** Names are looked at alike wherever they stand. */
export const nameTables: readonly Table[] = [
  ...looking.map((rpc) => ({ rpc: rpc.rpc, rows: [...topicRows(rpc, [...topics, ...derived]), ...existence(rpc)] })),
  ...withGroup.map((rpc) => ({ rpc: rpc.rpc, rows: [...groupRows(rpc, groups), ...groupExistence(rpc)] })),
  { rpc: 'QueryAssignment', rows: [both] },
  ...settling.map((rpc) => ({ rpc: rpc.rpc, rows: [...topicRows(rpc, topics), ...groupRows(rpc, groups)] })),
  ...keeping.map((rpc) => ({ rpc: rpc.rpc, rows: topicRows(rpc, topics) })),
  {
    rpc: 'Telemetry',
    rows: settled([...topics, ...groups]).map((row) => (row.code === 20_000 ? row : { ...row, code: 'INVALID_ARGUMENT' })),
  },
]
