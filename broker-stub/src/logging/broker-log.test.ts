import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { startBroker, type TestBroker } from '../testing/index.ts'
import { BrokerLog } from './broker-log.ts'
import { dataEvents } from './data-events.ts'
import { RecordingLogger } from './test-kit/recording-logger.ts'

/** What these tests saw. */
const seen = new Set<string>()

describe("a broker's log", () => {
  let logger: RecordingLogger
  let broker: TestBroker
  beforeEach(async () => {
    logger = new RecordingLogger()
    broker = await startBroker({ transport: inMemoryTransport(), clock: 'frozen', logger, groups: { ledger: { ordered: true } } })
  })
  afterEach(async () => {
    await broker.close()
    for (const { level, event } of logger.lines) seen.add(`${event} ${level}`)
  })

  const admin = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`http://${broker.http}/api/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  it('tells the start, where the broker listens, and the stop', async () => {
    await broker.clock.advance('3s')
    await broker.close()
    assert.deepEqual(
      logger.lines.map(({ level, event }) => [level, event]),
      [
        ['debug', 'starting'],
        ['info', 'group-created'],
        ['info', 'listening'],
        ['info', 'stopping'],
        ['info', 'stopped'],
      ],
    )
    assert.deepEqual(logger.of('listening'), [{ grpc: broker.endpoints, http: broker.http }])
    assert.deepEqual(logger.of('stopped'), [{ durationMs: 3_000 }])
  })

  it('tells topics and groups that are made, changed and removed, and by what', async () => {
    await broker.rawClient().receive('orders', 'billing')
    const types = broker.broker.context.registry.topic('orders')?.types
    await admin('POST', 'groups', { name: 'billing', maxAttempts: 3 })
    await admin('DELETE', 'groups/billing')
    await admin('POST', 'groups', { name: 'billing' })
    await admin('DELETE', 'topics/orders')
    const group = { ordered: false, maxAttempts: 17 }
    assert.deepEqual(logger.of('topic-created'), [{ topic: 'orders', types, queues: 4, origin: 'first-use' }])
    assert.deepEqual(logger.of('group-created').slice(1), [
      { group: 'billing', ...group, origin: 'first-use' },
      { group: 'billing', ...group, origin: 'admin' },
    ])
    assert.deepEqual(logger.of('group-changed'), [{ group: 'billing', ordered: false, maxAttempts: 3, origin: 'first-use' }])
    assert.deepEqual(logger.of('group-removed'), [{ group: 'billing' }])
    assert.deepEqual(logger.of('topic-removed'), [{ topic: 'orders' }])
  })

  it('tells clients that come and go, by kind and language, once each', async () => {
    const consumer = await broker.rawClient('consumer').telemetry({
      clientType: 'PUSH_CONSUMER',
      pubSub: { case: 'subscription', value: { group: { name: 'billing' }, subscriptions: [{ topic: { name: 'orders' } }] } },
    })
    await broker.rawClient('caller').send('orders', 'a')
    const about = { clientId: 'consumer', kind: 'push-consumer', language: '', version: '', group: 'billing', topics: ['orders'] }
    const [{ address, ...told } = {}] = logger.of('client-connected') as { address?: string }[]
    assert.deepEqual(told, about)
    assert.equal(typeof address, 'string')
    consumer.close()
    await broker.clock.advance('10s')
    await broker.clock.advance('1h')
    assert.deepEqual(logger.of('client-connected').length, 1)
    assert.deepEqual(logger.of('client-lost'), [{ ...about, reason: 'stream-ended' }])
  })

  it('tells dead letters, a second of them in a line', async () => {
    const client = broker.rawClient()
    const dead = []
    for (const body of ['a', 'b', 'c']) {
      await client.send('orders', body)
      const [message] = await client.receive('orders', 'billing')
      assert.ok(message)
      await client.deadLetter('orders', 'billing', message)
      dead.push(message.messageId)
    }
    await broker.clock.advance('1s')
    const where = { topic: 'orders', group: 'billing', attempts: 1 }
    assert.deepEqual(logger.of('message-dead-lettered'), [
      { ...where, messageId: dead[0] },
      { ...where, messageId: dead[2], times: 2 },
    ])
  })

  it('tells when the broker begins to refuse, and when that is over', async () => {
    await using small = await startBroker({ transport: inMemoryTransport(), clock: 'frozen', logger, maxMemory: '4KiB' })
    const client = small.rawClient()
    await client.receive('orders', 'billing')
    while ((await client.send('orders', 'x'.repeat(1_000))) === 'OK');
    await small.clock.advance('10s')
    assert.deepEqual(
      logger.events.filter((event) => event.startsWith('overload')),
      ['overload-began', 'overload-ended'],
    )
  })

  it('has no line per message, and nothing of what is in one', async () => {
    const client = broker.rawClient()
    await client.receive('orders', 'billing')
    const before = logger.lines.length
    for (let at = 0; at < 10; at++)
      await client.send('orders', 'secret body', { keys: ['secret key'], properties: new Map([['a', 'secret property']]) })
    for (const message of await client.receive('orders', 'billing')) await client.ack('orders', 'billing', message)
    assert.equal(logger.lines.length, before)
    await client.send('orders', 'secret body', { keys: ['secret key'] })
    const [message] = await client.receive('orders', 'billing')
    assert.ok(message)
    await client.deadLetter('orders', 'billing', message)
    assert.ok(!JSON.stringify(logger.lines).includes('secret'))
  })

  it('tells faults that no client sees, unless somebody else is told', async () => {
    await using told = await startBroker({ transport: inMemoryTransport(), logger })
    Object.assign(told.broker.context.registry, {
      topics: () => {
        throw new Error('broken')
      },
    })
    assert.equal((await fetch(`http://${told.http}/metrics`)).status, 500)
    const [{ err } = {}] = logger.of('fault') as { err?: Error }[]
    assert.equal(err?.message, 'broken')
  })

  it('has a line for everything that may happen to the data directory', () => {
    const log = new BrokerLog(logger, broker.clock)
    const before = logger.lines.length
    const error = new Error('EIO')
    log.data({ kind: 'failed', path: 'log/0', from: 1, to: 2, error })
    log.data({ kind: 'available' })
    assert.deepEqual(
      logger.lines.slice(before).map(({ msg, ...line }) => line),
      [
        { level: 'error', event: 'data-failed', path: 'log/0', from: 1, to: 2, err: error },
        { level: 'info', event: 'data-available' },
      ],
    )
    for (const [level, text] of Object.values(dataEvents)) assert.match(`${level} ${text}`, /^(info|warn|error) [a-z]/)
  })

  it('is what the documentation lists', async () => {
    const page = await readFile(new URL('../../../docs/broker-logs.md', import.meta.url), 'utf8')
    const listed = [...page.matchAll(/^\| `([a-z-]+)` \| (\w+) \|/gm)].map(([, event, level]) => `${event} ${level}`)
    assert.ok(seen.size > 10, 'after the other tests')
    for (const line of seen) assert.ok(listed.includes(line), `${line} is in the table`)
    assert.deepEqual(
      listed.filter((line) => line.startsWith('data-')).sort(),
      Object.entries(dataEvents)
        .map(([kind, [level]]) => `data-${kind} ${level}`)
        .sort(),
    )
  })
})
