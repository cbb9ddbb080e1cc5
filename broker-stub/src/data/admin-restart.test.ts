import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type BrokerLife, BrokerWorld } from './test-kit/broker-world.ts'

interface Answer {
  readonly status: number
  readonly body: { readonly error?: string }
}

async function ask({ broker }: BrokerLife, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`http://${broker.addresses.http}/api/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

describe('what the admin API was told and has answered', () => {
  let world: BrokerWorld
  let life: BrokerLife
  beforeEach(async () => {
    world = new BrokerWorld()
    life = await world.start({ autoCreate: false, topics: { old: {} }, groups: { old: {}, billing: {} } })
  })
  afterEach(() => world.close())

  for (const crash of ['kill', 'power'] as const) {
    it(`is so for good, also when ${crash === 'kill' ? 'the process is killed' : 'the machine loses its power'} at that moment`, async () => {
      assert.equal((await ask(life, 'POST', 'topics', { name: 'orders', queues: 3 })).status, 201)
      life.crash(crash, 'none')
      life = await world.start({ autoCreate: false })
      assert.equal(life.broker.context.registry.topic('orders')?.queues, 3)

      assert.equal((await ask(life, 'POST', 'groups', { name: 'audit', maxAttempts: 3 })).status, 201)
      life.crash(crash, 'none')
      life = await world.start({ autoCreate: false })
      assert.equal(life.broker.context.registry.group('audit')?.maxAttempts, 3)

      assert.equal((await ask(life, 'POST', 'groups/billing/pause', {})).status, 200)
      life.crash(crash, 'none')
      life = await world.start({ autoCreate: false })
      assert.equal(life.broker.context.registry.group('billing')?.paused, true)

      for (const kind of ['topics', 'groups']) assert.equal((await ask(life, 'DELETE', `${kind}/old`)).status, 200)
      life.crash(crash, 'none')
      life = await world.start({ autoCreate: false })
      const { registry } = life.broker.context
      assert.deepEqual([registry.topic('old'), registry.group('old')], [undefined, undefined])
    })
  }

  it('is 503 where the disk did not take it, with what that means, and what was refused is refused as ever', async () => {
    const full = world.disk.fault({ path: '/state/', operation: ['create', 'writeNow', 'sync'] }, { fail: 'ENOSPC' })
    const { status, body } = await ask(life, 'POST', 'topics', { name: 'orders' })
    assert.equal(status, 503)
    assert.match(body.error ?? '', /^it is done, but could not be written to the disk, so a restart may undo it: .*ENOSPC/)
    assert.equal((await ask(life, 'GET', 'topics/orders')).status, 200)
    assert.equal((await ask(life, 'POST', 'topics', { name: 'orders' })).status, 409)
    full.cancel()
    await world.clock.advance('2s')
    assert.equal((await ask(life, 'POST', 'topics', { name: 'later' })).status, 201)
    life.crash('power', 'none')
    life = await world.start({ autoCreate: false })
    assert.deepEqual(
      ['orders', 'later'].map((name) => life.broker.context.registry.topic(name)?.name),
      ['orders', 'later'],
    )
  })
})
