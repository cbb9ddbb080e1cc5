import type { MessageInit, SystemPropertiesInit } from '@feathermq/protocol'
import { timestampFromMs } from '@feathermq/protocol'
import { startInMemory } from '../calls.ts'
import * as requests from './requests.ts'
import { type Bound, downTo, type Row, type Table, upTo, type World } from './row.ts'

const DAY = 86_400_000
const OK = { code: 20_000, entries: [20_000] } as const

/** A message that is right but for what is put in its place. */
function message(system: SystemPropertiesInit = {}, rest: Partial<MessageInit> = {}): MessageInit {
  return { topic: { name: 'orders' }, body: Buffer.from('x'), ...rest, systemProperties: { messageId: 'id', ...system } }
}

type Made = MessageInit | ((world: World) => MessageInit)
type Line = readonly [differs: string, made: Made | readonly Made[], outcome: number | Pick<Row, 'code' | 'entries'>, text?: RegExp | undefined]

/** Rows of one rule, each a request of these messages. */
function rule(name: string, ...lines: readonly Line[]): readonly Row[] {
  return lines.map(([differs, made, outcome, text]) => ({
    rule: name,
    differs,
    ...(typeof outcome === 'number' ? { code: outcome } : outcome),
    text,
    ask: (world) =>
      requests.send(
        world.broker,
        (Array.isArray(made) ? (made as readonly Made[]) : [made as Made]).map((one) => (typeof one === 'function' ? one(world) : one)),
      ),
  }))
}

/** Rows at a limit: each a message made for a value. */
function bounds(name: string, values: readonly Bound[], made: (value: number, world: World) => MessageInit, text?: RegExp): readonly Row[] {
  return rule(
    name,
    ...values.map(
      ({ value, code, entries }): Line => [`${value}`, (world) => made(value, world), { code, entries }, code === 20_000 ? undefined : text],
    ),
  )
}

const property = (key: string, value: string): Partial<MessageInit> => ({ userProperties: new Map([[key, value]]) })
const properties = (count: number): ReadonlyMap<string, string> => new Map(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
const on = (name: string, system: SystemPropertiesInit = {}): MessageInit => message(system, { topic: { name } })
const due =
  (ms: number) =>
  (world: World): MessageInit =>
    message(delay(world, ms))
const delay = ({ broker }: World, ms: number): SystemPropertiesInit => ({ deliveryTimestamp: timestampFromMs(broker.clock.now() + ms) })
const times = (count: number): readonly MessageInit[] => Array.from({ length: count }, (_, index) => message({ messageId: `id-${index}` }))
const oks = (count: number): Pick<Row, 'code' | 'entries'> => ({ code: 20_000, entries: Array.from({ length: count }, () => 20_000) })

const requestRules: readonly Row[] = [
  ...rule('a send has a message', ['none', [], 40_016, /no message/], ['one', times(1), OK], ['two', times(2), oks(2)]),
  ...rule('a send has any number of messages, each with an entry of its own', ['32', times(32), oks(32)], ['33', times(33), oks(33)]),
  ...rule(
    'all messages of a send have one topic',
    ['two topics', [message(), on('others')], 40_016, /one topic/],
    ['another topic at the end', [message(), message(), on('others')], 40_016, /one topic/],
    ['a topic, and none', [message(), message({}, { topic: undefined })], 40_016, /one topic/],
    ['two namespaces', [message(), message({}, { topic: { name: 'orders', resourceNamespace: 'b' } })], 40_016, /one topic/],
    ['a second topic that is not legal', [message(), on('a b')], 40_016, /one topic/],
  ),
  ...rule(
    'one message that is not right fails the whole send with its code',
    ['the first', [message({ tag: 'a|b' }), message()], 40_004],
    ['the last', [message(), message(), message({ keys: [' '] })], 40_005],
    ['the first of two', [message({ keys: [' '] }), message({ tag: 'a|b' })], 40_005],
    ['delayed messages among others, which are right', [due(1_000), message(), due(2_000)], oks(3)],
  ),
]

const bodyRules: readonly Row[] = [
  ...rule(
    'a body is not empty',
    ['none', message({}, { body: undefined }), 41_302],
    ['0 bytes', message({}, { body: new Uint8Array(0) }), 41_302],
    ['1 byte', message({}, { body: Uint8Array.of(0) }), OK],
  ),
  ...bounds(
    'a body has at most 4 MiB, compressed or not',
    upTo(4_194_304, { taken: OK, code: 41_301 }),
    (size) => message({ bodyEncoding: 'GZIP' }, { body: Buffer.alloc(size) }),
    /4194305 bytes, at most 4194304/,
  ),
]

/** The reserved keys as the documents of the protocol list them. */
const RESERVED =
  'TRACE_ON MSG_REGION KEYS TAGS WAIT DELAY RETRY_TOPIC REAL_TOPIC REAL_QID TRAN_MSG PGROUP MIN_OFFSET MAX_OFFSET BUYER_ID ORIGIN_MESSAGE_ID ' +
  'TRANSFER_FLAG CORRECTION_FLAG MQ2_FLAG RECONSUME_TIME UNIQ_KEY MAX_RECONSUME_TIMES CONSUME_START_TIME POP_CK POP_CK_OFFSET 1ST_POP_TIME ' +
  'TRAN_PREPARED_QUEUE_OFFSET DUP_INFO EXTEND_UNIQ_INFO INSTANCE_ID CORRELATION_ID REPLY_TO_CLIENT TTL ARRIVE_TIME PUSH_REPLY_TIME CLUSTER ' +
  'MSG_TYPE INNER_MULTI_QUEUE_OFFSET TIMER_DELAY_MS TIMER_DELAY_SEC TIMER_DELIVER_MS TIMER_ENQUEUE_MS TIMER_DEQUEUE_MS TIMER_ROLL_TIMES ' +
  'TIMER_OUT_MS TIMER_DEL_UNIQKEY TIMER_DELAY_LEVEL __BORNHOST BORN_TIMESTAMP DLQ_ORIGIN_TOPIC DLQ_ORIGIN_MESSAGE_ID __CRC32# ' +
  '_SYS_MSG_PRIORITY_ __LITE_TOPIC'
/** Keys that a stock server uses itself and takes all the same; the first of them makes a message of a message group there. */
const UNRESERVED = '__SHARDINGKEY TRACE_CONTEXT CHECK_IMMUNITY_TIME_IN_SECONDS __transactionId__ TRANSACTION_CHECK_TIMES uniq_key'

const propertyRules: readonly Row[] = [
  ...bounds(
    'a message has at most 128 user properties',
    upTo(128, { taken: OK, code: 43_101 }),
    (count) => message({}, { userProperties: properties(count) }),
    /129 user properties, at most 128/,
  ),
  ...rule(
    'a property key is not reserved',
    ...RESERVED.split(' ').map((key): Line => [key, message({}, property(key, 'v')), 40_007, /is reserved/]),
    ...UNRESERVED.split(' ').map((key): Line => [`${key}, on a topic for NORMAL messages`, { ...on('normal-only'), ...property(key, 'v') }, OK]),
  ),
  ...rule(
    'a property may have an empty key and an empty value',
    ['no key', message({}, property('', 'v')), OK],
    ['no value', message({}, property('k', '')), OK],
  ),
  ...bounds(
    'properties, tag and keys have at most 16 KiB together: properties alone',
    upTo(16_384, { taken: OK, code: 43_101 }),
    (size) => message({}, property('k', 'v'.repeat(size - 1))),
    /16385 bytes/,
  ),
  ...bounds('properties, tag and keys have at most 16 KiB together: with a tag', upTo(16_384, { taken: OK, code: 43_101 }), (size) =>
    message({ tag: 'tag' }, property('k', 'v'.repeat(size - 4))),
  ),
  ...bounds('properties, tag and keys have at most 16 KiB together: with keys', upTo(16_384, { taken: OK, code: 43_101 }), (size) =>
    message({ keys: ['a', 'bc'] }, property('k', 'v'.repeat(size - 4))),
  ),
  ...bounds('properties, tag and keys have at most 16 KiB together: a tag alone', upTo(16_384, { taken: OK, code: 43_101 }), (size) =>
    message({ tag: 't'.repeat(size) }),
  ),
  ...bounds('properties, tag and keys have at most 16 KiB together: a key alone', upTo(16_384, { taken: OK, code: 43_101 }), (size) =>
    message({ keys: ['k'.repeat(size)] }),
  ),
  ...bounds('properties, tag and keys have at most 16 KiB together: in bytes, not in characters', upTo(16_384, { taken: OK, code: 43_101 }), (size) =>
    message({}, property('k'.repeat(size % 2 === 0 ? 2 : 1), 'ü'.repeat(Math.floor((size - 1) / 2)))),
  ),
]

/** Characters at both ends of the two ranges of control characters, and those beside them. */
const CHARACTERS: readonly (readonly [code: number, control: boolean])[] = [
  [0x00, true],
  [0x09, true],
  [0x1f, true],
  [0x20, false],
  [0x7e, false],
  [0x7f, true],
  [0x9f, true],
  [0xa0, false],
]
const PLACES: readonly (readonly [where: string, code: number, made: (text: string) => MessageInit])[] = [
  ['a property key', 40_007, (text) => message({}, property(text, 'v'))],
  ['a property value', 40_007, (text) => message({}, property('k', text))],
  ['a tag', 40_004, (text) => message({ tag: text })],
  ['a message key', 40_005, (text) => message({ keys: ['good', text] })],
  ['a message group', 40_006, (text) => message({ messageGroup: text })],
]

const textRules: readonly Row[] = [
  ...PLACES.flatMap(([where, code, made]) =>
    rule(
      `${where} has no control character`,
      ...CHARACTERS.map(
        ([character, control]): Line => [`0x${character.toString(16)}`, made(`a${String.fromCharCode(character)}b`), control ? code : OK],
      ),
    ),
  ),
  ...PLACES.slice(2).flatMap(([where, code, made]) =>
    rule(`${where} is not blank`, ['empty', made(''), code, /blank/], ['a space', made(' '), code, /blank/], ['one letter', made('a'), OK]),
  ),
  ...rule(
    'a tag has no |',
    ['a|b', message({ tag: 'a|b' }), 40_004, /separates tags/],
    ['|', message({ tag: '|' }), 40_004],
    ['*', message({ tag: '*' }), OK],
  ),
  ...rule(
    'a message has an id, of any form',
    ['none', message({ messageId: undefined }), 40_009],
    ['no system properties', { topic: { name: 'orders' }, body: Buffer.from('x') }, 40_009],
    ['empty', message({ messageId: '' }), 40_009],
    ['a space', message({ messageId: ' ' }), 40_009],
    ['my own-id', message({ messageId: 'my own-id' }), OK],
  ),
  ...bounds(
    'a message group has less than 64 bytes',
    upTo(63, { taken: OK, code: 40_006 }),
    (size) => message({ messageGroup: 'g'.repeat(size) }),
    /longer than 63 bytes/,
  ),
  ...rule(
    'a message group has less than 64 bytes',
    ['31 characters of 62 bytes', message({ messageGroup: 'ü'.repeat(31) }), OK],
    ['32 characters of 64 bytes', message({ messageGroup: 'ü'.repeat(32) }), 40_006],
  ),
]

const timeRules: readonly Row[] = [
  ...bounds(
    'a delivery time is at most a day away, in ms',
    upTo(DAY, { taken: OK, code: 40_012 }),
    (ms, world) => message(delay(world, ms)),
    /86400000 ms away/,
  ),
  ...rule(
    'a delivery time may be past, which is now',
    ['5 s ago', due(-5_000), OK],
    ['now', due(0), OK],
    ['the epoch', message({ deliveryTimestamp: { seconds: 0, nanos: 0 } }), OK],
  ),
  ...bounds(
    'a transaction recovery time is at most an hour, in ms',
    upTo(3_600_000, { taken: OK, code: 40_000 }),
    (ms) => message({ orphanedTransactionRecoveryDuration: { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1e6 } }),
    /3600 s/,
  ),
]

const conflict = (topic: string, type: string): readonly [number, RegExp] => [40_014, new RegExp(`"${topic}" takes [A-Z]+; this message is ${type}$`)]
const delayedOn =
  (name: string, system: SystemPropertiesInit = {}) =>
  (world: World): MessageInit =>
    on(name, { ...delay(world, 1_000), ...system })

const typeRules: readonly Row[] = [
  ...rule(
    'the topic takes what the content makes of a message',
    ['NORMAL on one for NORMAL', on('normal-only'), OK],
    ['FIFO on one for NORMAL', on('normal-only', { messageGroup: 'g' }), ...conflict('normal-only', 'FIFO')],
    ['DELAY on one for NORMAL', delayedOn('normal-only'), ...conflict('normal-only', 'DELAY')],
    ['NORMAL on one for FIFO', on('fifo-only'), ...conflict('fifo-only', 'NORMAL')],
    ['FIFO on one for FIFO', on('fifo-only', { messageGroup: 'g' }), OK],
    ['DELAY on one for FIFO', delayedOn('fifo-only'), ...conflict('fifo-only', 'DELAY')],
    ['DELAY with a message group on one for FIFO', delayedOn('fifo-only', { messageGroup: 'g' }), ...conflict('fifo-only', 'DELAY')],
    ['NORMAL on one for DELAY', on('delay-only'), ...conflict('delay-only', 'NORMAL')],
    ['FIFO on one for DELAY', on('delay-only', { messageGroup: 'g' }), ...conflict('delay-only', 'FIFO')],
    ['DELAY on one for DELAY', delayedOn('delay-only'), OK],
    ['DELAY with a message group on one for DELAY', delayedOn('delay-only', { messageGroup: 'g' }), OK],
    [
      'a second message that is FIFO on one for NORMAL',
      [on('normal-only'), on('normal-only', { messageGroup: 'g' })],
      ...conflict('normal-only', 'FIFO'),
    ],
  ),
  ...rule(
    'what a message calls itself does not matter',
    ['DELAY without a time on one for NORMAL', on('normal-only', { messageType: 'DELAY' }), OK],
    ['FIFO without a group on one for NORMAL', on('normal-only', { messageType: 'FIFO' }), OK],
    ['NORMAL with a group on one for FIFO', on('fifo-only', { messageType: 'NORMAL', messageGroup: 'g' }), OK],
    ['no known type', on('normal-only', { messageType: 99 }), OK],
  ),
  ...rule(
    'a transaction is for a topic that takes TRANSACTION, and has no time and no priority of its own',
    ['TRANSACTION on one made on first use', message({ messageType: 'TRANSACTION' }), OK],
    ['TRANSACTION on one for NORMAL', on('normal-only', { messageType: 'TRANSACTION' }), ...conflict('normal-only', 'TRANSACTION')],
    [
      'TRANSACTION with a message group on one for FIFO',
      on('fifo-only', { messageType: 'TRANSACTION', messageGroup: 'g' }),
      ...conflict('fifo-only', 'TRANSACTION'),
    ],
    ['TRANSACTION with a message group', message({ messageType: 'TRANSACTION', messageGroup: 'g' }), OK],
    ['several', [message({ messageType: 'TRANSACTION' }), message(), message({ messageType: 'TRANSACTION' })], oks(3)],
    ['TRANSACTION with a delivery time', (world) => message({ messageType: 'TRANSACTION', ...delay(world, 1_000) }), 40_014, /no delivery time/],
    ['TRANSACTION with a priority', message({ messageType: 'TRANSACTION', priority: 1 }), 40_014, /no priority/],
    ['TRANSACTION with a lite topic', message({ messageType: 'TRANSACTION', liteTopic: 'chat' }), 50_100, /LITE/],
  ),
  ...bounds('a priority is not negative', downTo(0, { taken: OK, code: 40_000 }), (priority) =>
    message({ priority }, { topic: { name: 'priority-only' } }),
  ),
  ...rule(
    'a priority is for a topic that takes PRIORITY, and that one may take nothing else',
    ['PRIORITY on one for NORMAL', on('normal-only', { priority: 1 }), ...conflict('normal-only', 'PRIORITY')],
    ['PRIORITY on one made on first use', message({ priority: 1 }), 40_014, /"orders" takes NORMAL, FIFO, DELAY.*; this message is PRIORITY$/],
    ['PRIORITY on one for PRIORITY', on('priority-only', { priority: 1 }), OK],
    ['NORMAL on one for PRIORITY', on('priority-only'), ...conflict('priority-only', 'NORMAL')],
    ['FIFO with a priority on one for PRIORITY', on('priority-only', { priority: 1, messageGroup: 'g' }), ...conflict('priority-only', 'FIFO')],
    ['FIFO with a priority on one for FIFO', on('fifo-only', { priority: 1, messageGroup: 'g' }), OK],
    ['DELAY with a priority on one for PRIORITY', delayedOn('priority-only', { priority: 1 }), ...conflict('priority-only', 'DELAY')],
  ),
  ...bounds('a lite topic has at most 64 characters; none is served yet', upTo(64, { taken: { code: 50_100 }, code: 40_020 }), (size) =>
    message({ liteTopic: 'l'.repeat(size) }),
  ),
  ...rule(
    'a lite topic has letters, digits and _ - alone; none is served yet',
    ['empty', message({ liteTopic: '' }), 40_020],
    ['a b!', message({ liteTopic: 'a b!' }), 40_020],
    ['a%b', message({ liteTopic: 'a%b' }), 40_020],
    ['aZ09_-', message({ liteTopic: 'aZ09_-' }), 50_100, /LITE/],
  ),
]

/** A broker of its own, which has room for one of two messages. */
const crowded = (differs: string, sizes: readonly number[], outcome: Pick<Row, 'code' | 'entries'>): Row => ({
  rule: 'a message for which there is no memory is answered so in its entry; what is common to all entries stands over them',
  differs,
  ...outcome,
  ask: async () => {
    await using broker = await startInMemory({ maxMemory: '1MiB' })
    const unconsumed = sizes.map((size) => message({}, { body: Buffer.alloc(size, 'x') }))
    return await requests.send(broker, unconsumed)
  },
})

const memoryRules: readonly Row[] = [
  crowded('room for all', [1_000, 1_000], oks(2)),
  crowded('room for the first', [1_000, 1_100_000], { code: 30_000, entries: [20_000, 42_900] }),
  crowded('room for none', [1_100_000, 1_100_000], { code: 42_900, entries: [42_900, 42_900] }),
]

/** Each has one thing wrong less than the one before. */
const orderRules: readonly Row[] = (() => {
  const everything = {
    messageId: ' ',
    tag: 'a|b',
    keys: [' '],
    orphanedTransactionRecoveryDuration: { seconds: 7_200, nanos: 0 },
    messageGroup: ' ',
    messageType: 'TRANSACTION',
  } as const
  const late = (world: World): SystemPropertiesInit => delay(world, 2 * DAY)
  const many = new Map([...properties(128), ['KEYS', 'v']])
  const long = new Map([['k', 'v'.repeat(20_000)]])
  const steps: readonly (readonly [repaired: string, code: number, system: SystemPropertiesInit, rest: Partial<MessageInit>])[] = [
    ['nothing', 40_002, {}, { topic: { name: 'a b' }, body: undefined, userProperties: many }],
    ['the topic', 41_302, {}, { body: undefined, userProperties: many }],
    ['the body', 43_101, {}, { userProperties: many }],
    ['the number of properties', 40_007, {}, { userProperties: new Map([...long, ['KEYS', 'v']]) }],
    ['the property keys', 40_004, {}, { userProperties: long }],
    ['the tag', 40_005, { tag: 'a' }, { userProperties: long }],
    ['the keys', 43_101, { tag: 'a', keys: ['a'] }, { userProperties: long }],
    ['the size of the properties', 40_009, { tag: 'a', keys: ['a'] }, {}],
    ['the id', 40_000, { tag: 'a', keys: ['a'], messageId: 'id' }, {}],
    ['the recovery time', 40_012, { tag: 'a', keys: ['a'], messageId: 'id', orphanedTransactionRecoveryDuration: undefined }, {}],
  ]
  return rule(
    'what is wrong is looked for in the order of a stock server',
    ...steps.map(
      ([repaired, code, system, rest]): Line => [
        `repaired is ${repaired}`,
        (world) => message({ ...everything, ...late(world), ...system }, { topic: { name: 'normal-only' }, ...rest }),
        code,
      ],
    ),
    ['repaired is the delivery time', on('normal-only', { messageGroup: ' ', messageType: 'TRANSACTION' }), 40_006],
    ['repaired is the message group', on('normal-only', { messageGroup: 'g', messageType: 'TRANSACTION' }), 40_014, /this message is TRANSACTION/],
    ['repaired is the type', on('normal-only', { messageGroup: 'g' }), 40_014],
    [
      'a topic that is not there is looked for after the message',
      (world) => message({ tag: 'a|b' }, { topic: { name: world.fresh('topic') } }),
      40_004,
    ],
  )
})()

export const sendTables: readonly Table[] = [
  {
    rpc: 'SendMessage',
    rows: [...requestRules, ...bodyRules, ...propertyRules, ...textRules, ...timeRules, ...typeRules, ...memoryRules, ...orderRules],
  },
]
