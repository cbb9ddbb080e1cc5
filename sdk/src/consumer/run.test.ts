import { strict as assert } from 'node:assert'
import { gzipSync } from 'node:zlib'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { durations, run } from '../testing-internal/running.ts'

describe('consumer.run', () => {
  it('gives the handler the message as it was sent', async () => {
    await using test = await bench()
    const { seen } = run(test)
    await test.server.deliver(
      delivered({
        id: 'a',
        body: '{"n":1}',
        attempt: 2,
        properties: new Map([
          ['tenant', 't1'],
          ['__proto__', 'safe'],
        ]),
        system: { tag: 'created', keys: ['k1', 'k2'], queueId: 3, queueOffset: 42n, storeTimestamp: { seconds: 5 } },
      }),
    )
    const message = await seen.next()
    assert.deepEqual(
      [message.messageId, message.topic, message.tag, message.keys, message.attempt, message.queueId, message.offset, message.bornHost],
      ['a', 'orders', 'created', ['k1', 'k2'], 2, 3, 42n, 'there'],
    )
    assert.deepEqual(Object.entries(message.properties), [
      ['tenant', 't1'],
      ['__proto__', 'safe'],
    ])
    assert.deepEqual(message.json(), { n: 1 })
    assert.deepEqual([message.bornAt?.getTime(), message.storedAt?.getTime()], [1_767_225_600_000, 5_000])
  })

  it('shows what a message lacks as undefined, not as empty text or 0', async () => {
    await using test = await bench()
    const { seen } = run(test)
    await test.server.deliver(delivered({ system: { bornTimestamp: undefined } }))
    const message = await seen.next()
    assert.deepEqual(
      [message.tag, message.messageGroup, message.bornAt, message.storedAt, message.deliverAt, message.keys, { ...message.properties }],
      [undefined, undefined, undefined, undefined, undefined, [], {}],
    )
  })

  it('keeps the bodies of messages after the transport has taken its buffers back', async () => {
    await using test = await bench()
    const { seen } = run(test)
    await test.server.deliver(...['first', 'second', 'third'].map((body) => delivered({ body })))
    const messages = await seen.take(3)
    await turns()
    assert.deepEqual(
      messages.map((message) => message.text()),
      ['first', 'second', 'third'],
    )
  })

  it('delivers messages without a digest, and those with any digest that fits', async () => {
    await using test = await bench()
    const { seen } = run(test)
    const digests = [
      undefined,
      { type: 'CRC32' as const, checksum: 'CBF43926' },
      { type: 'MD5' as const, checksum: '25F9E794323B453885F5181F1B624D0B' },
      { type: 77, checksum: 'x' },
    ]
    await test.server.deliver(...digests.map((bodyDigest) => delivered({ body: '123456789', system: { bodyDigest } })))
    assert.equal((await seen.take(4)).length, 4)
  })

  it('nacks a message whose body does not fit its digest, and handles its batch mates', async () => {
    await using test = await bench()
    const { seen } = run(test)
    await test.server.deliver(
      delivered({ id: 'a' }),
      delivered({ id: 'b', system: { bodyDigest: { type: 'CRC32', checksum: '1234' } } }),
      delivered({ id: 'c', body: Uint8Array.of(0x1f, 0x8b, 1, 2, 3), system: { bodyEncoding: 'GZIP' } }),
      delivered({ id: 'd' }),
    )
    await test.server.changes.reaches(2)
    await test.server.acks.reaches(1)
    assert.deepEqual(seen.all.map(({ messageId }) => messageId).sort(), ['a', 'd'])
    assert.deepEqual(test.server.changes.all.map(({ request }) => request.messageId).sort(), ['b', 'c'])
    assert.deepEqual(durations(test), [1_000, 1_000])
    assert.equal(test.log.of('body-unreadable').length, 2)
  })

  it('inflates a compressed body, and refuses one that grows over the limit', async () => {
    await using test = await bench()
    const { seen } = run(test, () => {}, { maxInflatedBody: 1_000 })
    await test.server.deliver(
      delivered({ id: 'ok', body: gzipSync('x'.repeat(1_000)), system: { bodyEncoding: 'GZIP' } }),
      delivered({ id: 'bomb', body: gzipSync('x'.repeat(1_001)), system: { bodyEncoding: 'GZIP' } }),
    )
    await test.server.changes.next()
    const message = await seen.next()
    assert.equal(message.text().length, 1_000)
    assert.equal(seen.all.length, 1)
  })

  it('leaves out bytes that are no message, and one that has no receipt handle, without losing the others', async () => {
    await using test = await bench()
    const { seen } = run(test)
    const receive = await test.server.receives.next()
    receive.raw(Uint8Array.of(0x12, 0x7f, 1))
    receive.message(delivered({ id: 'a', system: { receiptHandle: undefined } }))
    receive.message(delivered({ id: 'b' }))
    receive.end()
    assert.equal((await seen.next()).messageId, 'b')
    await turns()
    assert.equal(test.log.of('message-unreadable').length, 2)
  })
})
