import type { EndTransactionRequestInit } from '@feathermq/protocol'
import { begin, delayed, end, recall } from '../kept.ts'
import * as requests from './requests.ts'
import type { Row, Table, World } from './row.ts'

const OK = { code: 20_000 } as const
const NO_TRANSACTION = { code: 40_008, text: /there is no such transaction of the topic/ } as const
const NO_MESSAGE = { code: 40_000, text: /none of a message of the topic/ } as const
const LATE = { code: 40_000, text: /too late/ } as const

type Outcome = Pick<Row, 'code' | 'text'>

/** A row about a half message: what happens to it before, as resolutions, and what the request says beside that. */
function transaction(
  rule: string,
  differs: string,
  outcome: Outcome,
  init: EndTransactionRequestInit | ((id: string) => EndTransactionRequestInit) = {},
  before: readonly NonNullable<EndTransactionRequestInit['resolution']>[] = [],
): Row {
  return {
    rule,
    differs,
    ...outcome,
    prepare: async (world) => {
      const client = world.broker.rawClient('sender')
      const half = await begin(client, world.fresh('topic'), 'hello')
      for (const resolution of before) await end(client, half, resolution)
      return [half.topic, half.messageId, half.transactionId].join('|')
    },
    ask: ({ broker }, prepared) => {
      const [topic = '', messageId = '', transactionId = ''] = prepared.split('|')
      const own = { topic: { name: topic }, messageId, transactionId, resolution: 'COMMIT', source: 'SOURCE_CLIENT' } as const
      return requests.endTransaction(broker, { ...own, ...(typeof init === 'function' ? init(transactionId) : init) })
    },
  }
}

const BLANK = { code: 40_008, text: /blank/ } as const
const UNSPECIFIED = 'TRANSACTION_RESOLUTION_UNSPECIFIED'

const transactionRows: readonly Row[] = [
  transaction('a transaction id is not blank', 'none', BLANK, { transactionId: undefined }),
  transaction('a transaction id is not blank', 'a space', BLANK, { transactionId: ' ' }),
  transaction('a transaction is one that was begun', 'the very one', OK),
  transaction('a transaction is one that was begun', 'garbage', NO_TRANSACTION, { transactionId: 'garbage' }),
  transaction('a transaction is one that was begun', 'a character more', NO_TRANSACTION, (id) => ({ transactionId: `${id}0` })),
  transaction('a transaction is one that was begun', 'a character less', NO_TRANSACTION, (id) => ({ transactionId: id.slice(0, -1) })),
  transaction('a transaction belongs to a topic', 'another topic', NO_TRANSACTION, { topic: { name: 'orders' } }),
  transaction('a transaction belongs to a message', 'another message', NO_TRANSACTION, { messageId: 'another' }),
  transaction('a transaction belongs to a message', 'none, which is not looked at', OK, { messageId: undefined }),
  ...(['COMMIT', 'ROLLBACK', UNSPECIFIED, 9] as const).map((resolution) =>
    transaction('a transaction has any resolution', `${resolution}`, OK, { resolution }),
  ),
  ...(['SOURCE_UNSPECIFIED', 'SOURCE_CLIENT', 'SOURCE_SERVER_CHECK', 9] as const).map((source) =>
    transaction('who ends a transaction does not matter', `${source}`, OK, { source }),
  ),
  transaction('a transaction ends one way', 'COMMIT after COMMIT', OK, { resolution: 'COMMIT' }, ['COMMIT']),
  transaction('a transaction ends one way', 'ROLLBACK after ROLLBACK', OK, { resolution: 'ROLLBACK' }, ['ROLLBACK']),
  transaction('a transaction ends one way', 'ROLLBACK after COMMIT', NO_TRANSACTION, { resolution: 'ROLLBACK' }, ['COMMIT']),
  transaction('a transaction ends one way', 'COMMIT after ROLLBACK', NO_TRANSACTION, { resolution: 'COMMIT' }, ['ROLLBACK']),
  transaction('a transaction ends one way', 'UNSPECIFIED after COMMIT', NO_TRANSACTION, { resolution: UNSPECIFIED }, ['COMMIT']),
  transaction('a transaction goes on with no resolution', 'COMMIT after UNSPECIFIED', OK, { resolution: 'COMMIT' }, [UNSPECIFIED]),
  transaction('a transaction goes on with no resolution', 'ROLLBACK after UNSPECIFIED', OK, { resolution: 'ROLLBACK' }, [UNSPECIFIED]),
]

/** A row about a message that comes in ten seconds: what happens before, and which handle is sent. */
function recalled(
  rule: string,
  differs: string,
  outcome: Outcome,
  handle: (handle: string) => string = (same) => same,
  { before, topic }: { readonly before?: (world: World, topic: string, handle: string) => Promise<unknown>; readonly topic?: string } = {},
): Row {
  return {
    rule,
    differs,
    ...outcome,
    prepare: async (world) => {
      const name = world.fresh('topic')
      const given = await delayed(world.broker.rawClient('sender'), name, 'a', world.broker.clock.now() + 10_000)
      await before?.(world, name, given)
      return `${name}|${given}`
    },
    ask: ({ broker }, prepared) => {
      const [own = '', given = ''] = prepared.split('|')
      return requests.recallMessage(broker, { topic: { name: topic ?? own }, recallHandle: handle(given) })
    },
  }
}

const altered =
  (word: number) =>
  (handle: string): string => {
    const words = Buffer.from(handle, 'base64url').toString().split(' ')
    return Buffer.from(words.with(word - 1, `${words[word - 1]}0`).join(' ')).toString('base64url')
  }

const passed = (ms: number) => ({ before: ({ broker }: World) => broker.clock.advance(ms) })
const foreign = Buffer.from(`v1 orders feathermq 4102444800000 ${'0'.repeat(34)}`).toString('base64url')

const recallRows: readonly Row[] = [
  recalled('a recall handle is that of a delayed message', 'the very one', OK),
  recalled('a recall handle is that of a delayed message', 'without its padding', OK, (handle) => handle.replace(/=+$/, '')),
  ...['', ' ', 'garbage', '!', foreign].map((handle) =>
    recalled('a recall handle is that of a delayed message', handle === foreign ? 'that of a stock server' : `"${handle}"`, NO_MESSAGE, () => handle),
  ),
  ...[1, 2, 3, 4, 5, 6, 7].map((word) => recalled('a recall handle is that of a delayed message', `another word ${word}`, NO_MESSAGE, altered(word))),
  recalled('a recall handle belongs to a topic', 'another topic', NO_MESSAGE, undefined, { topic: 'others' }),
  recalled('a topic whose messages are recalled takes DELAY', 'one for NORMAL', { code: 40_014, text: /no delayed message/ }, undefined, {
    topic: 'normal-only',
  }),
  recalled('a message is recalled before its time, here 10,000 ms', '9,999 ms', OK, undefined, passed(9_999)),
  recalled('a message is recalled before its time, here 10,000 ms', '10,000 ms', LATE, undefined, passed(10_000)),
  recalled('a message is recalled before its time, here 10,000 ms', '10,001 ms', LATE, undefined, passed(10_001)),
  recalled('a message may be recalled once more', 'twice', OK, undefined, {
    before: ({ broker }, topic, handle) => recall(broker.rawClient('sender'), topic, handle),
  }),
  recalled('a message may be recalled once more', 'after its time', OK, undefined, {
    before: async ({ broker }, topic, handle) => {
      await recall(broker.rawClient('sender'), topic, handle)
      await broker.clock.advance('1m')
    },
  }),
]

export const keepTables: readonly Table[] = [
  { rpc: 'EndTransaction', rows: transactionRows },
  { rpc: 'RecallMessage', rows: recallRows },
]
