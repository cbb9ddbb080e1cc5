import { strict as assert } from 'node:assert'
import type { MessageInit, SystemPropertiesInit } from '@feathermq/protocol'
import { decodeSendMessageResponse, encodeMessage, encodeSendMessageRequest, messagingService, timestampFromMs } from '@feathermq/protocol'
import { callUnary } from '@feathermq/transport'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { answerOf, field, post, postBytes, requestOf, startInMemory, storedIn } from './test-kit/calls.ts'

const DAY = 86_400_000
const BODY_LIMIT = 4 * 1024 * 1024

/** A message of the topic `orders`, good but for what is put in its place. */
function order(system: SystemPropertiesInit = {}, rest: Partial<MessageInit> = {}): MessageInit {
  return { topic: { name: 'orders' }, body: Buffer.from('x'), ...rest, systemProperties: { messageId: 'id', ...system } }
}

const properties = (count: number): ReadonlyMap<string, string> => new Map(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))

describe('SendMessage refuses', () => {
  let broker: TestBroker
  let client: RawClient
  before(async () => {
    broker = await startInMemory({
      topics: { orders: {}, 'fifo-only': { types: ['FIFO'] }, 'normal-only': { types: ['NORMAL'] }, 'delay-only': { types: ['DELAY'] } },
    })
    client = broker.rawClient('sender')
  })
  after(() => broker.close())

  const inMs = (ms: number): SystemPropertiesInit => ({ deliveryTimestamp: timestampFromMs(broker.clock.now() + ms) })

  type Row = readonly [what: string, code: number, messages: () => readonly MessageInit[], text?: RegExp]

  function refuses(subject: string, rows: readonly Row[]): void {
    describe(subject, () => {
      for (const [what, code, messages, text = /./] of rows) {
        it(`${what}: ${code}`, async () => {
          const answer = await post(client, messages())
          assert.equal(answer.code, code, answer.text)
          assert.match(answer.text, text)
          assert.deepEqual(answer.entries, [])
        })
      }
    })
  }

  function accepts(subject: string, rows: readonly (readonly [what: string, message: () => MessageInit])[]): void {
    describe(subject, () => {
      for (const [what, message] of rows) {
        it(what, async () => {
          const answer = await post(client, [message()])
          assert.equal(answer.code, 20_000, answer.text)
        })
      }
    })
  }

  const named = (name: string) => () => [order({}, { topic: { name } })]

  refuses('a topic', [
    ['that is blank', 40_002, named(''), /blank/],
    ['of spaces', 40_002, named('  '), /blank/],
    ['that is not named at all', 40_002, () => [order({}, { topic: undefined })], /blank/],
    ['with a space', 40_002, named('my orders'), /characters other than/],
    ['with a dot', 40_002, named('my.orders'), /characters other than/],
    ['of 128 characters', 40_002, named('t'.repeat(128)), /longer than 127/],
    ['that is a system topic', 40_002, named('TBW102'), /system topic/],
    ['with the prefix of system topics', 40_002, named('rmq_sys_mine'), /system topic/],
    [
      'that is a dead-letter topic nobody filled yet',
      40_402,
      named('%DLQ%nobody'),
      /no topic "%DLQ%nobody".*dead-letter topic of a group that there is/,
    ],
    ['with a percent sign', 40_402, named('50%off'), /topics that the broker makes itself/],
  ])

  refuses('a request', [
    ['without messages', 40_016, () => [], /no message/],
    ['of two topics', 40_016, () => [order(), order({}, { topic: { name: 'normal-only' } })], /one topic/],
    ['of two topics, the other one last', 40_016, () => [order(), order(), order({}, { topic: undefined })], /one topic/],
    ['of one topic name in two namespaces', 40_016, () => [order(), order({}, { topic: { name: 'orders', resourceNamespace: 'b' } })]],
  ])

  refuses('a body', [
    ['that is empty', 41_302, () => [order({}, { body: new Uint8Array(0) })]],
    ['that is absent', 41_302, () => [order({}, { body: undefined })]],
    ['of 4 MiB and one byte', 41_301, () => [order({}, { body: Buffer.alloc(BODY_LIMIT + 1, 'x') })], /4194305 bytes, at most 4194304/],
  ])

  refuses('user properties', [
    ['when there are 129', 43_101, () => [order({}, { userProperties: properties(129) })], /129 user properties, at most 128/],
    ['with a reserved key', 40_007, () => [order({}, { userProperties: new Map([['UNIQ_KEY', 'mine']]) })], /"UNIQ_KEY" is reserved/],
    ['with a control character in a key', 40_007, () => [order({}, { userProperties: new Map([['a\nb', 'v']]) })]],
    ['with a control character in a value', 40_007, () => [order({}, { userProperties: new Map([['a', 'v\u0001']]) })]],
    ['of 16,385 bytes in all', 43_101, () => [order({}, { userProperties: new Map([['k', 'v'.repeat(16_384)]]) })], /16385 bytes/],
    ['that with the tag pass 16 KiB', 43_101, () => [order({ tag: 'tag' }, { userProperties: new Map([['k', 'v'.repeat(16_381)]]) })]],
    ['that with the keys pass 16 KiB', 43_101, () => [order({ keys: ['a', 'b'] }, { userProperties: new Map([['k', 'v'.repeat(16_382)]]) })]],
    ['that pass 16 KiB in bytes, not in characters', 43_101, () => [order({}, { userProperties: new Map([['k', 'ü'.repeat(8_192)]]) })]],
  ])

  refuses('tag and keys', [
    ['a tag with a bar', 40_004, () => [order({ tag: 'a|b' })], /separates tags/],
    ['a blank tag', 40_004, () => [order({ tag: ' ' })]],
    ['an empty tag', 40_004, () => [order({ tag: '' })]],
    ['a tag with a control character', 40_004, () => [order({ tag: 'a\tb' })]],
    ['a blank key', 40_005, () => [order({ keys: ['good', ' '] })]],
    ['a key with a control character', 40_005, () => [order({ keys: ['a\u007f'] })]],
    ['keys of more than 16 KiB', 43_101, () => [order({ keys: ['k'.repeat(16_385)] })]],
  ])

  refuses('ids, groups and times', [
    ['a blank message id', 40_009, () => [order({ messageId: ' ' })]],
    ['no message id', 40_009, () => [order({ messageId: undefined })]],
    ['no system properties', 40_009, () => [{ topic: { name: 'orders' }, body: Buffer.from('x') }]],
    ['a blank message group', 40_006, () => [order({ messageGroup: ' ' })]],
    ['an empty message group', 40_006, () => [order({ messageGroup: '' })]],
    ['a message group of 64 bytes', 40_006, () => [order({ messageGroup: 'g'.repeat(64) })], /longer than 63 bytes/],
    ['a message group of 64 bytes in 32 characters', 40_006, () => [order({ messageGroup: 'ü'.repeat(32) })]],
    ['a message group with a control character', 40_006, () => [order({ messageGroup: 'a\u0000' })]],
    ['a delivery time more than a day away', 40_012, () => [order(inMs(DAY + 1))], /86400000 ms away/],
    [
      'a transaction recovery time over an hour',
      40_000,
      () => [order({ orphanedTransactionRecoveryDuration: { seconds: 3_600, nanos: 1e6 } })],
      /3600 s/,
    ],
  ])

  refuses('what it does not serve', [['a lite topic', 50_100, () => [order({ liteTopic: 'chat-1' })], /LITE/]])

  const conflicts: readonly (readonly [topic: string, type: string, system: () => SystemPropertiesInit])[] = [
    ['fifo-only', 'NORMAL', () => ({})],
    ['fifo-only', 'DELAY', () => inMs(1_000)],
    ['fifo-only', 'DELAY', () => ({ ...inMs(1_000), messageGroup: 'g' })],
    ['normal-only', 'FIFO', () => ({ messageGroup: 'g' })],
    ['normal-only', 'DELAY', () => inMs(1_000)],
    ['delay-only', 'NORMAL', () => ({})],
    ['delay-only', 'FIFO', () => ({ messageGroup: 'g' })],
  ]
  refuses(
    'a type that the topic does not take',
    conflicts.map(([name, type, system], index): Row => {
      const text = new RegExp(`"${name}" takes [A-Z]+; this message is ${type}`)
      return [`${type} on ${name} (${index + 1})`, 40_014, () => [order(system(), { topic: { name } })], text]
    }),
  )

  accepts('no more than that: it takes', [
    ['a topic of 127 characters', () => order({}, { topic: { name: 't'.repeat(127) } })],
    ['a body of 4 MiB', () => order({}, { body: Buffer.alloc(BODY_LIMIT, 'x') })],
    ['a body of one byte', () => order({}, { body: Uint8Array.of(0) })],
    ['128 user properties', () => order({}, { userProperties: properties(128) })],
    [
      '16,384 bytes of user properties, tag and keys',
      () => order({ tag: 'tag', keys: ['a', 'b'] }, { userProperties: new Map([['k', 'v'.repeat(16_378)]]) }),
    ],
    ['a property with an empty key', () => order({}, { userProperties: new Map([['', 'v']]) })],
    ['a message id of any form', () => order({ messageId: 'my own id' })],
    ['a message group of 63 bytes', () => order({ messageGroup: 'g'.repeat(63) })],
    ['a delivery time in a day', () => order(inMs(DAY))],
    ['a transaction recovery time of an hour', () => order({ orphanedTransactionRecoveryDuration: { seconds: 3_600, nanos: 0 } })],
    ['both a message group and a delivery time', () => order({ ...inMs(1_000), messageGroup: 'g' })],
    ['a type that is all that its topic takes', () => order({ messageGroup: 'g' }, { topic: { name: 'fifo-only' } })],
  ])

  it('in the order in which a stock server looks', async () => {
    let system: SystemPropertiesInit = {
      messageId: ' ',
      tag: 'a|b',
      keys: [' '],
      orphanedTransactionRecoveryDuration: { seconds: 7_200, nanos: 0 },
      deliveryTimestamp: timestampFromMs(broker.clock.now() + 2 * DAY),
      messageGroup: ' ',
      messageType: 'TRANSACTION',
    }
    let rest: Partial<MessageInit> = { topic: { name: 'normal-only' }, body: undefined, userProperties: new Map([...properties(128), ['KEYS', 'v']]) }
    const long = new Map([['k', 'v'.repeat(20_000)]])
    const steps: readonly (readonly [code: number, repair: () => void])[] = [
      [
        41_302,
        () => {
          rest = { ...rest, body: Buffer.from('x') }
        },
      ],
      [
        43_101,
        () => {
          rest = { ...rest, userProperties: new Map([...long, ['KEYS', 'v']]) }
        },
      ],
      [
        40_007,
        () => {
          rest = { ...rest, userProperties: long }
        },
      ],
      [
        40_004,
        () => {
          system = { ...system, tag: 'a' }
        },
      ],
      [
        40_005,
        () => {
          system = { ...system, keys: ['a'] }
        },
      ],
      [
        43_101,
        () => {
          rest = { ...rest, userProperties: new Map() }
        },
      ],
      [
        40_009,
        () => {
          system = { ...system, messageId: 'id' }
        },
      ],
      [
        40_000,
        () => {
          system = { ...system, orphanedTransactionRecoveryDuration: undefined }
        },
      ],
      [
        40_012,
        () => {
          system = { ...system, ...inMs(1_000) }
        },
      ],
      [
        40_006,
        () => {
          system = { ...system, messageGroup: 'g' }
        },
      ],
      [
        40_014,
        () => {
          system = { ...system, messageType: 'FIFO' }
        },
      ],
      [
        40_014,
        () => {
          system = { ...system, messageGroup: undefined, deliveryTimestamp: undefined }
        },
      ],
    ]
    for (const [code, repair] of steps) {
      assert.equal((await post(client, [order(system, rest)])).code, code)
      repair()
    }
    assert.equal((await post(client, [order(system, rest)])).code, 20_000)
  })

  describe('text that is no UTF-8', () => {
    const broken = Uint8Array.of(0x61, 0xff, 0xfe)
    const head = encodeMessage({ topic: { name: 'broken' }, body: Buffer.from('x'), systemProperties: { messageId: 'id' } })
    const cases: readonly (readonly [where: string, message: Uint8Array])[] = [
      ['in the topic', Buffer.concat([field(0x0a, field(0x12, broken)), field(0x22, Buffer.from('x'))])],
      ['in the key of a user property', Buffer.concat([head, field(0x12, field(0x0a, broken))])],
      ['in the value of a user property', Buffer.concat([head, field(0x12, Buffer.concat([field(0x0a, Buffer.from('k')), field(0x12, broken)]))])],
      ['in the tag', Buffer.concat([head, field(0x1a, field(0x0a, broken))])],
      ['in a receipt handle that a consumer would never see', Buffer.concat([head, field(0x1a, field(0x62, broken))])],
      ['in the trace context', Buffer.concat([head, field(0x1a, Buffer.concat([Uint8Array.of(0x92, 0x01), field(3, broken).subarray(1)]))])],
    ]
    for (const [where, message] of cases) {
      it(`${where}: 40016`, async () => {
        const { code, text } = await postBytes(client, requestOf(message))
        assert.equal(code, 40_016, text)
        assert.match(text, /no UTF-8/)
        assert.equal(storedIn(broker, 'broken'), 0)
      })
    }

    it('but not in the body, which is bytes', async () => {
      assert.equal((await post(client, [order({}, { body: broken })])).code, 20_000)
    })
  })

  it('a caller without a client id, or with one that is too long: 40017, 40000', async () => {
    const channel = broker.transport.createChannel({ address: broker.endpoints })

    const request = encodeSendMessageRequest({ messages: [order()] })
    const call = async (headers: readonly (readonly [string, string])[]) => {
      const { status } = await callUnary(channel, messagingService.sendMessage, request, decodeSendMessageResponse, { headers })
      return answerOf(status).code
    }
    assert.equal(await call([]), 40_017)
    assert.equal(await call([['x-mq-client-id', '']]), 40_017)
    assert.equal(await call([['x-mq-client-id', 'c'.repeat(513)]]), 40_000)
    assert.equal(await call([['x-mq-client-id', 'c'.repeat(512)]]), 20_000)
    channel.close()
  })

  it('a topic that does not exist where none is made on first use: 40402, and makes none', async () => {
    await using strict = await startInMemory({ autoCreate: false, topics: { orders: {} } })
    const sender = strict.rawClient()
    const { code, text } = await post(sender, [order({}, { topic: { name: 'payments' } })])
    assert.equal(code, 40_402)
    assert.match(text, /no topic "payments" on broker feathermq; create it: feathermq topic create payments/)
    assert.equal((await post(sender, [order()])).code, 20_000)
    assert.equal(strict.broker.context.registry.topic('payments'), undefined)
  })

  it('delivery times beyond its own farthest', async () => {
    await using patient = await startInMemory({ maxDelay: '3d' })
    const at = (ms: number) => order({ deliveryTimestamp: timestampFromMs(patient.clock.now() + ms) })
    assert.equal((await post(patient.rawClient(), [at(3 * DAY)])).code, 20_000)
    assert.equal((await post(patient.rawClient(), [at(3 * DAY + 1)])).code, 40_012)
  })

  it('messages while its memory is full, each for itself: 42900, and 30000 over all when others fitted', async () => {
    await using small = await startInMemory({ maxMemory: '64KiB' })
    const sender = small.rawClient()
    const of = (size: number) => order({}, { body: Buffer.alloc(size, 'x') })
    const mixed = await post(sender, [of(40_000), of(40_000), of(100)])
    assert.equal(mixed.code, 30_000)
    assert.deepEqual(mixed.codes, [20_000, 42_900, 20_000])
    assert.match(mixed.entries[1]?.status?.message ?? '', /no memory left.*--max-memory/)
    const full = await post(sender, [of(40_000), of(40_000)])
    assert.equal(full.code, 42_900)
    assert.deepEqual(full.codes, [42_900, 42_900])
    assert.equal((await sender.receive('orders', 'readers')).length, 2)
  })

  it('messages that its disk does not take, or loses before they are safe, each for itself: 50401', async () => {
    await using ill = await startInMemory()
    const { delivery } = ill.broker.context
    const durable = Promise.reject(new Error('cannot sync the log (EIO)'))
    const answers: ReturnType<typeof delivery.append>[] = [
      { kind: 'stored', queueId: 0, offset: 7n, durable: Promise.resolve() },
      { kind: 'unavailable', reason: 'the disk is full' },
      { kind: 'stored', queueId: 0, offset: 8n, durable },
      { kind: 'stored', queueId: 0, offset: 9n, durable: undefined },
    ]
    delivery.append = () => answers.shift() ?? assert.fail('more messages than were sent')
    const { code, codes, entries } = await post(ill.rawClient(), [order(), order(), order(), order()])
    assert.equal(code, 30_000)
    assert.deepEqual(codes, [20_000, 50_401, 50_401, 20_000])
    assert.match(entries[1]?.status?.message ?? '', /broker feathermq could not store the message: the disk is full/)
    assert.match(entries[2]?.status?.message ?? '', /cannot sync the log \(EIO\)/)
    assert.equal(entries[0]?.offset, 7n)
  })
})
