import assert from 'node:assert/strict'
import { authorizationHeader, type Message, type MessageInit, queueOf, type ReceiveMessageRequest, type Settings } from '@feathermq/protocol'
import { FeatherMQ, silentLogger } from '@feathermq/sdk'
import { after, before, describe, it } from 'mocha'
import type { OfficialSend } from '../support/official/calls.ts'
import { officialClients } from '../support/official/clients.ts'
import { startDriver } from '../support/official/json-lines.ts'
import { headersOf, messageOf, messagesOf, plain, requestOf } from './support/differential/plain.ts'
import { brokers, type Call, queuesPerBroker, RecordingServer } from './support/differential/recording-server.ts'
import { javaClientVersion, javaDriver } from './support/java-client.ts'
import { requirePeer } from './support/runtime.ts'

const credentials = { accessKey: 'key-of-shop', secretKey: 'secret-of-shop' }
const namespace = 'shop'
const group = 'billing'
const topic = 'orders'
/** Long ago and far ahead alike; in whole seconds, because some clients send no more than that. */
const deliverAt = 1_900_000_000_000

/** Messages of every kind and with every field, as both clients take them. */
const kinds: readonly OfficialSend[] = [
  { topic, body: bytes('plain') },
  { topic, body: bytes('ä ✓'), tag: 'created', keys: ['o-1', 'o-2'], properties: { tenant: 'ä', 'customer-id': '7' } },
  { topic, body: bytes('ordered'), messageGroup: 'customer-7', tag: 'paid' },
  { topic, body: bytes('later'), deliverAt },
  { topic, body: bytes('first'), priority: 3 },
  { topic, body: bytes('all or nothing'), transaction: 'commit' },
  { topic, body: bytes('nothing'), transaction: 'rollback' },
]
/** Message groups whose hashes end in all queues, and are negative for about half of them. */
const groups: readonly string[] = Array.from({ length: 40 }, (_, index) => ['customer-', 'Straße ', '客户', '🪶 '][index % 4] + String(index * 7919))
const rounds = 24

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'utf8')
}

/** What a consumer is given: one message to succeed with, one to fail at. */
function delivery(id: string, messageGroup?: string): MessageInit {
  return {
    topic: { name: topic, resourceNamespace: namespace },
    systemProperties: {
      messageId: `01ABCDEF0123450001000000000000000${id}`,
      receiptHandle: `handle-${id}`,
      bodyEncoding: 'IDENTITY',
      messageType: messageGroup === undefined ? 'NORMAL' : 'FIFO',
      messageGroup,
      deliveryAttempt: 1,
      bornTimestamp: { seconds: 1_767_225_600 },
      storeTimestamp: { seconds: 1_767_225_600 },
      bornHost: 'there',
      queueId: 0,
      queueOffset: 0n,
    },
    body: bytes(id),
  }
}

/** Servers of one client: what its producer, its consumers of an ordinary and of an ordered group sent. */
interface Record {
  readonly producer: RecordingServer
  readonly push: RecordingServer
  readonly ordered: RecordingServer
  readonly simple: RecordingServer
}

async function startRecord(): Promise<Record> {
  const [producer, push, ordered, simple] = await Promise.all([0, 1, 2, 3].map(() => RecordingServer.start()))
  if (producer === undefined || push === undefined || ordered === undefined || simple === undefined) throw new Error('four were started')
  ordered.fifo = true
  return { producer, push, ordered, simple }
}

function deliver(record: Record): void {
  record.push.deliver(delivery('1'), delivery('2'))
  record.ordered.deliver(delivery('1', 'customer-7'))
  record.simple.deliver(delivery('1'), delivery('2'))
}

/** What has come when the scripts below are through. */
async function complete({ push, ordered, simple, producer }: Record): Promise<void> {
  await Promise.all([push.first('AckMessage'), push.first('ChangeInvisibleDuration'), ordered.first('ForwardMessageToDeadLetterQueue')])
  await Promise.all([push.first('Heartbeat'), simple.first('Heartbeat'), producer.first('Heartbeat')])
}

async function scriptOfJava(record: Record): Promise<void> {
  const driver = startDriver(await javaDriver())
  const java = officialClients((onArrival) => driver.open(onArrival))
  const common = (server: RecordingServer) => ({ endpoints: server.address, namespace, ...credentials })
  const producer = await java.producer({ ...common(record.producer), topic })
  for (const message of kinds) await producer.send(message)
  await producer.recall(topic, 'a handle')
  for (const messageGroup of groups) await producer.send({ topic, body: bytes('x'), messageGroup })
  for (let round = 0; round < rounds; round += 1) await producer.send({ topic, body: bytes('x') })

  deliver(record)
  const push = await java.pushConsumer({ ...common(record.push), group, topic, filter: 'created || paid' })
  for (let count = 0; count < 2; count += 1) {
    const { message, answer } = await push.next()
    answer(message.receiptHandle === 'handle-1')
  }
  const ordered = await java.pushConsumer({ ...common(record.ordered), group, topic })
  for (let count = 0; count < 2; count += 1) (await ordered.next()).answer(false)
  const simple = await java.simpleConsumer({ ...common(record.simple), group, topic, wait: 20_000 })
  const [first, second] = await simple.receive(16, 30_000)
  assert.ok(first !== undefined && second !== undefined)
  await simple.ack(first)
  await simple.changeInvisible(second, 45_000)
  await complete(record)
  await Promise.all([producer, simple].map((client) => client.shutdown()))
  await Promise.all([push.shutdown(async () => record.push.release()), ordered.shutdown(async () => record.ordered.release())])
  await driver.finish()
}

async function scriptOfOurs(record: Record): Promise<void> {
  const client = (server: RecordingServer) => new FeatherMQ({ endpoints: server.address, namespace, credentials, logger: silentLogger })
  const clients = [record.producer, record.push, record.ordered, record.simple].map(client)
  const [forProducer, forPush, forOrdered, forSimple] = clients
  if (forProducer === undefined || forPush === undefined || forOrdered === undefined || forSimple === undefined) throw new Error('four were made')
  const producer = forProducer.producer({ topics: [topic] })
  for (const { transaction, ...message } of kinds) {
    if (transaction === undefined) await producer.send(message)
    else await producer.transaction(message, async () => (transaction === 'commit' ? 'commit' : 'rollback'))
  }
  await producer.recall({ topic, recallHandle: 'a handle' })
  for (const messageGroup of groups) await producer.send({ topic, body: 'x', messageGroup })
  for (let round = 0; round < rounds; round += 1) await producer.send({ topic, body: 'x' })

  deliver(record)
  const fail = () => {
    throw new Error('as the test wants it')
  }
  const push = forPush.consumer({ group, subscribe: { [topic]: 'created || paid' } })
  const running = [
    push.run((message) => (message.text() === '1' ? undefined : fail())),
    forOrdered.consumer({ group, subscribe: { [topic]: '*' } }).run(fail),
  ]
  const simple = forSimple.simpleConsumer({ group, subscribe: { [topic]: '*' } })
  const [first, second] = await simple.receive({ max: 16, wait: '20s', invisible: '30s' })
  assert.ok(first !== undefined && second !== undefined)
  await first.ack()
  await second.extend('45s')
  await complete(record)
  await Promise.all(clients.map((each) => each.close()))
  await Promise.all(running)
}

describe(`what our SDK sends, beside what the official Java client ${javaClientVersion} sends`, function () {
  // The Java client's push consumer asks for queues a second after its start; both beat after one second.
  this.timeout(60_000)
  let java: Record
  let ours: Record

  before('let both do the same', async function () {
    await requirePeer(this, javaDriver)
    this.timeout(90_000)
    java = await startRecord()
    ours = await startRecord()
    await Promise.all([scriptOfJava(java), scriptOfOurs(ours)])
  })
  after(async () => {
    const servers = [java, ours].filter((record) => record !== undefined).flatMap((record) => Object.values(record) as RecordingServer[])
    await Promise.all(servers.map((server) => server.close()))
  })

  /** The first call of a method at one of the servers, as both sent it. */
  function both(server: keyof Record, method: string): readonly [java: Call, ours: Call] {
    const [theirs] = java[server].of(method)
    const [own] = ours[server].of(method)
    assert.ok(
      theirs !== undefined && own !== undefined,
      `${method} of ${server}: Java ${theirs ? 'sent' : 'sent none'}, ours ${own ? 'sent' : 'sent none'}`,
    )
    return [theirs, own]
  }

  const calls: readonly (readonly [server: keyof Record, methods: readonly string[]])[] = [
    ['producer', ['QueryRoute', 'Telemetry', 'SendMessage', 'EndTransaction', 'RecallMessage', 'Heartbeat', 'NotifyClientTermination']],
    [
      'push',
      [
        'QueryRoute',
        'Telemetry',
        'QueryAssignment',
        'ReceiveMessage',
        'AckMessage',
        'ChangeInvisibleDuration',
        'Heartbeat',
        'NotifyClientTermination',
      ],
    ],
    ['ordered', ['ForwardMessageToDeadLetterQueue']],
    ['simple', ['QueryRoute', 'Telemetry', 'ReceiveMessage', 'AckMessage', 'ChangeInvisibleDuration', 'Heartbeat', 'NotifyClientTermination']],
  ]

  it('has the same headers in every call, the signature among them', () => {
    for (const [server, methods] of calls) {
      for (const method of methods) {
        const [theirs, own] = both(server, method).map(({ headers }) => {
          const { authorization, ...others } = headersOf(headers)
          const signed = authorizationHeader({ ...credentials, date: headers['x-mq-date-time'] ?? '' })
          return { ...others, authorization: authorization === signed ? 'of this date and key' : authorization }
        })
        assert.deepEqual(own, theirs, `${method} of ${server}`)
      }
    }
  })

  it('has the same fields in every request that is no message, no settings and no receive', () => {
    for (const [server, methods] of calls) {
      for (const method of methods.filter((name) => !['Telemetry', 'SendMessage', 'ReceiveMessage'].includes(name))) {
        const [theirs, own] = both(server, method).map(({ request }) => requestOf(request))
        const address = new RegExp(`${java[server].address}|${ours[server].address}`.replaceAll('.', '\\.'))
        assert.doesNotMatch(JSON.stringify(own), address)
        assert.deepEqual(withoutPort(own), withoutPort(theirs), `${method} of ${server}`)
      }
    }
  })

  it('has the same settings, but for what it says of itself', () => {
    for (const server of ['producer', 'push', 'ordered', 'simple'] as const) {
      const [theirs, own] = both(server, 'Telemetry').map(({ request }) => {
        const { userAgent, ...settings } = request as Settings
        assert.ok(userAgent !== undefined)
        return withoutPort(plain({ ...settings, userAgent: { hostname: userAgent.hostname, toldPlatform: userAgent.platform !== '' } }))
      })
      assert.deepEqual(own, theirs, server)
    }
  })

  it('asks for messages in the same way and for the same time', () => {
    for (const server of ['push', 'ordered', 'simple'] as const) {
      const [theirs, own] = both(server, 'ReceiveMessage')
      const shaped = [theirs, own].map(({ request }) => {
        const { messageQueue, ...rest } = request as ReceiveMessageRequest
        // Java repeats what the server said of the queue; ours leaves out what no server reads there.
        const queue = { ...messageQueue, acceptMessageTypes: [] }
        // Simple consumers begin their round at a random queue, both.
        return withoutPort(requestOf({ ...rest, messageQueue: server === 'simple' ? 'any' : queue }))
      })
      assert.deepEqual(shaped[1], shaped[0], server)
      const seconds = [theirs, own].map(({ remaining }) => Math.ceil((remaining ?? Number.NaN) / 1_000))
      assert.equal(seconds[1], seconds[0], server)
    }
  })

  it('has the same fields in messages of every kind', () => {
    const [theirs, own] = [java, ours].map(({ producer }) =>
      producer
        .of('SendMessage')
        .slice(0, kinds.length)
        .flatMap(({ request }) => messagesOf(request)),
    )
    assert.ok(theirs !== undefined && own !== undefined)
    assert.equal(own.length, kinds.length)
    for (const index of kinds.keys()) {
      const one: Message | undefined = theirs[index]
      const other: Message | undefined = own[index]
      assert.ok(one !== undefined && other !== undefined)
      assert.deepEqual(messageOf(other), messageOf(one), `message ${index}`)
      const born = other.systemProperties?.bornTimestamp
      assert.ok(born !== undefined && Math.abs(Number(born.seconds) - Date.now() / 1_000) < 600)
    }
  })

  it('puts each message group into the same queue', () => {
    const [theirs, own] = [java, ours].map(({ producer }) =>
      producer
        .of('SendMessage')
        .slice(kinds.length, kinds.length + groups.length)
        .flatMap(({ request }) => messagesOf(request))
        .map(({ systemProperties }) => [systemProperties?.messageGroup, systemProperties?.queueId]),
    )
    assert.deepEqual(own, theirs)
    // The ids count per broker: the second one's begin at 0 again.
    const writable = brokers.length * queuesPerBroker - 2
    const expected = groups.map((name) => [name, queueOf(name, writable) % queuesPerBroker])
    assert.deepEqual(own, expected)
  })

  it('goes round the queues that may be written to in the same steps, from a start of its own', () => {
    const ids = [...Array(queuesPerBroker).keys(), 0, 1]
    const rings = [java, ours].map(({ producer }) =>
      producer
        .of('SendMessage')
        .slice(kinds.length + groups.length)
        .flatMap(({ request }) => messagesOf(request))
        .map(({ systemProperties }) => systemProperties?.queueId),
    )
    for (const ring of rings) {
      assert.equal(ring.length, rounds)
      const starts = ids.map((_, start) => ring.every((id, step) => id === ids[(start + step) % ids.length]))
      assert.ok(starts.includes(true), `no round: ${ring.join(' ')}`)
    }
  })

  it('makes message ids of the same parts', () => {
    const [theirs, own] = [java, ours].map(({ producer }) =>
      producer.of('SendMessage').flatMap(({ request }) => messagesOf(request).map(({ systemProperties }) => systemProperties?.messageId ?? '')),
    )
    for (const ids of [theirs, own]) {
      assert.ok(ids !== undefined)
      const parts = ids.map((id) => ({
        machineAndProcess: id.slice(0, 18),
        seconds: Number.parseInt(id.slice(18, 26), 16),
        sequence: Number.parseInt(id.slice(26), 16),
      }))
      assert.equal(new Set(parts.map(({ machineAndProcess }) => machineAndProcess)).size, 1)
      // Of each transaction Java makes the id twice, and sends the second.
      const plainSends = parts.slice(kinds.length)
      assert.deepEqual(
        plainSends.map(({ sequence }) => sequence - (plainSends[0]?.sequence ?? 0)),
        plainSends.map((_, index) => index),
      )
      const since2021 = Date.now() / 1_000 - Date.UTC(2021, 0, 1) / 1_000
      for (const { seconds } of parts) assert.ok(Math.abs(seconds - since2021) < 600, `${seconds} beside ${since2021}`)
    }
  })
})

/** The servers of both clients differ in nothing but their ports. */
function withoutPort(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/"port":\d+/g, '"port":"<port>"'))
}
