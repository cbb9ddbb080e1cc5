import assert from 'node:assert/strict'
import { startBroker, type TestBroker } from '@feathermq/broker/testing'
import { FeatherMQ, type OrphanedTransaction, silentLogger, type TransactionResult } from '@feathermq/sdk'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { start } from '../support/child.ts'
import { root } from '../support/repository.ts'

/** Sends the message of a transaction, says its id, and never gets any further. */
const program = (endpoints: string) => `
  import { FeatherMQ } from '@feathermq/sdk'
  const producer = new FeatherMQ({ endpoints: '${endpoints}' }).producer({ topics: ['orders'] })
  await producer.transaction({ topic: 'orders', body: 'order 7' }, async ({ messageId }) => {
    console.log(messageId)
    setInterval(() => {}, 1_000)
    return await new Promise(() => {})
  })
`

describe('a process that is killed between the message of a transaction and its commit', () => {
  let broker: TestBroker
  beforeEach(async () => {
    broker = await startBroker({ clock: 'frozen' })
  })
  afterEach(() => broker.close())

  it('leaves it to the checker of another one, which is asked until it knows', async () => {
    const args = ['--import', 'tsx', '--conditions', 'feathermq-source', '--input-type', 'module', '-e', program(broker.endpoints)]
    const child = start(process.execPath, args, { cwd: root, timeout: 60_000 })
    const id = (await child.line((line) => /^01[0-9A-F]{32}$/.test(line))).trim()
    child.kill('SIGKILL')
    await child.ended

    const mq = new FeatherMQ({ endpoints: broker.endpoints, clock: broker.clock, logger: silentLogger })
    const answers: TransactionResult[] = ['unknown', 'commit']
    const asked: string[] = []
    let wake: () => void = () => {}
    const checkTransaction = async ({ message }: OrphanedTransaction): Promise<TransactionResult> => {
      asked.push(message.messageId)
      wake()
      return answers.shift() ?? 'unknown'
    }
    const count = async (wanted: number) => {
      while (asked.length < wanted) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
    await mq.producer({ topics: ['orders'], checkTransaction }).ready()
    const consumer = mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    await broker.clock.advance('6s')
    await count(1)
    assert.deepEqual(await consumer.receive({ wait: 0 }), [])
    await broker.clock.advance('30s')
    await count(2)
    const [message] = await consumer.receive({ wait: '20s' })
    assert.equal(message?.messageId, id)
    assert.deepEqual(asked, [id, id])
    await mq.close()
  }).timeout(60_000)
})
