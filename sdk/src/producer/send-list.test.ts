import { strict as assert } from 'node:assert'
import type { Code, SendMessageRequest, SendMessageResponseInit } from '@feathermq/protocol'
import { RpcError } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { SendIncompleteError } from './send-incomplete-error.ts'

const list = (...bodies: readonly string[]) => bodies.map((body) => ({ topic: 'orders', body }))

function bodiesOf({ messages }: SendMessageRequest): string[] {
  return messages.map(({ body }) => Buffer.from(body).toString())
}

/** The bodies of each request that the server got. */
function requests({ server }: Bench): string[] {
  return server.sends.all.map(({ request }) => bodiesOf(request).join('+'))
}

function idsOf({ messages }: SendMessageRequest): string[] {
  return messages.map(({ systemProperties }) => systemProperties?.messageId ?? '')
}

/** A server that refuses requests with a message of this body, and stores nothing of them. */
function refusing(test: Bench, bad: string, code: Code): void {
  const usual = test.server.onSend
  test.server.onSend = (request, call) =>
    bodiesOf(request).includes(bad) ? { status: { code, message: 'because' }, entries: [] } : usual(request, call)
}

async function incomplete(promise: Promise<unknown>): Promise<SendIncompleteError> {
  const error = await failure(promise)
  assert.ok(error instanceof SendIncompleteError, String(error))
  return error
}

describe('producer.send with a list', () => {
  it('sends the messages of a topic in one request and resolves with their receipts in order', async () => {
    await using test = await bench()
    const receipts = await test.mq.producer().send(list('a', 'b', 'c'))
    assert.deepEqual(requests(test), ['a+b+c'])
    const [sent] = test.server.sends.all
    assert.deepEqual(
      receipts.map(({ messageId }) => messageId),
      sent && idsOf(sent.request),
    )
    assert.equal(new Set(receipts.map(({ messageId }) => messageId)).size, 3)
    const queues = sent?.request.messages.map(({ systemProperties }) => systemProperties?.queueId)
    assert.equal(new Set(queues).size, 1, 'one request goes to one queue')
  })

  it('resolves at once when the list is empty', async () => {
    await using test = await bench()
    assert.deepEqual(await test.mq.producer().send([]), [])
    assert.equal(test.server.routes.all.length, 0)
  })

  it('divides the list by number and by bytes', async () => {
    await using test = await bench()
    await test.mq.producer({ batch: { messages: 2 } }).send(list('a', 'b', 'c', 'd', 'e'))
    assert.deepEqual(requests(test), ['a+b', 'c+d', 'e'])
    test.server.sends.all.length = 0
    await test.mq.producer({ batch: { bytes: 1_000 } }).send(list('x'.repeat(600), 'b', 'c', 'd'))
    assert.deepEqual(
      requests(test).map((bodies) => bodies.length),
      [600, 'b+c+d'.length],
    )
  })

  it('keeps a request within the largest body that the server takes', async () => {
    await using test = await bench()
    test.server.onSettings = (settings) => ({
      command: { case: 'settings', value: { ...settings, pubSub: { case: 'publishing', value: { maxBodySize: 1_000, validateMessageType: true } } } },
    })
    const producer = test.mq.producer()
    await producer.send(list('x'.repeat(500), 'y'.repeat(500)))
    assert.equal(test.server.sends.all.length, 2)
    const error = await failure(producer.send(list('a', 'z'.repeat(1_001))))
    assert.equal(error.code, 'MESSAGE_BODY_TOO_LARGE')
    assert.match(error.message, /messages\[1\]\.body: the body has 1001 bytes, the server takes at most 1000/)
  })

  it('checks all messages before it sends the first, and names the one that is wrong', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({
      status: { code: 'OK' },
      messageQueues: test.server.queues('orders').map((queue) => ({ ...queue, acceptMessageTypes: ['NORMAL' as const] })),
    })
    const producer = test.mq.producer()
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ topic: 'orders', body: 'x', tag: 'a|b' }, /messages\[1\]\.tag: /],
      [{ topic: 'payments', body: 'x' }, /^messages\[1\]\.topic must be 'orders': all messages of one list have one topic, not 'payments'/],
      [{ topic: 'orders', body: 'x', messageGroup: 'g' }, /messages\[1\]: it is of type FIFO/],
    ]
    for (const [message, text] of wrong) {
      const error = await failure(producer.send([{ topic: 'orders', body: 'a' }, message as { topic: string; body: string }]))
      assert.match(error.message, text)
    }
    assert.equal(test.server.sends.all.length, 0)
    assert.deepEqual([producer.statistics().failed, producer.statistics().sent], [6, 0])
  })

  it('takes one entry for several messages as the answer for all, as stock servers give it', async () => {
    for (const messageId of ['FD00000000000000000000000000000000', 'joined']) {
      await using test = await bench()
      test.server.onSend = (request) => ({
        status: { code: 'OK' },
        entries: [{ status: { code: 'OK' }, messageId: messageId === 'joined' ? idsOf(request).join(',') : messageId, offset: 7n }],
      })
      const receipts = await test.mq.producer().send(list('a', 'b', 'c'))
      const [sent] = test.server.sends.all
      assert.equal(test.server.sends.all.length, 1, 'nothing is sent twice')
      assert.deepEqual(
        receipts.map(({ messageId: id, offset }) => [id, offset]),
        sent && idsOf(sent.request).map((id) => [id, undefined]),
      )
    }
  })

  it('takes one entry that failed as the answer for all', async () => {
    await using test = await bench()
    test.server.onSend = () => ({ status: { code: 'OK' }, entries: [{ status: { code: 'ILLEGAL_TOPIC' } }] })
    const error = await incomplete(test.mq.producer().send(list('a', 'b')))
    assert.deepEqual(
      error.results.map((result) => (result.ok ? 'OK' : result.error.code)),
      ['ILLEGAL_TOPIC', 'ILLEGAL_TOPIC'],
    )
    assert.match(error.message, /^2 of 2 messages to orders were not stored/)
  })

  it('does not guess, and repeats nothing, when the number of entries fits nothing', async () => {
    for (const count of [0, 2, 4]) {
      await using test = await bench()
      test.server.onSend = (): SendMessageResponseInit => ({ status: { code: 'OK' }, entries: Array.from({ length: count }, () => ({})) })
      const error = await incomplete(test.mq.producer().send(list('a', 'b', 'c')))
      assert.ok(error.results.every((result) => !result.ok && result.error.code === 'BAD_RESPONSE' && result.error.maybeStored))
      assert.equal(test.server.sends.all.length, 1)
    }
  })

  it('believes the ids of the entries where their order is another', async () => {
    await using test = await bench()
    const usual = test.server.onSend
    test.server.onSend = async (request, call) => {
      const { status, entries } = await usual(request, call)
      return { status, entries: (entries ?? []).map((entry, index) => ({ ...entry, offset: BigInt(index) })).reverse() }
    }
    const receipts = await test.mq.producer().send(list('a', 'b', 'c'))
    assert.deepEqual(
      receipts.map(({ offset }) => offset),
      [0n, 1n, 2n],
    )
  })

  it('repeats only the messages that were not stored, with the ids that they had', async () => {
    await using test = await bench()
    const usual = test.server.onSend
    test.server.onSend = async (request, call) => {
      const { status, entries = [] } = await usual(request, call)
      if (test.server.sends.all.length > 1) return { status, entries }
      return {
        status: { code: 'MULTIPLE_RESULTS' },
        entries: entries.map((entry, index) => (index === 1 ? { status: { code: 'TOO_MANY_REQUESTS' } } : entry)),
      }
    }
    const producer = test.mq.producer()
    const sending = producer.send(list('a', 'b', 'c'))
    await test.clock.advance(10)
    const receipts = await sending
    assert.deepEqual(requests(test), ['a+b+c', 'b'])
    assert.deepEqual(
      receipts.map(({ attempts, maybeDuplicate }) => [attempts, maybeDuplicate]),
      [
        [1, false],
        [2, false],
        [1, false],
      ],
    )
    const [first, second] = test.server.sends.all
    assert.equal(first && idsOf(first.request)[1], second && idsOf(second.request)[0])
    assert.deepEqual([producer.statistics().sent, producer.statistics().retried], [3, 1])
  })

  it('says of each message how it ended when some were not stored', async () => {
    await using test = await bench()
    refusing(test, 'bad', 'MESSAGE_CORRUPTED')
    const producer = test.mq.producer()
    const error = await incomplete(producer.send(list('a', 'b', 'bad', 'c', 'd')))
    assert.deepEqual(
      error.results.map((result) => (result.ok ? result.receipt.topic : result.error.code)),
      ['orders', 'orders', 'MESSAGE_CORRUPTED', 'orders', 'orders'],
    )
    assert.deepEqual([error.code, error.retryable, error.topic], ['SEND_INCOMPLETE', false, 'orders'])
    assert.match(error.message, /^1 of 5 messages to orders were not stored; the first says: /)
    assert.ok(error.cause instanceof Error)
    assert.deepEqual([producer.statistics().sent, producer.statistics().failed], [4, 1])
    // What was stored was sent once more only in requests that were refused as a whole.
    const stored = requests(test).filter((bodies) => !bodies.includes('bad'))
    assert.deepEqual(stored.join('+').split('+').sort(), ['a', 'b', 'c', 'd'])
  })

  it('does not take a list apart for a refusal that concerns all of it', async () => {
    await using test = await bench()
    refusing(test, 'a', 'FORBIDDEN')
    await incomplete(test.mq.producer().send(list('a', 'b', 'c', 'd')))
    assert.equal(test.server.sends.all.length, 1)
  })

  it('sends messages of one message group one after the other, and stops the group where one fails', async () => {
    await using test = await bench()
    refusing(test, 'a2', 'MESSAGE_CORRUPTED')
    const messages = ['a1', 'b1', 'a2', 'b2', 'a3'].map((body) => ({ topic: 'orders', body, messageGroup: body.slice(0, 1) }))
    const error = await incomplete(test.mq.producer().send(messages))
    assert.deepEqual(
      error.results.map((result) => (result.ok ? 'OK' : result.error.code)),
      ['OK', 'OK', 'MESSAGE_CORRUPTED', 'OK', 'EARLIER_SEND_FAILED'],
    )
    const sent = requests(test)
    assert.deepEqual([...sent].sort(), ['a1', 'a2', 'b1', 'b2'])
    assert.ok(sent.indexOf('a1') < sent.indexOf('a2') && sent.indexOf('b1') < sent.indexOf('b2'))
  })

  it('repeats a request whose answer got lost with the same ids, and says that messages may be there twice', async () => {
    await using test = await bench()
    const usual = test.server.onSend
    test.server.onSend = (request, call) => {
      if (test.server.sends.all.length > 1) return usual(request, call)
      throw new RpcError('UNAVAILABLE', 'the connection was reset')
    }
    const sending = test.mq.producer().send(list('a', 'b'))
    await test.clock.advance(1_000)
    assert.deepEqual(
      (await sending).map(({ attempts, maybeDuplicate }) => [attempts, maybeDuplicate]),
      [
        [2, true],
        [2, true],
      ],
    )
    const [first, second] = test.server.sends.all
    assert.deepEqual(first && idsOf(first.request), second && idsOf(second.request))
  })

  it('ends as a whole when it is aborted', async () => {
    await using test = await bench()
    test.server.onSend = () => new Promise(() => {})
    const controller = new AbortController()
    const reason = new Error('enough')
    const producer = test.mq.producer({ batch: { messages: 1 }, maxInFlight: { messages: 2 } })
    const sending = producer.send(list('a', 'b', 'c', 'd'), { signal: controller.signal })
    await test.server.sends.reaches(2)
    await turns()
    assert.deepEqual([producer.statistics().inFlight, producer.statistics().waiting], [2, 2])
    controller.abort(reason)
    await assert.rejects(sending, (error) => error === reason)
    assert.deepEqual(producer.statistics(), {
      sent: 0,
      failed: 4,
      retried: 0,
      inFlight: 0,
      inFlightBytes: 0,
      waiting: 0,
      committed: 0,
      rolledBack: 0,
      checked: 0,
      recalled: 0,
    })
    assert.equal(test.server.sends.all.length, 2)
  })
})
