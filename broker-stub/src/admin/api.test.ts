import assert from 'node:assert/strict'
import { type Code, headerNames } from '@feathermq/protocol'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { RawClient, type RawMessage, startBroker, type TestBroker } from '../testing/index.ts'
import { adminApi } from './api.ts'

const TYPES = ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION']
const STOCK_RETRY = [
  ...[1, 5, 10, 30].map((seconds) => seconds * 1_000),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 60, 120].map((minutes) => minutes * 60_000),
]
const emptyQueues = (count: number): object[] => Array.from({ length: count }, (_, id) => ({ id, min: 0, max: 0 }))

describe('the admin API', () => {
  let broker: TestBroker
  let client: RawClient
  let now: string
  beforeEach(async () => {
    broker = await startBroker({ transport: inMemoryTransport(), clock: 'frozen', topics: { known: { queues: 2, types: ['FIFO'] } } })
    client = broker.rawClient('tester')
    now = new Date(broker.clock.now()).toISOString()
  })
  afterEach(() => broker.close())

  /** Status and body; an error is its sentence alone. */
  function call(method: string, path: string, body?: unknown): readonly [number, unknown] {
    const answer = adminApi(broker.broker.context, method, path, body)
    // What travels is JSON.
    const plain: unknown = JSON.parse(JSON.stringify(answer.body))
    // What it explains has tests of its own.
    if (typeof plain === 'object' && plain !== null && 'why' in plain) delete plain.why
    return [answer.status, typeof plain === 'object' && plain !== null && 'error' in plain ? plain.error : plain]
  }

  const get = (path: string): Record<string, unknown> => {
    const [status, body] = call('GET', path)
    assert.equal(status, 200, JSON.stringify(body))
    return body as Record<string, unknown>
  }

  const known = (): object => ({
    name: 'known',
    types: ['FIFO'],
    origin: 'config',
    createdAt: now,
    stored: 0,
    storedBytes: 0,
    delayed: 0,
    groups: [],
    queues: emptyQueues(2),
  })

  describe('topics', () => {
    it('are created with what is asked for, and with the defaults of the rest', async () => {
      const plain = { ...known(), name: 'plain', types: TYPES, origin: 'admin', queues: emptyQueues(4) }
      assert.deepEqual(call('POST', '/api/topics', { name: 'plain' }), [201, plain])
      await broker.clock.advance('1s')
      const later = new Date(broker.clock.now()).toISOString()
      const full = { ...plain, name: 'full', types: ['DELAY', 'NORMAL'], queues: emptyQueues(256), createdAt: later }
      assert.deepEqual(call('POST', '/api/topics', { name: 'full', types: ['DELAY', 'NORMAL'], queues: 256 }), [201, full])
      assert.deepEqual(call('GET', '/api/topics'), [200, { topics: [known(), plain, full] }])
      assert.deepEqual(call('GET', '/api/topics/full'), [200, full])
      assert.equal(await client.send('full', 'a', { messageGroup: 'g', messageType: 'FIFO' }), 'MESSAGE_PROPERTY_CONFLICT_WITH_TYPE' satisfies Code)
    })

    it('show what is stored, delayed and read', async () => {
      const at = Math.floor(broker.clock.now() / 1_000) + 60
      await client.receive('orders', 'billing')
      await client.send('orders', 'a')
      await client.send('orders', 'b')
      await client.send('orders', 'c', { messageType: 'DELAY', deliveryTimestamp: { seconds: at, nanos: 0 } })
      const { storedBytes, queues, ...rest } = get('/api/topics/orders')
      assert.deepEqual(rest, { name: 'orders', types: TYPES, origin: 'first-use', createdAt: now, stored: 2, delayed: 1, groups: ['billing'] })
      assert.ok(Number(storedBytes) > 3)
      assert.deepEqual(queues, [{ id: 0, min: 0, max: 1 }, { id: 1, min: 0, max: 1 }, ...emptyQueues(4).slice(2)])
    })

    it('of the broker are shown under their percent-encoded name', async () => {
      await client.send('orders', 'a')
      const [message] = await client.receive('orders', 'billing')
      await client.deadLetter('orders', 'billing', message as RawMessage)
      const { name, origin, types, stored } = get('/api/topics/%25DLQ%25billing')
      assert.deepEqual({ name, origin, types, stored }, { name: '%DLQ%billing', origin: 'dead-letter', types: ['NORMAL'], stored: 1 })
    })

    const QUEUES = 'queues: must be a whole number, 1 to 256'
    const refusals: readonly (readonly [body: unknown, status: number, error: string])[] = [
      [undefined, 400, '(top level): must be object'],
      [[], 400, '(top level): must be object'],
      [{}, 400, "(top level): must have required property 'name'"],
      [{ name: 1 }, 400, 'name: must be string'],
      [{ name: 'a', colour: 'red' }, 400, 'colour: unknown key'],
      [{ name: 'a', queues: 0 }, 400, QUEUES],
      [{ name: 'a', queues: 257 }, 400, QUEUES],
      [{ name: 'a', queues: '4' }, 400, QUEUES],
      [{ name: 'a', types: ['LITE'] }, 400, 'types.0: must be one of NORMAL, FIFO, DELAY, TRANSACTION, PRIORITY'],
      [{ name: 'a', types: [] }, 400, 'types: must NOT have fewer than 1 items'],
      [{ name: 'a', types: 'NORMAL', queues: 0 }, 400, `types: must be array; ${QUEUES}`],
      [{ name: ' ' }, 400, 'the topic is blank'],
      [{ name: 'a b' }, 400, 'the topic "a b" has characters other than ^[%|a-zA-Z0-9_-]+$'],
      [{ name: 'TBW102' }, 400, 'the topic "TBW102" is a system topic'],
      [{ name: '%DLQ%a' }, 400, 'the topic "%DLQ%a" has a "%", which only topics that the broker makes itself may have'],
      [{ name: 'known' }, 409, 'the topic "known" exists already'],
    ]
    for (const [body, status, error] of refusals) {
      it(`are refused: ${JSON.stringify(body)}`, () => {
        assert.deepEqual(call('POST', '/api/topics', body), [status, error])
        assert.deepEqual(call('GET', '/api/topics'), [200, { topics: [known()] }])
      })
    }

    it('that are not there are named', () => {
      for (const method of ['GET', 'DELETE']) {
        assert.deepEqual(call(method, '/api/topics/none'), [404, 'there is no topic "none"'])
        assert.deepEqual(call(method, '/api/topics/a%2Fb'), [404, 'there is no topic "a/b"'])
        assert.deepEqual(call(method, '/api/topics/%E0%A4'), [400, '"%E0%A4" is no percent-encoded name'])
      }
    })

    it('go with all that was kept of them, and start anew under the same name', async () => {
      const at = Math.floor(broker.clock.now() / 1_000) + 60
      for (const body of ['acknowledged', 'in flight', 'ready']) await client.send('orders', body)
      await client.send('orders', 'late', { messageType: 'DELAY', deliveryTimestamp: { seconds: at, nanos: 0 } })
      const [first, second] = await client.receive('orders', 'billing', { max: 2 })
      await client.ack('orders', 'billing', first)
      const waiting = client.receive('orders', 'audit', { filter: 'none', wait: '15s' })
      await client.receive('other', 'billing')
      assert.equal(broker.broker.context.delivery.waiting, 1)

      assert.deepEqual(call('DELETE', '/api/topics/orders'), [200, { deleted: 'orders' }])
      assert.deepEqual(await waiting, [])
      assert.deepEqual(call('GET', '/api/topics/orders'), [404, 'there is no topic "orders"'])
      assert.deepEqual(
        (get('/api/subscriptions')['subscriptions'] as { topic: string }[]).map(({ topic }) => topic),
        ['other'],
      )
      for (const message of [first, second]) assert.equal(await client.ack('orders', 'billing', message), 'INVALID_RECEIPT_HANDLE')
      assert.equal(await client.send('orders', 'new'), 'OK')
      await broker.clock.advance('1d')
      const again = await client.receive('orders', 'billing')
      assert.deepEqual(
        again.map(({ body, deliveryAttempt }) => [body, deliveryAttempt]),
        [['new', 1]],
      )
      assert.equal(await client.ack('orders', 'billing', second), 'INVALID_RECEIPT_HANDLE')
      assert.equal(await client.ack('orders', 'billing', again[0]), 'OK')
    })

    it('leave no figure behind', async () => {
      await client.send('orders', 'a')
      await client.receive('orders', 'billing')
      const metrics = async () => (await fetch(`http://${broker.http}/metrics`)).text()
      assert.match(await metrics(), /topic="orders"/)
      call('DELETE', '/api/topics/orders')
      assert.doesNotMatch(await metrics(), /topic="orders"/)
    })
  })

  describe('groups', () => {
    const own = { name: 'plain', ordered: false, maxAttempts: 17, retry: STOCK_RETRY, start: 'default', paused: false, origin: 'admin' }
    const plain = () => ({ ...own, createdAt: now, deadLetters: 0, subscriptions: [] })

    it('are created with what is asked for, and with the defaults of the rest', () => {
      assert.deepEqual(call('POST', '/api/groups', { name: 'plain' }), [201, plain()])
      const ledger = { ...plain(), name: 'ledger', ordered: true, maxAttempts: 3, retry: [1_000, 500, 60_000] }
      assert.deepEqual(call('POST', '/api/groups', { name: 'ledger', ordered: true, maxAttempts: 3, retry: ['1s', 500, '1m'] }), [201, ledger])
      const growing = { ...plain(), name: 'growing', retry: { initial: 1_000, max: 60_000, multiplier: 2 } }
      assert.deepEqual(call('POST', '/api/groups', { name: 'growing', retry: { initial: '1s', max: '1m', multiplier: 2 } }), [201, growing])
      assert.deepEqual(call('GET', '/api/groups'), [200, { groups: [plain(), ledger, growing] }])
      const late = { ...plain(), name: 'late', start: '2026-01-31T08:30:00.000Z', paused: true }
      assert.deepEqual(call('POST', '/api/groups', { name: 'late', start: '2026-01-31T09:30+01:00', paused: true }), [201, late])
      assert.deepEqual(call('GET', '/api/groups/ledger'), [200, ledger])
    })

    it('change in what is named, and keep the rest, their age and their origin', async () => {
      call('POST', '/api/groups', { name: 'plain', maxAttempts: 3 })
      await broker.clock.advance('1h')
      const changed = { ...plain(), maxAttempts: 3, retry: [1_000] }
      assert.deepEqual(call('POST', '/api/groups', { name: 'plain', retry: ['1s'] }), [200, changed])
      assert.deepEqual(call('POST', '/api/groups', { name: 'plain' }), [200, changed])
      assert.deepEqual(call('GET', '/api/groups/plain'), [200, changed])
    })

    it('that are changed take the new settings to what they deliver and to who is connected', async () => {
      await client.send('orders', 'a')
      const [message] = await client.receive('orders', 'plain')
      assert.equal(message?.deliveryAttempt, 1)
      const stream = await client.telemetry({
        clientType: 'PUSH_CONSUMER',
        pubSub: { case: 'subscription', value: { group: { name: 'plain' } } },
      })
      call('POST', '/api/groups', { name: 'plain', maxAttempts: 1 })
      const { command } = await stream.next()
      assert.equal(command?.case === 'settings' ? command.value.backoffPolicy?.maxAttempts : undefined, 1)
      await broker.clock.advance('10s')
      assert.equal(get('/api/topics/%25DLQ%25plain')['stored'], 1)
      stream.close()
    })

    it('show what they have to do in each topic', async () => {
      for (const body of ['a', 'b']) await client.send('orders', body)
      await client.receive('orders', 'plain', { max: 1 })
      await broker.clock.advance('7s')
      const { subscriptions, origin } = get('/api/groups/plain')
      assert.equal(origin, 'first-use')
      const [shown] = subscriptions as Record<string, unknown>[]
      const { topic, ready, inFlight, delivered, oldestAge } = shown ?? {}
      assert.deepEqual({ topic, ready, inFlight, delivered, oldestAge }, { topic: 'orders', ready: 1, inFlight: 1, delivered: 1, oldestAge: 7_000 })
      assert.deepEqual(get('/api/subscriptions'), { subscriptions })
    })

    const WAIT = 'must be milliseconds, 0 or more, or a number with ms, s, m, h or d, e.g. "30s"'
    const ATTEMPTS = 'maxAttempts: must be a whole number, 1 to 1000'
    const refusals: readonly (readonly [body: unknown, status: number, error: string])[] = [
      [undefined, 400, '(top level): must be object'],
      [{ ordered: true }, 400, "(top level): must have required property 'name'"],
      [{ name: 'a', colour: 'red' }, 400, 'colour: unknown key'],
      [{ name: 'a', ordered: 'yes' }, 400, 'ordered: must be boolean'],
      [{ name: 'a', maxAttempts: 0 }, 400, ATTEMPTS],
      [{ name: 'a', maxAttempts: 1_001 }, 400, ATTEMPTS],
      [{ name: 'a', start: 'soon' }, 400, 'start: must be "first", "last" or a time such as "2026-01-31T09:30:00Z"'],
      [{ name: 'a', start: '2026-13-31T09:30:00Z' }, 400, '"2026-13-31T09:30:00Z" is no time'],
      [{ name: 'a', paused: 'yes' }, 400, 'paused: must be boolean'],
      [{ name: 'a', retry: '1s' }, 400, 'retry: must be a list of waits, or initial, max and multiplier'],
      [{ name: 'a', retry: ['1s', 'soon'] }, 400, `retry.1: ${WAIT}`],
      [{ name: 'a', retry: { initial: '1s', max: '1m' } }, 400, "retry: must have required property 'multiplier'"],
      [{ name: 'a', retry: { initial: '1s', max: '1m', multiplier: 0 } }, 400, 'retry.multiplier: must be a number, 1 or more'],
      [{ name: '' }, 400, 'the consumer group is blank'],
      [{ name: 'a.b' }, 400, 'the consumer group "a.b" has characters other than ^[%|a-zA-Z0-9_-]+$'],
      [{ name: 'CID_RMQ_SYS_a' }, 400, 'the consumer group "CID_RMQ_SYS_a" is a system group'],
      [{ name: 'plain', ordered: true }, 409, 'the group "plain" is not ordered, which cannot change while it exists'],
      [{ name: 'ledger', ordered: false }, 409, 'the group "ledger" is ordered, which cannot change while it exists'],
    ]
    for (const [body, status, error] of refusals) {
      it(`are refused: ${JSON.stringify(body)}`, () => {
        call('POST', '/api/groups', { name: 'plain' })
        call('POST', '/api/groups', { name: 'ledger', ordered: true })
        const before = get('/api/groups')
        assert.deepEqual(call('POST', '/api/groups', body), [status, error])
        assert.deepEqual(get('/api/groups'), before)
      })
    }

    it('that are not there are named', () => {
      for (const method of ['GET', 'DELETE']) assert.deepEqual(call(method, '/api/groups/none'), [404, 'there is no group "none"'])
    })

    it('go with their place in every topic, and leave the messages to the others', async () => {
      await client.receive('orders', 'audit')
      await client.receive('orders', 'plain')
      for (const body of ['a', 'b', 'c']) await client.send('orders', body)
      const [first, second] = await client.receive('orders', 'plain', { max: 2 })
      await client.ack('orders', 'plain', first)
      const waiting = client.receive('other', 'plain', { wait: '15s' })
      await client.receive('more', 'audit')

      assert.deepEqual(call('DELETE', '/api/groups/plain'), [200, { deleted: 'plain' }])
      assert.deepEqual(await waiting, [])
      assert.equal(broker.broker.context.delivery.waiting, 0)
      assert.deepEqual(call('GET', '/api/groups/plain'), [404, 'there is no group "plain"'])
      assert.deepEqual(get('/api/topics/orders')['groups'], ['audit'])
      assert.equal(await client.ack('orders', 'plain', second), 'INVALID_RECEIPT_HANDLE')
      await broker.clock.advance('1m')
      assert.deepEqual(
        (await client.receive('orders', 'audit')).map(({ body }) => body),
        ['a', 'b', 'c'],
      )
      // The same name is another group, which begins as any new one does.
      assert.deepEqual(
        (await client.receive('orders', 'plain')).map(({ body, deliveryAttempt }) => [body, deliveryAttempt]),
        [
          ['a', 1],
          ['b', 1],
          ['c', 1],
        ],
      )
    })
  })

  it('shows clients: who they are, how they live, what they do', async () => {
    const channel = broker.transport.createChannel({ address: broker.endpoints })
    const told = new RawClient(
      {
        ...channel,
        start: (method, handler, options) =>
          channel.start(method, handler, {
            ...options,
            headers: [...(options?.headers ?? []), [headerNames.language, 'NODE'], [headerNames.clientVersion, '5.1']],
          }),
      },
      'producer',
    )
    const publishing = { case: 'publishing', value: { topics: [{ name: 'orders' }, { name: 'known' }] } } as const
    const stream = await told.telemetry({ clientType: 'PRODUCER', pubSub: publishing })
    const consumer = await client.telemetry({
      clientType: 'SIMPLE_CONSUMER',
      pubSub: { case: 'subscription', value: { group: { name: 'billing' } } },
    })
    await broker.rawClient('silent').send('orders', 'a')
    const shown = (get('/api/clients')['clients'] as Record<string, unknown>[]).map(({ address, ...rest }) => {
      assert.equal(typeof address, 'string')
      return rest
    })
    assert.deepEqual(shown, [
      { id: 'producer', language: 'NODE', version: '5.1', state: 'connected', type: 'PRODUCER', topics: ['orders', 'known'], group: null },
      { id: 'tester', language: '', version: '', state: 'connected', type: 'SIMPLE_CONSUMER', topics: [], group: 'billing' },
      { id: 'silent', language: '', version: '', state: 'calling', type: null, topics: [], group: null },
    ])
    stream.close()
    await client.receive('orders', 'billing')
    assert.equal((get('/api/clients')['clients'] as { state: string }[])[0]?.state, 'lost')
    await broker.clock.advance('10s')
    assert.deepEqual(
      (get('/api/clients')['clients'] as { id: string }[]).map(({ id }) => id),
      ['tester', 'silent'],
    )
    consumer.close()
    channel.close()
  })
})
