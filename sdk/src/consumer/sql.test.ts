import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { FeatherMQ, FeatherMQError, sql } from '../index.ts'
import { bench } from '../testing-internal/bench.ts'
import { run } from '../testing-internal/running.ts'

const wanted = { type: 'SQL', expression: ' amount > 100 ' } as const

describe('a subscription by SQL', () => {
  it('reaches the server as it was written, in the settings and in each receive of a consumer', async () => {
    await using test = await bench()
    run(test, () => {}, { subscribe: { orders: sql(wanted.expression) } })
    const receive = await test.server.receives.next()
    assert.deepEqual(receive.request.filterExpression, wanted)
    const pubSub = test.server.settings.all[0]?.pubSub
    assert.deepEqual(pubSub?.case === 'subscription' && pubSub.value.subscriptions[0]?.expression, wanted)
  })

  it('reaches the server from a simple consumer too, and leaves other topics their tags', async () => {
    await using test = await bench()
    const consumer = test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: sql(wanted.expression), payments: 'paid' } })
    const asked: unknown[] = []
    for (let count = 0; count < 2; count += 1) {
      const receiving = consumer.receive()
      const receive = await test.server.receives.next()
      asked.push(receive.request.filterExpression)
      receive.end('MESSAGE_NOT_FOUND')
      await receiving
    }
    assert.deepEqual(asked, [wanted, { type: 'TAG', expression: 'paid' }])
  })

  it('ends a run that the server refuses for it, with what the server says', async () => {
    await using test = await bench()
    const { running } = run(test, () => {}, { subscribe: { orders: sql('amount >') } })
    const receive = await test.server.receives.next()
    receive.end('ILLEGAL_FILTER_EXPRESSION', 'column 9')
    await assert.rejects(running, { code: 'ILLEGAL_FILTER_EXPRESSION', message: /column 9/, topic: 'orders' })
  })

  it('is a text that is not blank, made by sql()', () => {
    for (const expression of ['', ' \n', 7, undefined]) {
      assert.throws(
        () => sql(expression as string),
        (error) => error instanceof FeatherMQError && error.code === 'INVALID_OPTION' && /^sql\(\) must be/.test(error.message),
      )
    }
    const mq = new FeatherMQ({ endpoints: '127.0.0.1:1' })
    const like = { type: 'SQL', expression: 'amount > 100' }
    assert.throws(() => mq.consumer({ group: 'g', subscribe: { orders: like as never } }), {
      code: 'INVALID_OPTION',
      message: /or sql\('amount > 100'\), not an object$/,
    })
  })

  it('shows its text', () => {
    assert.equal(`${sql('amount > 100')}`, 'amount > 100')
  })
})
