// Leads clients of our SDK for a test, as the drivers of the official ones do: requests come as JSON lines on stdin, answers and arrivals go as JSON lines to
// stdout. Which there are is written in test/support/official/calls.ts.
import { createInterface } from 'node:readline'
import { FeatherMQ, FeatherMQError, type Message, type Producer, type SimpleConsumer } from '@feathermq/sdk'
import type { Ask, OfficialSend, Start } from '../../support/official/calls.ts'

type Asked = Ask & { readonly id: number; readonly client: number }
type Decided = { readonly client: number; readonly decide: number; readonly success: boolean }
type Sent = Omit<OfficialSend, 'body'> & { readonly body: string }

interface Client {
  answer(ask: Ask): Promise<unknown>
  decide(arrival: number, success: boolean): void
  close(): Promise<unknown>
}

function write(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Our messages keep their receipt handle to themselves, so they are known by a number. */
function plain(message: Message, receiptHandle = '') {
  const { messageId, topic, body, tag = '', keys, properties, messageGroup = '', attempt, deliverAt } = message
  return {
    messageId,
    topic,
    body: Buffer.from(body).toString('base64'),
    tag,
    keys,
    properties,
    messageGroup,
    attempt,
    receiptHandle,
    corrupted: false,
    deliverAt: deliverAt?.getTime(),
  }
}

function producing(mq: FeatherMQ, start: Extract<Start, { role: 'producer' }>): Client['answer'] {
  const producer: Producer = mq.producer({
    topics: [start.topic],
    // Answers what the message says itself.
    checkTransaction: async ({ message }) => (message.properties['answer'] === 'commit' ? 'commit' : 'rollback'),
  })
  const results = { commit: 'commit', rollback: 'rollback', check: 'unknown' } as const
  return async (ask) => {
    if (ask.ask === 'start') return null
    if (ask.ask !== 'send') throw new Error(`this producer is not led to ${ask.ask}`)
    const { transaction, body, ...rest } = ask.message as unknown as Sent
    const message = { ...rest, body: Buffer.from(body, 'base64') }
    if (transaction === undefined) return producer.send(message).then(({ messageId, recallHandle }) => ({ messageId, recallHandle }))
    return producer.transaction(message, async () => results[transaction]).then(({ messageId }) => ({ messageId }))
  }
}

function simply(mq: FeatherMQ, start: Extract<Start, { role: 'simple' }>): Client['answer'] {
  const consumer: SimpleConsumer = mq.simpleConsumer({ group: start.group, subscribe: { [start.topic]: start.filter } })
  const received = new Map<string, Message>()
  return async (ask) => {
    if (ask.ask === 'start') return null
    if (ask.ask === 'receive') {
      const messages = await consumer.receive({ max: ask.max, wait: start.wait, invisible: ask.invisible })
      return messages.map((message) => {
        const number = `${received.size}`
        received.set(number, message)
        return plain(message, number)
      })
    }
    if (ask.ask !== 'ack') throw new Error(`this consumer is not led to ${ask.ask}`)
    await received.get(ask.receiptHandle)?.ack()
    return null
  }
}

function create(number: number, start: Start): Client {
  const mq = new FeatherMQ({ endpoints: start.endpoints })
  const decisions = new Map<number, (success: boolean) => void>()
  let arrivals = 0
  const client = (answer: Client['answer']): Client => ({
    answer,
    decide: (arrival, success) => decisions.get(arrival)?.(success),
    close: () => mq.close(),
  })
  if (start.role === 'producer') return client(producing(mq, start))
  if (start.role === 'simple') return client(simply(mq, start))
  const running = mq.consumer({ group: start.group, subscribe: { [start.topic]: start.filter } }).run(async (message) => {
    const arrival = arrivals++
    const success = await new Promise<boolean>((resolve) => {
      decisions.set(arrival, resolve)
      write({ client: number, arrived: arrival, message: plain(message) })
    })
    if (!success) throw new Error('the test wants it to fail')
  })
  running.catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
  return client(async () => null)
}

const clients = new Map<number, Client>()

async function answer(asked: Asked): Promise<unknown> {
  if (asked.ask === 'start') clients.set(asked.client, create(asked.client, asked.start))
  const client = clients.get(asked.client)
  if (client === undefined) throw new Error('this client was not started')
  if (asked.ask !== 'shutdown') return client.answer(asked)
  write({ client: asked.client, closing: true })
  await client.close()
  return null
}

for await (const text of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(text) as Asked | Decided
  if ('decide' in asked) clients.get(asked.client)?.decide(asked.decide, asked.success)
  else
    answer(asked).then(
      (value) => write({ reply: asked.id, value }),
      (error: unknown) =>
        write({
          reply: asked.id,
          error: String(error),
          ...(error instanceof FeatherMQError && error.status !== undefined ? { code: error.status.code } : {}),
        }),
    )
}
