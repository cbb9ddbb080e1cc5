import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { MessageInit, SystemPropertiesInit } from '@feathermq/protocol'
import { messagingService, timestampFromMs } from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient, RawMessage } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { post, postBytes, requestOf, startInMemory, storedIn } from './test-kit/calls.ts'

const HOUR = 3_600_000

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex').toUpperCase()

describe('SendMessage', () => {
  let broker: TestBroker
  let client: RawClient
  before(async () => {
    broker = await startInMemory()
    client = broker.rawClient('sender')
  })
  after(() => broker.close())

  const message = (topic: string, id: string, system: SystemPropertiesInit = {}, rest: MessageInit = {}): MessageInit => ({
    topic: { name: topic },
    body: Buffer.from(`body of ${id}`),
    systemProperties: { messageId: id, ...system },
    ...rest,
  })

  async function only(topic: string): Promise<RawMessage> {
    const [first, ...others] = await client.receive(topic, 'readers')
    assert.ok(first !== undefined, 'nothing was received')
    assert.equal(others.length, 0)
    return first
  }

  describe('makes of a message what its content says, whatever it calls itself', () => {
    const soon = () => timestampFromMs(broker.clock.now() + HOUR)
    const cases: readonly (readonly [name: string, system: () => SystemPropertiesInit, type: string])[] = [
      ['nothing special', () => ({}), 'NORMAL'],
      ['a message group', () => ({ messageGroup: 'customer-7' }), 'FIFO'],
      ['a delivery time', () => ({ deliveryTimestamp: soon() }), 'DELAY'],
      ['both of them', () => ({ messageGroup: 'customer-7', deliveryTimestamp: soon() }), 'DELAY'],
      ['a delivery time that has passed', () => ({ deliveryTimestamp: timestampFromMs(broker.clock.now() - 5_000) }), 'DELAY'],
      ['nothing special, calling itself FIFO', () => ({ messageType: 'FIFO' }), 'NORMAL'],
      ['nothing special, calling itself DELAY', () => ({ messageType: 'DELAY' }), 'NORMAL'],
      ['a message group, calling itself NORMAL', () => ({ messageType: 'NORMAL', messageGroup: 'g' }), 'FIFO'],
      ['a message group, calling itself what nobody knows', () => ({ messageType: 77, messageGroup: 'g' }), 'FIFO'],
    ]
    for (const [index, [name, system, type]] of cases.entries()) {
      it(`${name}: ${type}`, async () => {
        const topic = `typed-${index}`
        assert.equal((await post(client, [message(topic, 'id', system())])).code, 20_000)
        const due = type === 'DELAY' && !name.includes('passed')
        assert.equal((await client.receive(topic, 'readers')).length, due ? 0 : 1)
        await broker.clock.advance('61m')
        const { message: received } = await only(topic)
        assert.equal(received.systemProperties?.messageType, type)
      })
    }
  })

  it('keeps a delayed message from everyone until its time has come, and not longer', async () => {
    await post(client, [message('timed', 'id', { deliveryTimestamp: timestampFromMs(broker.clock.now() + 60_000) })])
    await broker.clock.advance(59_980)
    assert.deepEqual(await client.receive('timed', 'readers'), [])
    await broker.clock.advance(30)
    assert.equal((await only('timed')).messageId, 'id')
  })

  it('answers one entry per message, in order, with the id of the client, the same as transaction id, and its offset', async () => {
    const topic = { name: 'batch' }
    await post(client, [{ topic, body: Buffer.from('x'), systemProperties: { messageId: 'before', messageGroup: 'g' } }])
    const ids = Array.from({ length: 33 }, (_, index) => `id-${index}`)
    const { code, text, entries, codes } = await post(
      client,
      ids.map((id) => message('batch', id, { messageGroup: 'g' })),
    )
    assert.deepEqual({ code, text }, { code: 20_000, text: 'OK' })
    assert.deepEqual(
      entries.map(({ messageId, transactionId }) => ({ messageId, transactionId })),
      ids.map((id) => ({ messageId: id, transactionId: id })),
    )
    assert.deepEqual(codes, Array(33).fill(20_000))
    // One message group is one queue, so the offsets count on.
    assert.deepEqual(
      entries.map(({ offset }) => offset),
      ids.map((_, index) => BigInt(index + 1)),
    )
    assert.equal(storedIn(broker, 'batch'), 34)
  })

  it('answers offset 0 and a recall handle for a message that is not in a queue yet', async () => {
    await post(client, [message('later', 'first')])
    const { entries } = await post(client, [message('later', 'id', { deliveryTimestamp: timestampFromMs(broker.clock.now() + HOUR) })])
    assert.equal(entries[0]?.offset, 0n)
    assert.notEqual(entries[0]?.recallHandle, '')
  })

  it('takes NORMAL, FIFO and DELAY messages in one request', async () => {
    const { code, codes } = await post(client, [
      message('mixed', 'a'),
      message('mixed', 'b', { messageGroup: 'g' }),
      message('mixed', 'c', { deliveryTimestamp: timestampFromMs(broker.clock.now() + 1_000) }),
    ])
    assert.equal(code, 20_000)
    assert.deepEqual(codes, [20_000, 20_000, 20_000])
  })

  it('stores nothing of a request that holds one bad message, wherever it stands', async () => {
    for (const at of [0, 1, 2]) {
      const messages = ['a', 'b', 'c'].map((id, index) => message('all-or-none', id, index === at ? { tag: 'a|b' } : {}))
      const { code, entries } = await post(client, messages)
      assert.equal(code, 40_004)
      assert.deepEqual(entries, [])
    }
    assert.equal(storedIn(broker, 'all-or-none'), 0)
    assert.deepEqual(await client.receive('all-or-none', 'readers'), [])
  })

  it('stores a message again when it is sent again with the same id', async () => {
    for (const _ of [1, 2]) assert.equal((await post(client, [message('twice', 'same')])).code, 20_000)
    assert.deepEqual(
      (await client.receive('twice', 'readers')).map(({ messageId }) => messageId),
      ['same', 'same'],
    )
  })

  it('does not need a client that ever sent settings', async () => {
    assert.equal((await post(broker.rawClient('never-on-telemetry'), [message('bare', 'id')])).code, 20_000)
  })

  it('fails a call that is no protobuf with gRPC INTERNAL', async () => {
    for (const bytes of [Buffer.from('not protobuf'), requestOf(Uint8Array.of(0x0f)), Uint8Array.of(0x0a, 0x05, 0x00)]) {
      await assert.rejects(postBytes(client, bytes), { name: 'RpcError', code: 'INTERNAL', message: /no valid protobuf/ })
    }
  })

  it('answers a request that is empty on the wire like one without messages', async () => {
    assert.deepEqual(await postBytes(client, new Uint8Array(0)), {
      code: 40_016,
      text: 'the request has no message',
      entries: [],
      codes: [],
    })
  })

  it('ends a request of more than 32 MiB with RESOURCE_EXHAUSTED', async () => {
    const tooLarge = client.call(messagingService.sendMessage, new Uint8Array(32 * 1024 * 1024 + 1), () => undefined)
    await assert.rejects(tooLarge, { code: 'RESOURCE_EXHAUSTED' })
  })

  describe('hands on what the producer wrote', () => {
    it('tag, keys, user properties, trace context, birth, body and message group', async () => {
      const system: SystemPropertiesInit = {
        tag: 'created',
        keys: ['o-1', 'schlüssel'],
        traceContext: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        bornTimestamp: timestampFromMs(1_700_000_000_123),
        bornHost: 'shop-7',
        messageGroup: 'customer-7',
      }
      const userProperties = new Map([
        ['tenant', 'blue'],
        ['schlüssel', 'wert 🚲'],
        ['empty', ''],
      ])
      await post(client, [message('passed-on', 'id', system, { userProperties })])
      const { message: received, body } = await only('passed-on')
      assert.equal(body, 'body of id')
      assert.deepEqual(received.userProperties, userProperties)
      assert.deepEqual({ ...received.systemProperties, ...system }, received.systemProperties)
    })

    it('a compressed body as it is, its encoding said and its digest over what was sent', async () => {
      const body = gzipSync('hello '.repeat(100))
      await post(client, [message('zipped', 'id', { bodyEncoding: 'GZIP' }, { body })])
      const { message: received } = await only('zipped')
      assert.deepEqual(Buffer.from(received.body), body)
      assert.equal(received.systemProperties?.bodyEncoding, 'GZIP')
      assert.deepEqual(received.systemProperties?.bodyDigest, { type: 'SHA1', checksum: sha1(body) })
    })
  })

  // The official Python client refuses a message that does not say how its body is encoded, and every message that comes with it.
  for (const [name, bodyEncoding] of [
    ['does not say', undefined],
    ['leaves unspecified', 'ENCODING_UNSPECIFIED'],
    ['names with a number that nobody knows', 99],
  ] as const) {
    it(`calls a body plain whose encoding the producer ${name}`, async () => {
      const topic = `encoding-${name.replaceAll(' ', '-')}`
      const userProperties = new Map([['tenant', 'blue']])
      assert.equal((await post(client, [message(topic, 'id', { bodyEncoding, tag: 'created' }, { userProperties })])).code, 20_000)
      const { message: received, body } = await only(topic)
      assert.equal(received.systemProperties?.bodyEncoding, 'IDENTITY')
      assert.deepEqual([body, received.systemProperties?.tag, received.userProperties], ['body of id', 'created', userProperties])
    })
  }

  describe('puts the digest of the body that it stored', () => {
    const body = Buffer.from('the body')
    for (const [name, bodyDigest] of [
      ['when there is none', undefined],
      ['in place of a wrong one', { type: 'SHA1', checksum: '0'.repeat(40) }],
      ['in place of one of another kind', { type: 'MD5', checksum: createHash('md5').update(body).digest('hex').toUpperCase() }],
      ['in place of an empty one', {}],
    ] as const) {
      it(name, async () => {
        const topic = `digest-${name.replaceAll(' ', '-')}`
        assert.equal((await post(client, [message(topic, 'id', { bodyDigest }, { body })])).code, 20_000)
        const { message: received } = await only(topic)
        assert.deepEqual(received.systemProperties?.bodyDigest, { type: 'SHA1', checksum: sha1(body) })
      })
    }
  })
})
