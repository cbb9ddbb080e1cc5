// The process of one official client (rocketmq-client-nodejs 1.0.8, unmodified), led by IPC. A process of its own, because this client leaves timers and
// loggers behind after shutdown, and crashes its process when a stream fails after shutdown.
import { ConsumeResult, type MessageView, Producer, PushConsumer, SimpleConsumer } from 'rocketmq-client-nodejs'
import type { Decision, OfficialMessage, OfficialSend, Reply, Request, Start } from './calls.ts'

// Its default logger writes files below the home directory and prints when it is closed.
const logger = { debug() {}, info() {}, warn() {}, error() {}, close() {} }

type Client =
  | { readonly role: 'producer'; readonly it: Producer }
  | { readonly role: 'simple'; readonly it: SimpleConsumer }
  | { readonly role: 'push'; readonly it: PushConsumer }

let client: Client | undefined
const received = new Map<string, MessageView>()
const decisions = new Map<number, (success: boolean) => void>()
let arrivals = 0

function tell(reply: Reply): void {
  process.send?.(reply)
}

function plain(view: MessageView): OfficialMessage {
  return {
    messageId: view.messageId,
    topic: view.topic,
    body: view.body,
    tag: view.tag ?? '',
    keys: view.keys,
    properties: Object.fromEntries(view.properties),
    messageGroup: view.messageGroup ?? '',
    attempt: view.deliveryAttempt ?? 0,
    receiptHandle: view.receiptHandle,
    // Undefined when it is not, whatever the type says.
    corrupted: view.corrupted === true,
    deliverAt: view.deliveryTimestamp?.getTime(),
  }
}

/** The client does not export its enum of resolutions; these are the protocol's numbers. */
const RESOLUTIONS = { COMMIT: 1, ROLLBACK: 2 } as const

/** Answers what the message says itself. */
const checker = {
  check: async (half: MessageView) => (half.properties.get('answer') === 'commit' ? RESOLUTIONS.COMMIT : RESOLUTIONS.ROLLBACK),
}

function create(start: Start): Client {
  const shared = {
    endpoints: start.endpoints,
    namespace: '',
    sslEnabled: start.tls === true,
    logger,
    ...(start.accessKey === undefined ? {} : { sessionCredentials: { accessKey: start.accessKey, accessSecret: start.secretKey ?? '' } }),
  }
  if (start.role === 'producer') return { role: 'producer', it: new Producer({ ...shared, topics: [start.topic], checker }) }
  const consumer = { ...shared, consumerGroup: start.group, subscriptions: new Map([[start.topic, start.filter]]) }
  if (start.role === 'simple') return { role: 'simple', it: new SimpleConsumer({ ...consumer, awaitDuration: start.wait }) }
  return {
    role: 'push',
    it: new PushConsumer({
      ...consumer,
      messageListener: {
        async consume(view) {
          const number = arrivals++
          const success = new Promise<boolean>((resolve) => decisions.set(number, resolve))
          tell({ arrived: number, message: plain(view) })
          return (await success) ? ConsumeResult.SUCCESS : ConsumeResult.FAILURE
        },
      },
    }),
  }
}

function producer(): Producer {
  if (client?.role !== 'producer') throw new Error('this process holds no producer')
  return client.it
}

function simple(): SimpleConsumer {
  if (client?.role !== 'simple') throw new Error('this process holds no simple consumer')
  return client.it
}

function view(receiptHandle: string): MessageView {
  const found = received.get(receiptHandle)
  if (found === undefined) throw new Error('no message with that receipt handle was received here')
  return found
}

async function send(message: OfficialSend): Promise<unknown> {
  const { deliverAt, properties, keys, body, transaction: fate, ...rest } = message
  const transaction = fate === undefined ? undefined : producer().beginTransaction()
  const receipt = await producer().send(
    {
      ...rest,
      // Only a Buffer is taken, and only a Map.
      body: Buffer.from(body),
      ...(keys === undefined ? {} : { keys: [...keys] }),
      ...(properties === undefined ? {} : { properties: new Map(Object.entries(properties)) }),
      ...(deliverAt === undefined ? {} : { deliveryTimestamp: new Date(deliverAt) }),
    },
    transaction,
  )
  if (fate === 'commit') await transaction?.commit()
  if (fate === 'rollback') await transaction?.rollback()
  return { messageId: receipt.messageId, recallHandle: receipt.recallHandle }
}

async function answer(request: Request): Promise<unknown> {
  switch (request.ask) {
    case 'start':
      client = create(request.start)
      return client.it.startup()
    case 'send':
      return send(request.message)
    case 'recall':
      return (await producer().recallMessage(request.topic, request.recallHandle)).messageId
    case 'receive': {
      const views = await simple().receive(request.max, request.invisible)
      for (const each of views) received.set(each.receiptHandle, each)
      return views.map(plain)
    }
    case 'ack':
      return simple().ack(view(request.receiptHandle))
    case 'invisible': {
      const found = view(request.receiptHandle)
      await simple().changeInvisibleDuration(found, request.duration)
      received.set(found.receiptHandle, found)
      return found.receiptHandle
    }
    case 'shutdown': {
      const shut = client?.it.shutdown()
      // By now it has dropped its queues: polls that end from here on are its last.
      tell({ closing: true })
      return shut
    }
  }
}

/** The text of an error and of what caused it: the client's own text alone says only that something failed. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${textOf(error.cause)}`
}

function codeOf(error: unknown): number | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if ('code' in cause && typeof cause.code === 'number') return cause.code
  return undefined
}

process.on('message', (asked: Request | Decision) => {
  if ('decide' in asked) {
    decisions.get(asked.decide)?.(asked.success)
    decisions.delete(asked.decide)
    return
  }
  answer(asked).then(
    (value) => tell({ reply: asked.id, value }),
    (error: unknown) => tell({ reply: asked.id, error: textOf(error), code: codeOf(error) }),
  )
})
