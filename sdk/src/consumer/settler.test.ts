import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { type Gate, gate } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

/** The first ack request is stuck until the gate opens. */
function stuck({ server }: Bench): Gate {
  const open = gate()
  const usual = server.onAck
  server.onAck = async (request, call) => {
    if (server.acks.all.length === 1) await open.passed
    return await usual(request, call)
  }
  return open
}

const requests = ({ server }: Bench) => server.acks.all.map(({ request }) => request.entries.map(({ messageId }) => messageId).join(' '))

describe('acks, while a request is stuck', () => {
  it('wait for it and then go together', async () => {
    await using test = await bench()
    const open = stuck(test)
    const { seen } = run(test)
    for (const id of ['a', 'b', 'c']) {
      await test.server.deliver(delivered({ id }))
      await seen.next()
      await turns()
    }
    assert.deepEqual(requests(test), ['a'])
    open.open()
    await test.server.acks.reaches(2)
    assert.deepEqual(requests(test), ['a', 'b c'])
  })

  it('go at once where the lease is short, so that it cannot end meanwhile', async () => {
    await using test = await bench()
    const open = stuck(test)
    const simple = test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } })
    const receive = async (id: string, invisible: '10s' | '1m') => {
      const receiving = simple.receive({ invisible })
      await test.server.deliver(delivered({ id }))
      const [message] = await receiving
      assert.ok(message !== undefined)
      return message
    }
    const messages = [await receive('a', '1m'), await receive('b', '1m'), await receive('c', '10s')]
    const acks: Promise<void>[] = []
    for (const message of messages) {
      acks.push(message.ack())
      await turns()
    }
    assert.deepEqual(requests(test), ['a', 'b c'])
    open.open()
    await Promise.all(acks)
  })

  it('go at once in an ordered group, where a message group waits for each', async () => {
    await using test = await bench()
    const open = stuck(test)
    const { seen } = run(test, () => {}, { ordered: true })
    await test.server.deliver(delivered({ id: 'a1', group: 'a' }), delivered({ id: 'a2', group: 'a' }))
    await seen.next()
    await turns()
    await test.server.deliver(delivered({ id: 'b1', group: 'b' }), delivered({ id: 'b2', group: 'b' }))
    await seen.take(2)
    await turns()
    assert.deepEqual(requests(test), ['a1', 'b1', 'b2'])
    open.open()
    await test.server.acks.reaches(4)
    assert.deepEqual(requests(test), ['a1', 'b1', 'b2', 'a2'])
  })
})
