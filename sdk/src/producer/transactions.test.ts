import { strict as assert } from 'node:assert'
import type { EndTransactionRequest } from '@feathermq/protocol'
import { RpcError } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure, gate } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import type { TransactionChecker, TransactionResult } from './transaction-options.ts'

const hello = { topic: 'orders', body: 'hello', tag: 'paid', keys: ['o-1'] }

function ends({ server }: Bench): readonly [string | number, string | number, string][] {
  return server.ends.all.map(({ request }) => [request.resolution, request.source, request.transactionId])
}

/** A producer with a checker, known to the server. */
async function checking(test: Bench, checkTransaction: TransactionChecker) {
  const producer = test.mq.producer({ topics: ['orders'], checkTransaction })
  const stream = await test.server.streams.next()
  await producer.ready()
  const ask = async (transactionId: string, id = 'm1') => {
    const { systemProperties, ...rest } = delivered({ id, body: 'half', properties: new Map([['tenant', 't1']]) })
    const system = { ...systemProperties, receiptHandle: undefined, messageType: 'TRANSACTION' as const, keys: ['o-1'] }
    stream.send({ command: { case: 'recoverOrphanedTransactionCommand', value: { transactionId, message: { ...rest, systemProperties: system } } } })
    await turns()
  }
  return { producer, ask }
}

describe('producer.transaction', () => {
  it('sends a half message, runs the work, then commits at the endpoint that took it', async () => {
    await using test = await bench({ namespace: 'shop' })
    const producer = test.mq.producer()
    const seen: unknown[] = []
    const receipt = await producer.transaction(hello, async ({ transactionId, messageId, topic, signal }) => {
      seen.push(transactionId, messageId, topic, signal.aborted, test.server.ends.all.length)
      return 'commit'
    })
    const [sent] = test.server.sends.all
    const system = sent?.request.messages[0]?.systemProperties
    assert.deepEqual(
      [system?.messageType, system?.tag, system?.keys, system?.orphanedTransactionRecoveryDuration],
      ['TRANSACTION', 'paid', ['o-1'], undefined],
    )
    assert.deepEqual(seen, ['tx-1', system?.messageId, 'orders', false, 0])
    const end: EndTransactionRequest | undefined = test.server.ends.all[0]?.request
    assert.deepEqual(
      [end?.topic, end?.messageId, end?.transactionId, end?.resolution, end?.source],
      [{ resourceNamespace: 'shop', name: 'orders' }, system?.messageId, 'tx-1', 'COMMIT', 'SOURCE_CLIENT'],
    )
    assert.deepEqual([receipt.transactionId, receipt.resolution, receipt.messageId], ['tx-1', 'commit', system?.messageId])
  })

  it('rolls back when the work says so', async () => {
    await using test = await bench()
    const { resolution } = await test.mq.producer().transaction(hello, async () => 'rollback')
    assert.equal(resolution, 'rollback')
    assert.deepEqual(ends(test), [['ROLLBACK', 'SOURCE_CLIENT', 'tx-1']])
  })

  it('rolls back when the work throws, and rejects with what it threw', async () => {
    await using test = await bench()
    const reason = new Error('no stock')
    await assert.rejects(
      test.mq.producer().transaction(hello, async () => {
        throw reason
      }),
      reason,
    )
    assert.deepEqual(ends(test), [['ROLLBACK', 'SOURCE_CLIENT', 'tx-1']])
  })

  it('rejects with what the work threw also when the rollback cannot be told, and warns', async () => {
    await using test = await bench()
    test.server.onEnd = () => ({ status: { code: 'FORBIDDEN' } })
    const reason = new Error('no stock')
    await assert.rejects(
      test.mq.producer().transaction(hello, () => Promise.reject(reason)),
      reason,
    )
    assert.equal(test.log.of('transaction-unresolved').length, 1)
  })

  it('tells the server nothing while the outcome is unknown', async () => {
    await using test = await bench()
    const receipt = await test.mq.producer().transaction(hello, async () => 'unknown')
    assert.equal(receipt.resolution, 'unknown')
    assert.deepEqual(ends(test), [])
  })

  it('leaves a transaction open whose work returns something else', async () => {
    await using test = await bench()
    const error = await failure(test.mq.producer().transaction(hello, (() => undefined) as never))
    assert.match(error.message, /transaction\.work must be a function that returns 'commit', 'rollback' or 'unknown', not undefined/)
    assert.deepEqual(ends(test), [])
  })

  it('runs no work when the half message was not stored', async () => {
    await using test = await bench()
    test.server.onSend = () => ({ status: { code: 'FORBIDDEN' }, entries: [] })
    let ran = false
    const work = async () => {
      ran = true
      return 'commit' as const
    }
    assert.equal((await failure(test.mq.producer().transaction(hello, work))).code, 'FORBIDDEN')
    assert.equal(ran, false)
  })

  it('refuses before sending what a transaction cannot have', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    const wrong = [
      producer.transaction({ ...hello, messageGroup: 'g' }, async () => 'commit'),
      producer.transaction({ ...hello, deliverAfter: '1m' }, async () => 'commit'),
      producer.transaction(hello, 'commit' as never),
      producer.transaction(hello, async () => 'commit', { checkAfter: '2h' }),
      producer.transaction(hello, async () => 'commit', { checkafter: 1 } as never),
    ]
    const codes = await Promise.all(wrong.map(async (each) => (await failure(each)).code))
    assert.deepEqual(codes, ['INVALID_MESSAGE', 'INVALID_MESSAGE', 'INVALID_OPTION', 'INVALID_OPTION', 'INVALID_OPTION'])
    assert.equal(test.server.sends.all.length, 0)
  })

  it('names a topic that takes no transactions', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({
      status: { code: 'OK' },
      messageQueues: test.server.queues('orders').map((queue) => ({ ...queue, acceptMessageTypes: ['NORMAL' as const] })),
    })
    const error = await failure(test.mq.producer().transaction(hello, async () => 'commit'))
    assert.match(error.message, /is of type TRANSACTION \(it is sent by transaction\(\)\), but the topic takes NORMAL/)
  })

  it('asks the server to wait as long as the work may take before it checks', async () => {
    await using test = await bench()
    await test.mq.producer().transaction(hello, async () => 'commit', { checkAfter: '90s' })
    assert.equal(test.server.sends.all[0]?.request.messages[0]?.systemProperties?.orphanedTransactionRecoveryDuration?.seconds, 90)
  })

  it('names a server that stores a half message but names no transaction', async () => {
    await using test = await bench()
    test.server.onSend = () => ({ status: { code: 'OK' }, entries: [{ status: { code: 'OK' }, messageId: 'm' }] })
    assert.match((await failure(test.mq.producer().transaction(hello, async () => 'commit'))).message, /named no transaction/)
  })

  describe('tells the end', () => {
    it('again, with growing pauses, while the server does not answer, until the time is over', async () => {
      await using test = await bench()
      const times: number[] = []
      test.server.onEnd = () => {
        times.push(test.clock.monotonic())
        throw new RpcError('UNAVAILABLE', 'away')
      }
      const ending = failure(test.mq.producer().transaction(hello, async () => 'commit', { timeout: '2s' }))
      await test.clock.advance(60_000)
      const error = await ending
      assert.deepEqual([error.code, error.retryable, error.topic], ['TRANSACTION_UNRESOLVED', false, 'orders'])
      assert.match(error.message, /the commit of message \w+ of orders was not confirmed/)
      const [first = 0] = times
      // The producer's own limit, 30 s: the one of the call is that of the half message.
      assert.deepEqual(
        times.slice(0, 7).map((time) => time - first),
        [0, 100, 300, 700, 1_500, 3_100, 6_300],
      )
      assert.ok((times.at(-1) ?? 0) - first <= 30_000)
    })

    it('no more often than attempts are allowed where the server answers with a failure of its own', async () => {
      await using test = await bench()
      test.server.onEnd = () => ({ status: { code: 'INTERNAL_SERVER_ERROR', message: 'cannot found transaction data' } })
      const ending = failure(test.mq.producer().transaction(hello, async () => 'commit'))
      await test.clock.advance(60_000)
      assert.equal((await ending).status?.name, 'INTERNAL_SERVER_ERROR')
      assert.equal(test.server.ends.all.length, 3)
    })

    it('once where the server refuses', async () => {
      await using test = await bench()
      test.server.onEnd = () => ({ status: { code: 'INVALID_TRANSACTION_ID' } })
      const error = await failure(test.mq.producer().transaction(hello, async () => 'commit'))
      assert.deepEqual([error.code, error.status?.name], ['TRANSACTION_UNRESOLVED', 'INVALID_TRANSACTION_ID'])
      assert.equal(test.server.ends.all.length, 1)
    })

    it('also when the signal aborted while the work ran, which sees it', async () => {
      await using test = await bench()
      const controller = new AbortController()
      const receipt = await test.mq.producer().transaction(
        hello,
        async ({ signal }) => {
          controller.abort(new Error('enough'))
          return signal.aborted ? 'commit' : 'rollback'
        },
        { signal: controller.signal },
      )
      assert.equal(receipt.resolution, 'commit')
      assert.deepEqual(ends(test), [['COMMIT', 'SOURCE_CLIENT', 'tx-1']])
    })

    it('before the producer has closed', async () => {
      await using test = await bench()
      const producer = test.mq.producer()
      const { passed, open } = gate()
      const transaction = producer.transaction(hello, async () => {
        await passed
        return 'commit'
      })
      await turns()
      const closing = producer.close()
      open()
      await test.clock.advance(2_000)
      await closing
      assert.equal((await transaction).resolution, 'commit')
    })

    it('no more when the producer has closed without waiting', async () => {
      await using test = await bench()
      const producer = test.mq.producer()
      const { passed, open } = gate()
      const transaction = failure(
        producer.transaction(hello, async () => {
          await passed
          return 'commit'
        }),
      )
      await turns()
      const closing = producer.close({ drain: 0 })
      await test.clock.advance(10_000)
      await closing
      open()
      const error = await transaction
      assert.equal(error.code, 'TRANSACTION_UNRESOLVED')
      assert.match(error.message, /the producer is closed/)
      assert.deepEqual(ends(test), [])
    })
  })
})

describe('a transaction that nobody ended', () => {
  it('is resolved by the checker, from the whole message, at the endpoint that asks', async () => {
    await using test = await bench()
    const seen: unknown[] = []
    const { ask } = await checking(test, async ({ transactionId, message }) => {
      seen.push(transactionId, message.messageId, message.topic, message.text(), message.keys, message.properties['tenant'])
      return 'commit'
    })
    await ask('t-9')
    assert.deepEqual(seen, ['t-9', 'm1', 'orders', 'half', ['o-1'], 't1'])
    assert.deepEqual(ends(test), [['COMMIT', 'SOURCE_SERVER_CHECK', 't-9']])
  })

  it('is answered by a producer that never sent anything', async () => {
    await using test = await bench()
    await checking(test, async () => 'rollback')
    const settings = test.server.settings.all[0]
    assert.deepEqual(settings?.pubSub?.case === 'publishing' && settings.pubSub.value.topics.map(({ name }) => name), ['orders'])
    assert.equal(test.server.sends.all.length, 0)
  })

  it('is answered once the server is there, however late that is', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({ status: { code: 'TOPIC_NOT_FOUND' } })
    test.mq.producer({ topics: ['orders'], checkTransaction: async () => 'rollback' })
    await test.clock.advance(10_000)
    assert.equal(test.log.of('topic-lookup-failed').filter(({ level }) => level === 'warn').length, 1)
    test.server.onRoute = () => ({ status: { code: 'OK' }, messageQueues: test.server.queues('orders') })
    await test.clock.advance(40_000)
    assert.equal(test.server.streams.all.length, 1)
    assert.equal(test.clock.holding, 0)
  })

  it('is left open while the checker does not know or throws, and is asked about again', async () => {
    await using test = await bench()
    const answers: (() => TransactionResult)[] = [
      () => 'unknown',
      () => {
        throw new Error('database away')
      },
      () => 'commit',
    ]
    const { ask } = await checking(test, async () => answers.shift()?.() ?? 'unknown')
    await ask('t-1')
    await ask('t-1')
    assert.deepEqual(ends(test), [])
    const [failed] = test.log.of('transaction-check-failed')
    assert.match(failed?.message ?? '', /the server asks again: database away/)
    await ask('t-1')
    assert.deepEqual(ends(test), [['COMMIT', 'SOURCE_SERVER_CHECK', 't-1']])
  })

  it('is checked once at a time', async () => {
    await using test = await bench()
    let calls = 0
    const { passed, open } = gate()
    const { ask } = await checking(test, async () => {
      calls += 1
      await passed
      return 'commit'
    })
    await ask('t-1')
    await ask('t-1')
    assert.equal(calls, 1)
    open()
    await turns()
    assert.deepEqual(ends(test), [['COMMIT', 'SOURCE_SERVER_CHECK', 't-1']])
  })

  it('is none while its work runs here: the server is told nothing then', async () => {
    await using test = await bench()
    const { producer, ask } = await checking(test, async () => assert.fail('the checker cannot know it yet'))
    const { passed, open } = gate()
    let id = ''
    const transaction = producer.transaction(hello, async ({ messageId }) => {
      id = messageId
      await passed
      return 'commit'
    })
    await turns()
    await ask('tx-1', id)
    assert.deepEqual(ends(test), [])
    open()
    await transaction
    assert.deepEqual(ends(test), [['COMMIT', 'SOURCE_CLIENT', 'tx-1']])
  })

  it('whose end got lost is answered by what was decided here, and a second half message of the same send is rolled back', async () => {
    await using test = await bench()
    const { producer, ask } = await checking(test, async () => assert.fail('it is known'))
    test.server.onEnd = () => ({ status: { code: 'FORBIDDEN' } })
    let id = ''
    await failure(
      producer.transaction(hello, async ({ messageId }) => {
        id = messageId
        return 'commit'
      }),
    )
    test.server.onEnd = () => ({ status: { code: 'OK' } })
    await ask('tx-1', id)
    await ask('tx-0', id)
    assert.deepEqual(ends(test).slice(1), [
      ['COMMIT', 'SOURCE_SERVER_CHECK', 'tx-1'],
      ['ROLLBACK', 'SOURCE_SERVER_CHECK', 'tx-0'],
    ])
  })

  it('is told of by a producer without a checker, which answers nothing', async () => {
    await using test = await bench()
    const producer = test.mq.producer({ topics: ['orders'] })
    await producer.send(hello)
    const stream = test.server.streams.all[0]
    stream?.send({ command: { case: 'recoverOrphanedTransactionCommand', value: { transactionId: 't', message: delivered({ id: 'm1' }) } } })
    await turns()
    assert.deepEqual(ends(test), [])
    assert.match(test.log.of('transaction-orphaned')[0]?.message ?? '', /has no checkTransaction/)
  })

  it('whose body is damaged is still given to the checker', async () => {
    await using test = await bench()
    const producer = test.mq.producer({
      topics: ['orders'],
      checkTransaction: async ({ message }) => {
        assert.throws(() => message.body, { code: 'BODY_CORRUPTED' })
        return message.messageId === 'm1' ? 'rollback' : 'unknown'
      },
    })
    await producer.ready()
    const message = delivered({ id: 'm1', system: { bodyDigest: { type: 'MD5', checksum: 'nonsense' } } })
    test.server.streams.all[0]?.send({ command: { case: 'recoverOrphanedTransactionCommand', value: { transactionId: 't', message } } })
    await turns()
    assert.deepEqual(ends(test), [['ROLLBACK', 'SOURCE_SERVER_CHECK', 't']])
  })
})
