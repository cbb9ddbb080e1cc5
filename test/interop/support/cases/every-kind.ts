import assert from 'node:assert/strict'
import type { FeatherMQ, Message } from '@feathermq/sdk'
import { describe, it } from 'mocha'
import type { OfficialMessage, OfficialSend } from '../../../support/official/calls.ts'
import type { OfficialProducer, OfficialSimpleConsumer } from '../../../support/official/clients.ts'
import { text } from '../official-stage.ts'

export type Kind = 'NORMAL' | 'FIFO' | 'DELAY' | 'TRANSACTION' | 'PRIORITY'

/** A server, ours or a stock one, with our clients and the official ones of a language. Topics and groups are new ones. */
export interface Crossing {
  topic(kind: Kind): Promise<string>
  group(options: { readonly ordered: boolean }): Promise<string>
  ours(): Promise<FeatherMQ>
  producer(topic: string): Promise<OfficialProducer>
  simple(options: { readonly group: string; readonly topic: string }): Promise<OfficialSimpleConsumer>
  /** A time soon, ms since the epoch, that {@link reach} lets come. In whole seconds, because the Python client sends no more. */
  soon(): number
  reach(time: number): Promise<void>
}

/** What is compared, the same of all languages. */
interface Seen {
  readonly id: string
  readonly body: string
  readonly tag: string
  readonly keys: readonly string[]
  readonly tenant: string | undefined
  readonly group: string
}

/** How a message of a kind is sent by either side, and what the consumers of the other must see. */
interface Case {
  readonly kind: Kind
  /** Fields beyond those of every message, one message each, in the order in which they are sent. */
  messages(crossing: Crossing): readonly Partial<OfficialSend>[]
  /** Which of them arrive. Default all. */
  readonly arrive?: readonly number[]
  /** In which order, where it is promised; otherwise any. */
  readonly inOrder?: readonly number[]
}

const cases: readonly Case[] = [
  {
    kind: 'NORMAL',
    messages: () => [{ tag: 'created', keys: ['o-1', 'o-2'], properties: { tenant: 'ä' } }, { body: new Uint8Array([0, 1, 254, 255]) }],
  },
  { kind: 'FIFO', messages: () => ['a', 'b', 'c'].map(() => ({ messageGroup: 'customer-7' })), inOrder: [0, 1, 2] },
  { kind: 'DELAY', messages: (crossing) => [{ deliverAt: crossing.soon(), keys: ['o-1'] }] },
  {
    kind: 'TRANSACTION',
    messages: () => [{ transaction: 'rollback' }, { transaction: 'commit', tag: 'paid', keys: ['o-1'] }],
    arrive: [1],
  },
  { kind: 'PRIORITY', messages: () => [{ priority: 1 }, { priority: 3 }], inOrder: [1, 0] },
]

function full(topic: string, index: number, more: Partial<OfficialSend>): OfficialSend {
  return { topic, body: Buffer.from(`m${index}`), ...more }
}

function expected(message: OfficialSend, id: string): Seen {
  const { body, tag = '', keys = [], properties, messageGroup = '' } = message
  return { id, body: text(body), tag, keys: [...keys].sort(), tenant: properties?.['tenant'], group: messageGroup }
}

function ofTheirs(message: OfficialMessage): Seen {
  const { messageId: id, body, tag, keys, properties, messageGroup: group } = message
  return { id, body: text(body), tag, keys: [...keys].sort(), tenant: properties['tenant'], group }
}

function ofOurs(message: Message): Seen {
  const { messageId: id, body, tag = '', keys, properties, messageGroup: group = '' } = message
  return { id, body: text(body), tag, keys: [...keys].sort(), tenant: properties['tenant'], group }
}

/** Until as many came as were to come; each receive waits for the first of a batch alone. */
async function gather(count: number, receive: () => Promise<readonly Seen[]>): Promise<readonly Seen[]> {
  const seen: Seen[] = []
  for (let receives = 0; seen.length < count && receives < 10; receives += 1) seen.push(...(await receive()))
  return seen
}

function byOurs(mq: FeatherMQ): (message: OfficialSend) => Promise<string> {
  const producer = mq.producer()
  return async ({ transaction, ...message }) => {
    if (transaction === undefined) return (await producer.send(message)).messageId
    return (await producer.transaction(message, async () => (transaction === 'commit' ? 'commit' : 'rollback'))).messageId
  }
}

/** Declares that messages of each kind go from our SDK to the official clients of a language and the other way. */
export function everyKind(crossing: Crossing): void {
  for (const { kind, messages, arrive, inOrder } of cases) {
    const ordered = kind === 'FIFO'
    /** Sends all, lets their time come, and looks at what arrives. */
    const cross = async (topic: string, send: (message: OfficialSend) => Promise<string>, receive: () => Promise<readonly Seen[]>) => {
      const sent = messages(crossing).map((message, index) => full(topic, index, message))
      const wanted: Seen[] = []
      for (const message of sent) wanted.push(expected(message, await send(message)))
      for (const { deliverAt } of sent) if (deliverAt !== undefined) await crossing.reach(deliverAt)
      const arriving = (inOrder ?? arrive ?? sent.map((_, index) => index)).map((index) => wanted[index])
      const seen = await gather(arriving.length, receive)
      const sorted = (all: readonly (Seen | undefined)[]) =>
        inOrder === undefined ? [...all].sort((a, b) => ((a?.id ?? '') < (b?.id ?? '') ? -1 : 1)) : all
      assert.deepEqual(sorted(seen), sorted(arriving))
    }

    describe(`${kind} messages`, () => {
      it('of its producer reach our consumer', async () => {
        const [topic, group] = await Promise.all([crossing.topic(kind), crossing.group({ ordered })])
        const from = await crossing.producer(topic)
        const consumer = (await crossing.ours()).simpleConsumer({ group, subscribe: { [topic]: '*' } })
        await cross(
          topic,
          async (message) => (await from.send(message)).messageId,
          async () => {
            const received = await consumer.receive({ max: 16, wait: '5s', invisible: '30s' })
            await Promise.all(received.map((message) => message.ack()))
            return received.map(ofOurs)
          },
        )
      })

      it('of our producer reach its consumer', async () => {
        const [topic, group] = await Promise.all([crossing.topic(kind), crossing.group({ ordered })])
        const to = await crossing.simple({ group, topic })
        await cross(topic, byOurs(await crossing.ours()), async () => {
          const received = await to.receive(16, 30_000)
          await Promise.all(received.map((message) => to.ack(message)))
          return received.map(ofTheirs)
        })
      })
    })
  }
}
