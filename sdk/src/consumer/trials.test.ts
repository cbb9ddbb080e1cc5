import { strict as assert } from 'node:assert'
import type { MessageInit } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { gate } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

let lastNonce = 0

/** Asks the first stream to verify a message; the status and the nonce of the answer, whenever it comes. */
async function verify(test: Bench, message: MessageInit | undefined = delivered({ id: 'v', body: 'probe', attempt: 3 })) {
  const [stream] = test.server.streams.all
  assert.ok(stream !== undefined)
  const nonce = `n${++lastNonce}`
  stream.send({ command: { case: 'verifyMessageCommand', value: { nonce, message } } })
  await turns()
  const answer = stream.commands.all.find(({ command }) => command?.case === 'verifyMessageResult' && command.value.nonce === nonce)
  return [answer?.status?.code, answer?.status?.message] as const
}

function untouched({ server }: Bench): void {
  assert.deepEqual([server.acks.all.length, server.changes.all.length, server.deadLetters.all.length], [0, 0, 0])
}

describe('a message that the server wants to be verified', () => {
  it('is given to the handler as any other, settles nothing, and OK is the answer', async () => {
    await using test = await bench()
    const { seen } = run(test, async (message, { attempt, maxAttempts, signal }) => {
      assert.deepEqual([message.text(), message.attempt, attempt, maxAttempts, signal.aborted], ['probe', 3, 3, 17, false])
      await message.extend('1m')
      await message.ack()
    })
    await test.server.receives.next()
    assert.deepEqual(await verify(test), ['OK', ''])
    assert.equal(seen.all.length, 1)
    untouched(test)
  })

  it('fails with the text of what the handler threw', async () => {
    await using test = await bench()
    run(test, () => {
      throw new Error('no such account')
    })
    await test.server.receives.next()
    assert.deepEqual(await verify(test), ['FAILED_TO_CONSUME_MESSAGE', 'no such account'])
    untouched(test)
  })

  it('fails when the handler gives it back or up', async () => {
    await using test = await bench()
    run(test, (message) => (message.messageId === 'back' ? message.nack('5s') : message.deadLetter('too old')))
    await test.server.receives.next()
    assert.deepEqual(await verify(test, delivered({ id: 'back' })), ['FAILED_TO_CONSUME_MESSAGE', 'the handler gave the message back (nack)'])
    assert.deepEqual(await verify(test, delivered({ id: 'up' })), [
      'FAILED_TO_CONSUME_MESSAGE',
      'the handler moved the message to the dead-letter topic: too old',
    ])
    untouched(test)
  })

  it('is corrupted where its body is, and no handler sees it', async () => {
    await using test = await bench()
    const { seen } = run(test)
    await test.server.receives.next()
    const [code, text] = await verify(test, delivered({ system: { bodyDigest: { type: 'MD5', checksum: 'nonsense' } } }))
    assert.equal(code, 'MESSAGE_CORRUPTED')
    assert.match(text ?? '', /does not match its digest/)
    assert.equal(seen.all.length, 0)
    const [stream] = test.server.streams.all
    stream?.send({ command: { case: 'verifyMessageCommand', value: { nonce: 'without' } } })
    await turns()
    assert.equal(stream?.commands.all.at(-1)?.status?.code, 'MESSAGE_CORRUPTED')
  })

  it('is a batch of one for a batch handler', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const sizes: number[] = []
    void consumer.runBatch((messages, ctx) => {
      sizes.push(messages.length)
      for (const message of messages) if (message.messageId === 'bad') ctx.fail(message, new Error('bad one'))
    })
    await test.server.receives.next()
    assert.deepEqual(await verify(test), ['OK', ''])
    assert.deepEqual(await verify(test, delivered({ id: 'bad' })), ['FAILED_TO_CONSUME_MESSAGE', 'bad one'])
    assert.deepEqual(sizes, [1, 1])
  })

  it('is NOT_IMPLEMENTED where no handler runs', async () => {
    await using test = await bench()
    const messages = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).messages()
    void messages.next()
    await test.server.receives.next()
    assert.deepEqual(await verify(test), ['NOT_IMPLEMENTED', 'this consumer runs no handler just now'])
    await messages.return?.()
  })

  it('does not keep the consumer from closing: its signal aborts', async () => {
    await using test = await bench()
    const { passed, open } = gate()
    const { consumer } = run(test, async (_message, { signal }) => {
      signal.addEventListener('abort', () => open())
      await passed
    })
    await test.server.receives.next()
    assert.deepEqual(await verify(test), [undefined, undefined])
    const closing = consumer.close()
    await passed
    await test.clock.advance(5_000)
    await closing
  })
})

describe('the report of a running consumer', () => {
  it('names the messages in work, the longest first', async () => {
    await using test = await bench()
    const { passed, open } = gate()
    run(test, () => passed)
    await test.server.deliver(delivered({ id: 'slow' }))
    await test.clock.advance(4_000)
    await test.server.deliver(delivered({ id: 'quick' }))
    await turns()
    const [stream] = test.server.streams.all
    stream?.send({ command: { case: 'printThreadStackTraceCommand', value: { nonce: 'n' } } })
    await turns()
    const answer = stream?.commands.all.at(-1)?.command
    const text = answer?.case === 'threadStackTrace' ? (answer.value.threadStackTrace ?? '') : ''
    assert.match(text, /handlers running: 2 of 16.*\n {2}for 4000 ms: message slow of orders\n {2}for 0 ms: message quick of orders/)
    open()
  })
})
