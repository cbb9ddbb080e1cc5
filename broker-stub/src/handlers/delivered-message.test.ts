import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import type { MessageInit, SystemPropertiesInit } from '@feathermq/protocol'
import { decodeMessage, encodeMessage, encodeSystemProperties, timestampFromMs, viewMessage, viewReceiveMessageResponse } from '@feathermq/protocol'
import fc from 'fast-check'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import { startBroker, type TestBroker } from '../testing/start-broker.ts'
import { field, post, postBytes, requestOf, startInMemory, storedIn, stream } from './test-kit/calls.ts'

/** What a producer may claim but only a broker knows. */
const forged: Required<
  Pick<
    SystemPropertiesInit,
    'storeTimestamp' | 'storeHost' | 'receiptHandle' | 'queueId' | 'queueOffset' | 'invisibleDuration' | 'deliveryAttempt' | 'deadLetterQueue'
  >
> = {
  storeTimestamp: { seconds: 1, nanos: 2 },
  storeHost: 'evil:1',
  receiptHandle: 'f1 0 0 0 0 feathermq 0 0 0 0',
  queueId: 77,
  queueOffset: 4_711n,
  invisibleDuration: { seconds: 9_999, nanos: 5 },
  deliveryAttempt: 16,
  deadLetterQueue: { topic: 'elsewhere', messageId: 'another' },
}

const SYSTEM_PROPERTIES = 0x1a

describe('a delivered message', () => {
  let broker: TestBroker
  let client: RawClient
  let topics = 0
  before(async () => {
    broker = await startInMemory()
    client = broker.rawClient('sender')
  })
  after(() => broker.close())

  const fresh = () => `topic-${++topics}`

  /** The one message of a topic: as it came, and decoded. */
  async function receiveOne(topic: string) {
    const { bytes, answer } = await stream(broker, {
      group: { name: 'readers' },
      messageQueue: { topic: { name: topic } },
      batchSize: 2,
      invisibleDuration: { seconds: 15, nanos: 0 },
      longPollingTimeout: {},
    })
    assert.equal(answer.code, 20_000, answer.text)
    const views = bytes.map(viewReceiveMessageResponse).filter(({ messageStart }) => messageStart !== -1)
    const view = views[0]
    assert.ok(view !== undefined && views.length === 1)
    const raw = view.bytes.subarray(view.messageStart, view.messageEnd)
    return { raw, message: decodeMessage(raw) }
  }

  /** Checks that all which only a broker knows is this broker's. */
  function checkOwned(system: ReturnType<typeof decodeMessage>['systemProperties']): void {
    assert.deepEqual(system?.storeTimestamp, timestampFromMs(broker.clock.now()))
    assert.equal(system?.storeHost, broker.endpoints)
    assert.equal(system?.receiptHandle?.split(' ').length, 10)
    assert.notEqual(system?.receiptHandle, forged.receiptHandle)
    assert.ok(system?.queueId !== undefined && system.queueId >= 0 && system.queueId < 4)
    assert.equal(system.queueOffset, 0n)
    assert.deepEqual(system.invisibleDuration, { seconds: 15, nanos: 0 })
    assert.equal(system.deliveryAttempt, 1)
    assert.equal(system.deadLetterQueue, undefined)
  }

  it('carries handle, attempt, lease, queue, offset, store time and host, which name this broker', async () => {
    const topic = fresh()
    await post(client, [{ topic: { name: topic }, body: Buffer.from('x'), systemProperties: { messageId: 'id' } }])
    const { message } = await receiveOne(topic)
    checkOwned(message.systemProperties)
    // Meshes route by the sixth word.
    assert.equal(message.systemProperties?.receiptHandle?.split(' ')[5], 'feathermq')
    assert.equal(message.topic?.name, topic)
  })

  it('says on which of the queues it was, the first as well as the last, whatever queue the producer chose', async () => {
    const topic = fresh()
    for (let sent = 0; sent < 8; sent++) {
      await post(client, [{ topic: { name: topic }, body: Buffer.from('x'), systemProperties: { messageId: `id-${sent}`, queueId: 3 } }])
    }
    const received = await client.receive(topic, 'readers')
    const places = received.map(({ message }) => `${message.systemProperties?.queueId}/${message.systemProperties?.queueOffset}`)
    assert.deepEqual(places.toSorted(), ['0/0', '0/1', '1/0', '1/1', '2/0', '2/1', '3/0', '3/1'])
    for (const { receiptHandle, message } of received) {
      assert.equal(receiptHandle.split(' ')[6], String(message.systemProperties?.queueId))
    }
  })

  it('keeps store time and place and counts the attempt when it comes again', async () => {
    const topic = fresh()
    await post(client, [{ topic: { name: topic }, body: Buffer.from('x'), systemProperties: { messageId: 'id' } }])
    const first = (await receiveOne(topic)).message.systemProperties
    await broker.clock.advance('15s')
    const second = (await receiveOne(topic)).message.systemProperties
    assert.equal(second?.deliveryAttempt, 2)
    assert.notEqual(second?.receiptHandle, first?.receiptHandle)
    assert.deepEqual({ ...second, deliveryAttempt: 1, receiptHandle: '' }, { ...first, receiptHandle: '' })
  })

  describe('shows nothing that the producer forged', () => {
    for (const [name, value] of Object.entries(forged)) {
      it(name, async () => {
        const topic = fresh()
        await post(client, [{ topic: { name: topic }, body: Buffer.from('x'), systemProperties: { messageId: 'id', [name]: value } }])
        checkOwned((await receiveOne(topic)).message.systemProperties)
      })
    }

    it('all of it at once, next to what is the producer’s own', async () => {
      const topic = fresh()
      const own: SystemPropertiesInit = { messageId: 'id', tag: 't', keys: ['a', 'b'], traceContext: 'trace', bornHost: 'here', messageGroup: 'g' }
      const userProperties = new Map([['k', 'v']])
      await post(client, [{ topic: { name: topic }, body: Buffer.from('hello'), userProperties, systemProperties: { ...own, ...forged } }])
      const { message } = await receiveOne(topic)
      checkOwned(message.systemProperties)
      assert.deepEqual({ ...message.systemProperties, ...own }, message.systemProperties)
      assert.deepEqual(message.userProperties, userProperties)
      assert.equal(Buffer.from(message.body).toString(), 'hello')
    })

    it('a receipt handle in a second system_properties', async () => {
      const topic = fresh()
      const sent = Buffer.concat([
        encodeMessage({ topic: { name: topic }, body: Buffer.from('x'), systemProperties: { messageId: 'id', keys: ['a'] } }),
        field(SYSTEM_PROPERTIES, encodeSystemProperties({ ...forged, tag: 'second', keys: ['b'] })),
      ])
      assert.equal((await postBytes(client, requestOf(sent))).code, 20_000)
      const { message } = await receiveOne(topic)
      checkOwned(message.systemProperties)
      // Merged, as protobuf says.
      assert.equal(message.systemProperties?.messageId, 'id')
      assert.equal(message.systemProperties?.tag, 'second')
      assert.deepEqual(message.systemProperties?.keys, ['a', 'b'])
    })
  })

  it('has system_properties, topic and body once, whatever the producer repeated', async () => {
    const topic = fresh()
    const sent = Buffer.concat([
      encodeMessage({ topic: { name: 'elsewhere' }, body: Buffer.from('first'), systemProperties: { messageId: 'id' } }),
      encodeMessage({ topic: { name: topic }, body: Buffer.from('second'), systemProperties: { tag: 't' } }),
    ])
    assert.equal((await postBytes(client, requestOf(sent))).code, 20_000)
    const { raw, message } = await receiveOne(topic)
    assert.equal(viewMessage(raw).duplicated, false)
    assert.deepEqual([message.systemProperties?.messageId, message.systemProperties?.tag], ['id', 't'])
    assert.equal(Buffer.from(message.body).toString(), 'second')
    assert.equal(message.systemProperties?.bodyDigest?.checksum, createHash('sha1').update('second').digest('hex').toUpperCase())
  })

  it('is whole when the producer wrote lengths in more bytes than they need', async () => {
    const system = encodeSystemProperties({ messageId: 'id', tag: 't' })
    for (const length of [
      [system.length | 0x80, 0],
      [system.length | 0x80, 0x80, 0],
      [system.length | 0x80, 0x80, 0x80, 0],
    ]) {
      const topic = fresh()
      const head = encodeMessage({ topic: { name: topic }, userProperties: new Map([['k', 'v']]) })
      const sent = Buffer.concat([head, Uint8Array.of(SYSTEM_PROPERTIES, ...length), system, field(0x22, Buffer.from('body'))])
      assert.equal((await postBytes(client, requestOf(sent))).code, 20_000)
      const { message } = await receiveOne(topic)
      checkOwned(message.systemProperties)
      assert.deepEqual([message.systemProperties?.messageId, message.systemProperties?.tag], ['id', 't'])
      assert.equal(Buffer.from(message.body).toString(), 'body')
      assert.deepEqual(message.userProperties, new Map([['k', 'v']]))
    }
  })

  it('keeps fields that the broker does not know, of the message and of its system properties', async () => {
    const topic = fresh()
    const unknownInside = Uint8Array.of(0xba, 0x3e, 1, 7)
    const unknownOutside = Uint8Array.of(0xca, 0x3e, 2, 8, 9)
    const inner = Buffer.concat([encodeSystemProperties({ messageId: 'id' }), unknownInside])
    const head = encodeMessage({ topic: { name: topic }, body: Buffer.from('x') })
    assert.equal((await postBytes(client, requestOf(Buffer.concat([head, field(SYSTEM_PROPERTIES, inner), unknownOutside])))).code, 20_000)
    const raw = Buffer.from((await receiveOne(topic)).raw)
    // Also where the broker adds what the producer did not say of the body's encoding.
    assert.ok(raw.includes(inner))
    assert.ok(raw.subarray(-unknownOutside.length).equals(unknownOutside))
  })

  it('is what was sent plus what the broker adds, for messages of every size', async () => {
    const text = (maxLength: number) =>
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength }).filter((one) => one.trim() !== '' && !one.includes('|'))
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          // Around 8 KiB the answer changes from one buffer to a list of parts; at 128, 16,384 and 2 MiB lengths take one byte more.
          size: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 7_900, max: 8_300 }), fc.constantFrom(16_000, 16_384, 2_097_152)),
          tag: fc.option(text(200), { nil: undefined }),
          keys: fc.array(text(60), { maxLength: 40 }),
          properties: fc.dictionary(
            text(20).map((key) => `p${key}`),
            text(50),
            { maxKeys: 10 },
          ),
        }),
        async ({ size, tag, keys, properties }) => {
          const topic = fresh()
          const body = Buffer.alloc(size, 'x')
          const sent: MessageInit = {
            topic: { name: topic, resourceNamespace: 'space' },
            body,
            userProperties: new Map(Object.entries(properties)),
            systemProperties: { messageId: 'id', tag, keys, bodyEncoding: 'IDENTITY' },
          }
          assert.equal((await post(client, [sent])).code, 20_000)
          assert.equal(storedIn(broker, topic), 1)
          const { message } = await receiveOne(topic)
          checkOwned(message.systemProperties)
          assert.ok(Buffer.from(message.body).equals(body))
          assert.deepEqual(message.userProperties, sent.userProperties)
          assert.deepEqual(message.topic, sent.topic)
          const { messageId, tag: gotTag, keys: gotKeys, bodyDigest, bodyEncoding } = message.systemProperties ?? assert.fail()
          assert.deepEqual({ messageId, tag: gotTag, keys: gotKeys, bodyEncoding }, sent.systemProperties)
          assert.deepEqual(bodyDigest, { type: 'SHA1', checksum: createHash('sha1').update(body).digest('hex').toUpperCase() })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('was born where its producer says, else at the address that the broker saw', async () => {
    // Real sockets: an in-memory peer has no address.
    await using networked = await startBroker({ clock: 'frozen' })
    const sender = networked.rawClient()
    await sender.send('born', 'a', { bornHost: 'shop-7' })
    await sender.send('born', 'b')
    const received = await sender.receive('born', 'readers')
    const host = (body: string) => received.find((one) => one.body === body)?.message.systemProperties?.bornHost
    assert.equal(host('a'), 'shop-7')
    assert.match(host('b') ?? '', /^127\.0\.0\.1:\d+$/)
  })
})
