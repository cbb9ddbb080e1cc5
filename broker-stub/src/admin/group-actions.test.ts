import assert from 'node:assert/strict'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type RawClient, type RawMessage, startBroker, type TestBroker } from '../testing/index.ts'
import { adminApi } from './api.ts'
import { groupAction } from './group-actions.ts'

describe('what the admin API does with groups', () => {
  let broker: TestBroker
  let client: RawClient
  beforeEach(async () => {
    broker = await startBroker({
      transport: inMemoryTransport(),
      clock: 'frozen',
      topics: { orders: { queues: 2 } },
      groups: { billing: { maxAttempts: 2 } },
    })
    client = broker.rawClient('tester')
  })
  afterEach(() => broker.close())

  /** Status and body; an error is its sentence alone. */
  async function post(path: string, body: unknown = {}, method = 'POST'): Promise<readonly [number, unknown]> {
    const answer = await groupAction(broker.broker.context, method, `/api/groups/${path}`, body)
    assert.ok(answer !== undefined)
    const plain: unknown = JSON.parse(JSON.stringify(answer.body))
    return [answer.status, typeof plain === 'object' && plain !== null && 'error' in plain ? plain.error : plain]
  }
  const bodies = (messages: readonly RawMessage[]): string[] => messages.map(({ body }) => body).sort()
  const receive = (): Promise<RawMessage[]> => client.receive('orders', 'billing')

  it('pauses and resumes, and shows it', async () => {
    await client.send('orders', 'a')
    const [status, view] = await post('billing/pause')
    assert.deepEqual([status, (view as { paused: boolean }).paused, (view as { maxAttempts: number }).maxAttempts], [200, true, 2])
    assert.deepEqual(await receive(), [])
    assert.deepEqual(((await post('billing/resume'))[1] as { paused: boolean }).paused, false)
    assert.deepEqual(bodies(await receive()), ['a'])
  })

  it('sends a group elsewhere: to the start, the end, a time, an offset', async () => {
    await client.send('orders', 'a')
    await client.send('orders', 'b')
    assert.equal((await receive()).length, 2)
    const at = (offsets: readonly number[]) => [200, { group: 'billing', topic: 'orders', offsets }]
    assert.deepEqual(await post('billing/reset', { topic: 'orders', to: 'start' }), at([0, 0]))
    assert.deepEqual(bodies(await receive()), ['a', 'b'])
    assert.deepEqual(await post('billing/reset', { topic: 'orders', offsets: { 1: 0 } }), at([1, 0]))
    assert.deepEqual(bodies(await receive()), ['b'])
    await broker.clock.advance('1s')
    const time = new Date(broker.clock.now()).toISOString()
    await client.send('orders', 'c')
    assert.deepEqual(await post('billing/reset', { topic: 'orders', to: time }), at([1, 1]))
    assert.deepEqual(bodies(await receive()), ['c'])
    assert.deepEqual(await post('billing/reset', { topic: 'orders', to: 'end' }), at([2, 1]))
    assert.deepEqual(await receive(), [])
  })

  it('sends a group elsewhere that never read the topic', async () => {
    await client.send('orders', 'a')
    assert.deepEqual(await post('billing/reset', { topic: 'orders', to: 'end' }), [200, { group: 'billing', topic: 'orders', offsets: [1, 0] }])
    assert.deepEqual(await receive(), [])
  })

  it('sends dead letters back, as many as it is told', async () => {
    for (const body of ['a', 'b', 'c']) await client.send('orders', body)
    for (const message of await receive()) assert.equal(await client.deadLetter('orders', 'billing', message), 'OK')
    assert.deepEqual(await post('billing/redrive', { max: 2 }), [200, { group: 'billing', moved: 2, left: 1 }])
    assert.deepEqual(await post('billing/redrive'), [200, { group: 'billing', moved: 1, left: 0 }])
    assert.deepEqual(bodies(await receive()), ['a', 'b', 'c'])
    assert.deepEqual(await post('billing/redrive', undefined), [200, { group: 'billing', moved: 0, left: 0 }])
  })

  it('says why dead letters were not sent back', async () => {
    await client.send('orders', 'a')
    const [message] = await receive()
    await client.deadLetter('orders', 'billing', message as RawMessage)
    assert.equal(adminApi(broker.broker.context, 'DELETE', '/api/topics/orders', undefined).status, 200)
    const stopped = 'there is no topic "orders", from which the next one came'
    assert.deepEqual(await post('billing/redrive'), [200, { group: 'billing', moved: 0, left: 1, stopped }])
  })

  it('takes percent-encoded names', async () => {
    broker.broker.context.registry.putGroup('%RETRY%x', {}, 'admin')
    assert.equal((await post('%25RETRY%25x/pause'))[0], 200)
    assert.deepEqual(await post('%zz/pause'), [400, '"%zz" is no percent-encoded name'])
  })

  const WHERE = 'to: must be "start", "end" or a time such as "2026-01-31T09:30:00Z"'
  const refused: readonly (readonly [path: string, body: unknown, status: number, error: string])[] = [
    ['none/pause', {}, 404, 'there is no group "none"'],
    ['billing/reset', {}, 400, "(top level): must have required property 'topic'"],
    ['billing/reset', { topic: 'orders' }, 400, 'give either "to" or "offsets"'],
    ['billing/reset', { topic: 'orders', to: 'start', offsets: { 0: 1 } }, 400, 'give either "to" or "offsets"'],
    ['billing/reset', { topic: 'none', to: 'start' }, 404, 'there is no topic "none"'],
    ['billing/reset', { topic: 'orders', to: 'yesterday' }, 400, WHERE],
    ['billing/reset', { topic: 'orders', to: '2026-01-31' }, 400, WHERE],
    ['billing/reset', { topic: 'orders', to: '2026-13-31T00:00:00Z' }, 400, '"2026-13-31T00:00:00Z" is no time'],
    ['billing/reset', { topic: 'orders', offsets: { 2: 0 } }, 400, 'the topic "orders" has no queue 2; it has 2, from 0 on'],
    ['billing/reset', { topic: 'orders', offsets: { 0: -1 } }, 400, 'offsets.0: must be an offset, 0 or more'],
    ['billing/reset', { topic: 'orders', offsets: { first: 1 } }, 400, 'offsets.first: unknown key'],
    ['billing/redrive', { max: 0 }, 400, 'max: must be a whole number, 1 or more'],
    ['billing/redrive', { all: true }, 400, 'all: unknown key'],
  ]
  for (const [path, body, status, error] of refused) {
    it(`refuses ${path} ${JSON.stringify(body)}`, async () => {
      assert.deepEqual(await post(path, body), [status, error])
    })
  }

  it('takes POST alone, and leaves other paths to others', async () => {
    assert.deepEqual(await groupAction(broker.broker.context, 'GET', '/api/groups/billing/pause', undefined), {
      status: 405,
      allow: 'POST',
      body: { error: '/api/groups/billing/pause takes POST' },
    })
    for (const path of ['/api/groups/billing', '/api/groups/billing/none', '/api/topics/orders/pause', '/api/groups/a/b/pause']) {
      assert.equal(groupAction(broker.broker.context, 'POST', path, {}), undefined)
    }
  })

  it('answers over HTTP', async () => {
    const response = await fetch(`http://${broker.http}/api/groups/billing/reset`, {
      method: 'POST',
      body: JSON.stringify({ topic: 'orders', to: 'start' }),
      headers: { 'content-type': 'application/json' },
    })
    assert.deepEqual([response.status, await response.json()], [200, { group: 'billing', topic: 'orders', offsets: [0, 0] }])
  })
})
