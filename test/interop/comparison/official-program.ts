// One scenario in a process of its own, by the official Node client (rocketmq-client-nodejs, unmodified): argv has its name and the endpoints. It says what
// happens by IPC; what it writes and how it ends is looked at as well.
import { ConsumeResult, type MessageView, Producer, PushConsumer, SimpleConsumer } from 'rocketmq-client-nodejs'

const [scenario = '', endpoints = ''] = process.argv.slice(2)
const say = (text: string) => void process.send?.(text)
let closedLogger = false
const lines: string[] = []
const note = (...parts: unknown[]) => void lines.push(parts.map(String).join(' '))
const logger = {
  debug: note,
  info: note,
  warn: note,
  error: note,
  close() {
    closedLogger = true
  },
}
const options = { endpoints, namespace: '', sslEnabled: false, logger }
const hello = { topic: 'orders', body: Buffer.from('hello') }

async function producer(more: object = {}): Promise<Producer> {
  const made = new Producer({ ...options, topics: ['orders'], ...more })
  await made.startup()
  say('started')
  return made
}

async function push(consume: (view: MessageView) => Promise<ConsumeResult>, more: object = {}): Promise<PushConsumer> {
  const subscriptions = new Map([['orders', '*']])
  const made = new PushConsumer({ ...options, ...more, consumerGroup: 'billing', subscriptions, messageListener: { consume } })
  await made.startup()
  say('started')
  return made
}

async function simple(): Promise<SimpleConsumer> {
  const made = new SimpleConsumer({ ...options, consumerGroup: 'billing', subscriptions: new Map([['orders', '*']]), awaitDuration: 5_000 })
  await made.startup()
  say('started')
  return made
}

/** Keeps the process until the test has seen enough of it. */
const stay = () => setTimeout(() => {}, 60_000)

const scenarios: Readonly<Record<string, () => Promise<unknown>>> = {
  'start with three topics': () => producer({ topics: ['orders', 'payments', 'refunds'] }),
  start: () => producer(),
  'start with TLS': () => producer({ sslEnabled: true }),
  'only made': async () => {
    new Producer({ ...options, topics: ['orders'] })
    say('made')
  },
  'send eight': async () => {
    const from = await producer()
    for (let count = 0; count < 8; count += 1) await from.send(hello)
    say('sent')
    stay()
  },
  send: async () => {
    await (await producer()).send(hello)
    say('sent')
    stay()
  },
  'send in order': async () => {
    await (await producer()).send({ ...hello, messageGroup: 'customer-7' })
    say('sent')
  },
  'send with priority 0': async () => {
    await (await producer()).send({ ...hello, priority: 0 })
    say('sent')
  },
  'send and close': async () => {
    const from = await producer()
    await from.send(hello)
    await from.shutdown()
    say(`closed${closedLogger ? ', the logger too' : ''}`)
    stay()
  },
  'close with a logger of its own': async () => {
    const made = new Producer({ endpoints, namespace: '', topics: ['orders'] })
    await made.startup()
    say('started')
    await made.shutdown()
    say('closed')
    setTimeout(() => process.exit(), 300)
  },
  'close when told': async () => {
    const from = await producer()
    await from.send(hello)
    process.once('message', () => {
      from.shutdown().then(
        () => say('closed'),
        () => say('the close rejects'),
      )
    })
    say('sent')
  },
  'look up': async () => {
    await producer().catch(() => {})
    say(JSON.stringify(lines.filter((line) => /%[sdj]/.test(line))))
    process.exit()
  },
  'consume and fail': () => push(async () => ConsumeResult.FAILURE),
  'consume by TLS': () => push(async () => ConsumeResult.SUCCESS, { sslEnabled: true }),
  consume: async () => {
    await push(async (view) => {
      say(`got ${view.body.toString()}`)
      return ConsumeResult.SUCCESS
    })
  },
  'close while a handler hangs': async () => {
    const consumer = await push(() => {
      say('handling')
      return new Promise(() => {})
    })
    process.once('message', () => void consumer.shutdown().then(() => say('closed')))
  },
  'close while idle': async () => {
    const consumer = await push(async () => ConsumeResult.SUCCESS)
    process.once('message', () => void consumer.shutdown().then(() => say('closed')))
  },
  receive: async () => {
    const [view] = await (await simple()).receive(1, 15_000)
    say(JSON.stringify({ tag: view?.tag, messageGroup: view?.messageGroup, corrupted: view?.corrupted === true }))
    stay()
  },
  ack: async () => {
    const consumer = await simple()
    const [view] = await consumer.receive(1, 15_000)
    if (view !== undefined) await consumer.ack(view)
    say('acknowledged')
  },
}

scenarios[scenario]?.().catch((error: unknown) => {
  const texts: string[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) texts.push(`${cause.name}: ${cause.message}`)
  say(`failed ${texts.join(': ')}`)
  stay()
})
