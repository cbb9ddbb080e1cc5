// One client in a process of its own: gets ready and warm, says so, waits for the word, does its task, tells what it used.
import { once } from 'node:events'
import { FeatherMQ } from '@feathermq/sdk'
import { Producer, SimpleConsumer } from 'rocketmq-client-nodejs'
import type { BenchClient } from './bench-client.ts'
import { bullMqProducer } from './bullmq-client.ts'
import { bullMqConsumer, handling, ourConsumer } from './handling.ts'
import { latency } from './latency.ts'
import { type Task, usageSince } from './messages.ts'
import { natsClient } from './nats-client.ts'

const task: Task = JSON.parse(process.argv[2] ?? '')
const body = new Uint8Array(task.bodyBytes).fill(0x61)
const batch = 32
/** Silent, as ours is: what is measured is messages, not log lines. */
const logger = { debug() {}, info() {}, warn: console.warn, error: console.error, close() {} }

async function ours(): Promise<BenchClient> {
  const mq = new FeatherMQ({ endpoints: task.endpoints, transport: task.transport })
  const close = () => mq.close()
  if (task.what === 'send') {
    const producer = mq.producer({ topics: [task.topic] })
    const message = { topic: task.topic, body, tag: 'created', keys: ['o-1'] }
    return {
      close: async () => void (await close()),
      async step() {
        await producer.send(message)
        return 1
      },
    }
  }
  if (task.what === 'pair') return pairs(mq)
  const consumer = mq.simpleConsumer({ group: task.group, subscribe: { [task.topic]: '*' } })
  return {
    close: async () => void (await close()),
    async step() {
      const messages = await consumer.receive({ max: batch, wait: '5s', invisible: '60s' })
      await Promise.all(messages.map((message) => message.ack()))
      return messages.length
    },
  }
}

/** Sends are not held up by the consumer: it takes what has come meanwhile in larger batches. */
function pairs(mq: FeatherMQ): BenchClient {
  const producer = mq.producer({ topics: [task.topic] })
  const message = { topic: task.topic, body, tag: 'created', keys: ['o-1'] }
  let sent = 0
  let handled = 0
  let onDrained: (() => void) | undefined
  const running = mq.consumer({ group: task.group, subscribe: { [task.topic]: '*' } }).run(
    () => {
      handled += 1
      if (handled >= sent) onDrained?.()
    },
    { concurrency: 64 },
  )
  return {
    async step() {
      sent += 1
      await producer.send(message)
      return 1
    },
    drained: () =>
      new Promise((resolve) => {
        onDrained = resolve
        if (handled >= sent) resolve()
      }),
    async close() {
      await mq.close()
      await running
    },
  }
}

async function official(): Promise<BenchClient> {
  const shared = { endpoints: task.endpoints, namespace: '', logger }
  // Its shutdown would be waited for in vain; the process is ended below.
  const close = async () => {}
  if (task.what !== 'send' && task.what !== 'receive') throw new Error(`${task.what} is not done by the official client`)
  if (task.what === 'send') {
    const producer = new Producer({ ...shared, topics: [task.topic] })
    await producer.startup()
    const message = { topic: task.topic, body: Buffer.from(body), tag: 'created', keys: ['o-1'] }
    return {
      close,
      async step() {
        await producer.send(message)
        return 1
      },
    }
  }
  const consumer = new SimpleConsumer({ ...shared, consumerGroup: task.group, subscriptions: new Map([[task.topic, '*']]), awaitDuration: 5_000 })
  await consumer.startup()
  return {
    close,
    async step() {
      const messages = await consumer.receive(batch, 60_000)
      await Promise.all(messages.map((message) => consumer.ack(message)))
      return messages.length
    },
  }
}

/** Works until `count` messages are through, `inFlight` steps at a time. */
async function work(client: BenchClient, count: number): Promise<void> {
  let begun = 0
  let done = 0
  await Promise.all(
    Array.from({ length: task.inFlight }, async () => {
      while (task.what === 'receive' ? done < count : begun < count) {
        begun += 1
        const through = await client.step()
        if (through === 0) throw new Error(`${task.who}: no message came, ${done} of ${count} are through`)
        done += through
      }
    }),
  )
  await client.drained?.()
}

const clients = { ours, official, nats: () => natsClient(task, batch), bullmq: () => bullMqProducer(task) } as const
if (task.what === 'handle') {
  const mq = () => new FeatherMQ({ endpoints: task.endpoints, transport: task.transport })
  process.send?.(await handling(task, task.who === 'bullmq' ? bullMqConsumer(task) : ourConsumer(mq(), task)))
  await once(process, 'message')
} else if (task.what === 'latency') {
  process.send?.('ready')
  await once(process, 'message')
  const before = process.cpuUsage()
  const told = await latency(new FeatherMQ({ endpoints: task.endpoints, transport: task.transport }), task)
  process.send?.({ ...usageSince(before), latency: told })
  await once(process, 'message')
} else {
  const client = await clients[task.who]()
  await work(client, task.warmUp)
  process.send?.('ready')
  await once(process, 'message')
  const before = process.cpuUsage()
  await work(client, task.count)
  process.send?.(usageSince(before))
  await once(process, 'message')
  await client.close()
}
process.exit(0)
