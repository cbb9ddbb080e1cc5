import assert from 'node:assert/strict'
import { inMemoryTransport } from '@feathermq/transport'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type RawClient, type RawMessage, startBroker, type TestBroker } from './testing/index.ts'

const padded = (text: string): string => text.padEnd(1_000, '.')
const bare = (message: RawMessage): string => message.body.replace(/\.*$/, '')

describe('the memory of a broker', () => {
  let broker: TestBroker
  let client: RawClient
  beforeEach(async () => {
    // Room for twenty messages of 1,000 bytes, more or less.
    broker = await startBroker({ transport: inMemoryTransport(), clock: 'frozen', maxMemory: '32KiB' })
    client = broker.rawClient()
  })
  afterEach(() => broker.close())

  /** Sends until there is no room; answers what was taken. */
  async function fill(topic = 'orders', prefix = 'm'): Promise<string[]> {
    const taken: string[] = []
    while ((await client.send(topic, padded(`${prefix}${taken.length}`))) === 'OK') taken.push(`${prefix}${taken.length}`)
    return taken
  }

  /** Takes and acknowledges up to `max` messages. */
  async function consume(group: string, max = 32): Promise<string[]> {
    const messages = await client.receive('orders', group, { max })
    for (const message of messages) assert.equal(await client.ack('orders', group, message), 'OK')
    return messages.map(bare)
  }

  it('is full at its bound, and says what helps', async () => {
    const taken = await fill()
    assert.ok(taken.length >= 15 && taken.length <= 32, String(taken.length))
    assert.equal(await client.send('others', padded('x')), 'TOO_MANY_REQUESTS')
    assert.equal(await client.send('others', 'x'.repeat(64_000)), 'TOO_MANY_REQUESTS')
    const metrics = await (await fetch(`http://${broker.http}/metrics`)).text()
    assert.ok(Number(/^rocketmq_storage_size\{.*\} (\d+)$/m.exec(metrics)?.[1]) <= 32 * 1024)
  })

  it('keeps what no group reads yet, all of it', async () => {
    const taken = await fill()
    assert.deepEqual((await consume('late')).sort(), taken.sort())
  })

  it('makes room of what every group has settled, and of nothing else', async () => {
    for (const group of ['fast', 'slow']) await client.receive('orders', group)
    const taken = await fill()
    assert.deepEqual((await consume('fast')).sort(), [...taken].sort())
    assert.equal(await client.send('orders', padded('no')), 'TOO_MANY_REQUESTS')
    const done = await consume('slow', 3)
    assert.equal(done.length, 3)
    const more = await fill('orders', 'n')
    assert.equal(more.length, 3)
    const left = [...taken.filter((text) => !done.includes(text)), ...more]
    assert.deepEqual((await consume('slow')).sort(), left.sort())
    assert.deepEqual((await consume('fast')).sort(), more.sort())
  })

  it('keeps what is in flight, and what comes back of it', async () => {
    await client.receive('orders', 'billing')
    const taken = await fill()
    const held = await client.receive('orders', 'billing', { max: 32 })
    assert.equal(held.length, taken.length)
    assert.equal(await client.send('orders', padded('no')), 'TOO_MANY_REQUESTS')
    await broker.clock.advance('10s')
    assert.deepEqual((await consume('billing')).sort(), taken.sort())
    assert.equal(await client.send('orders', padded('yes')), 'OK')
  })

  it('keeps what is delayed', async () => {
    const at = { seconds: Math.floor(broker.clock.now() / 1_000) + 60, nanos: 0 }
    assert.equal(await client.send('orders', padded('late'), { messageType: 'DELAY', deliveryTimestamp: at }), 'OK')
    await client.receive('orders', 'billing')
    const taken = await fill()
    await consume('billing')
    assert.equal((await fill('orders', 'n')).length, taken.length)
    await broker.clock.advance('1m')
    assert.ok((await consume('billing')).includes('late'))
  })

  it('keeps a message that cannot become a dead letter for want of room, until there is some', async () => {
    await client.receive('orders', 'billing')
    const taken = await fill()
    const [first, second] = await client.receive('orders', 'billing', { max: 2 })
    assert.ok(first && second)
    // The copy takes what the message leaves, but only once it is there.
    assert.equal(await client.deadLetter('orders', 'billing', first), 'TOO_MANY_REQUESTS')
    assert.equal(await client.ack('orders', 'billing', second), 'OK')
    assert.equal(await client.deadLetter('orders', 'billing', first), 'OK')
    assert.deepEqual((await client.receive('%DLQ%billing', 'rescue')).map(bare), [bare(first)])
    assert.equal((await consume('billing')).length, taken.length - 2)
  })

  it('loses nothing that is not settled by all groups, whatever is sent, received and acknowledged', async () => {
    const groups = ['one', 'two'] as const
    const action = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), size: fc.integer({ min: 1, max: 3_000 }) }) },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('receive' as const), group: fc.constantFrom(...groups), max: fc.integer({ min: 1, max: 8 }) }),
      },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('ack' as const), group: fc.constantFrom(...groups), pick: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 40, maxLength: 120 }), async (actions) => {
        await using small = await startBroker({ transport: inMemoryTransport(), clock: 'frozen', maxMemory: '16KiB' })
        const tester = small.rawClient()
        const left = { one: new Set<string>(), two: new Set<string>() }
        const held = { one: [] as RawMessage[], two: [] as RawMessage[] }
        for (const group of groups) await tester.receive('orders', group)
        for (const [at, step] of actions.entries()) {
          if (step.kind === 'send') {
            const text = `${at}${'.'.repeat(step.size)}`
            const code = await tester.send('orders', text)
            if (code === 'OK') for (const group of groups) left[group].add(String(at))
            else assert.equal(code, 'TOO_MANY_REQUESTS')
          } else if (step.kind === 'receive') {
            held[step.group].push(...(await tester.receive('orders', step.group, { max: step.max })))
          } else if (step.kind === 'ack') {
            const [message] = held[step.group].splice(step.pick % Math.max(1, held[step.group].length), 1)
            if (message !== undefined && (await tester.ack('orders', step.group, message)) === 'OK') left[step.group].delete(bare(message))
          } else {
            await small.clock.advance('10s')
          }
        }
        await small.clock.advance('10s')
        for (const group of groups) {
          const got = new Set<string>()
          for (let batch = await tester.receive('orders', group); batch.length > 0; batch = await tester.receive('orders', group)) {
            for (const message of batch) got.add(bare(message))
          }
          assert.deepEqual([...got].sort(), [...left[group]].sort())
        }
      }),
      { numRuns: 40 },
    )
  })
})
