import assert from 'node:assert/strict'
import { type FeatherMQ, FeatherMQError, type OrphanedTransaction, type TransactionResult } from '@feathermq/sdk'
import { it } from 'mocha'
import { overEachTransport } from '../support/stage.ts'

const never = (): Promise<never> => new Promise(() => {})
const order = { topic: 'orders', body: 'order 7', keys: ['7'], properties: { tenant: 't1' } }

/** The texts of all that a group has not had yet. */
async function arrived(mq: FeatherMQ, group = 'billing'): Promise<string[]> {
  const consumer = mq.simpleConsumer({ group, subscribe: { orders: '*' } })
  const texts: string[] = []
  for (const message of await consumer.receive({ max: 32, wait: 0 })) {
    texts.push(message.text())
    await message.ack()
  }
  return texts
}

overEachTransport((stage) => {
  it('a message of a transaction arrives when it is committed, not before, and never when it is rolled back', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer({ topics: ['orders'] })
    const { messageId } = await producer.transaction(order, async () => {
      assert.deepEqual(await arrived(mq), [])
      return 'commit'
    })
    const [message] = await mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } }).receive({ wait: 0 })
    assert.deepEqual([message?.messageId, message?.text(), message?.keys, message?.properties['tenant']], [messageId, 'order 7', ['7'], 't1'])
    await producer.transaction({ ...order, body: 'order 8' }, async () => 'rollback')
    await assert.rejects(
      producer.transaction({ ...order, body: 'order 9' }, async () => {
        throw new Error('no stock')
      }),
      /no stock/,
    )
    assert.deepEqual(await arrived(mq), ['order 7'])
  })

  for (const result of ['commit', 'rollback'] as const) {
    it(`a producer that dies between its message and its end leaves the answer to the checker of the next one (${result})`, async () => {
      const broker = await stage.broker({ clock: 'frozen' })
      const dying = stage.client(broker)
      let id = ''
      // As far as anybody else can tell it dies here: its work never comes to an end.
      const transaction = dying.producer({ topics: ['orders'] }).transaction(order, async ({ messageId }) => {
        id = messageId
        await dying.close({ drain: 0 })
        return await never()
      })
      transaction.catch(() => {})
      while (id === '') await new Promise((resolve) => setImmediate(resolve))
      await dying.close()

      const mq = stage.client(broker)
      const asked: OrphanedTransaction[] = []
      let answered: () => void = () => {}
      const answer = new Promise<void>((resolve) => {
        answered = resolve
      })
      const checkTransaction = async (orphan: OrphanedTransaction): Promise<TransactionResult> => {
        asked.push(orphan)
        answered()
        return result
      }
      await mq.producer({ topics: ['orders'], checkTransaction }).ready()
      assert.deepEqual(await arrived(mq), [])
      const told = broker.faults.add({ rpc: 'EndTransaction' })
      await broker.clock.advance('6s')
      await answer
      assert.deepEqual(
        asked.map(({ message }) => [message.messageId, message.text(), message.keys, message.properties['tenant']]),
        [[id, 'order 7', ['7'], 't1']],
      )
      await told.reached
      if (result === 'commit') {
        const [message] = await mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } }).receive({ wait: '20s' })
        assert.equal(message?.messageId, id)
      } else assert.deepEqual(await arrived(mq), [])
      await broker.clock.advance('10m')
      assert.equal(asked.length, 1, 'it is settled, so that nobody is asked again')
    })
  }

  it('a commit whose answer is lost is told again, and the message arrives once', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker, { requestTimeout: 300 })
    const producer = mq.producer({ topics: ['orders'] })
    broker.faults.add({ rpc: 'EndTransaction', times: 1, loseReply: true })
    const { resolution } = await producer.transaction(order, async () => 'commit')
    assert.equal(resolution, 'commit')
    assert.deepEqual(await arrived(mq), ['order 7'])
    assert.deepEqual(await arrived(mq), [])
  })

  it('a delayed message is recalled by its receipt before its time, and only then', async () => {
    const broker = await stage.broker({ clock: 'frozen' })
    const mq = stage.client(broker)
    const producer = mq.producer()
    const [kept, taken] = await Promise.all(['kept', 'taken'].map((body) => producer.send({ topic: 'orders', body, deliverAfter: '1h' })))
    assert.ok(kept !== undefined && taken !== undefined)
    assert.equal((await producer.recall(taken)).messageId, taken.messageId)
    await broker.clock.advance('1h')
    assert.deepEqual(await arrived(mq), ['kept'])
    const late = await producer.recall({ topic: 'orders', recallHandle: kept.recallHandle }).catch((error: unknown) => error)
    assert.ok(late instanceof FeatherMQError)
    assert.deepEqual([late.code, late.retryable], ['BAD_REQUEST', false])
    assert.match(late.message, /it is too late to recall the message: its time has come/)
    const none = await producer.recall({ topic: 'orders', recallHandle: 'nonsense' }).catch((error: unknown) => error)
    assert.ok(none instanceof FeatherMQError)
    assert.match(none.message, /the recall handle is none of a message of the topic/)
  })
})
