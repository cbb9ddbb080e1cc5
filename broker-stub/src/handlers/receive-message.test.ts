import { strict as assert } from 'node:assert'
import type { ReceiveMessageRequestInit } from '@feathermq/protocol'
import { durationFromMs, encodeReceiveMessageRequest, headerNames, timestampFromMs } from '@feathermq/protocol'
import { inMemoryTransport, type ServerCall } from '@feathermq/transport'
import { after, before, describe, it } from 'mocha'
import type { PendingReceive } from '../delivery/types.ts'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../testing/virtual-clock.ts'
import { receiveMessage } from './receive-message.ts'
import { field, type Streamed, type StreamOptions, startInMemory, stream, streamBytes, untilWaiting } from './test-kit/calls.ts'
import { consumerOf, openTelemetry } from './test-kit/telemetry.ts'

/** A receive of all that the topic has for the group `readers`, without waiting, but for what is put in its place. */
function from(topic: string, rest: ReceiveMessageRequestInit = {}): ReceiveMessageRequestInit {
  return {
    group: { name: 'readers' },
    messageQueue: { topic: { name: topic } },
    batchSize: 32,
    invisibleDuration: durationFromMs(10_000),
    longPollingTimeout: {},
    ...rest,
  }
}

const amounts = (amount: string) => new Map([['amount', amount]])
const sql = (topic: string, expression: string): ReceiveMessageRequestInit => from(topic, { filterExpression: { type: 'SQL', expression } })

const bodies = ({ responses }: Streamed): string[] =>
  responses.flatMap(({ content }) => (content?.case === 'message' ? [Buffer.from(content.value.body).toString()] : []))

const FAILED = ['status', 'deliveryTimestamp']

describe('ReceiveMessage', () => {
  let broker: TestBroker
  let client: RawClient
  /** Deadlines run on it, so that what is left of them is exact. */
  let network: VirtualClock
  let topics = 0
  before(async () => {
    network = fixedClock()
    broker = await startInMemory({ transport: inMemoryTransport({ clock: network, poison: true }) })
    client = broker.rawClient('sender')
  })
  after(() => broker.close())

  const fresh = () => `topic-${++topics}`

  async function filled(...messages: readonly string[]): Promise<string> {
    const topic = fresh()
    for (const body of messages) assert.equal(await client.send(topic, body, { messageGroup: 'g' }), 'OK')
    return topic
  }

  describe('streams', () => {
    it('the status, the messages, and the time of delivery', async () => {
      const topic = await filled('a', 'b', 'c')
      const { order, answer, responses, ended } = await stream(broker, from(topic))
      assert.deepEqual(order, ['status', 'message', 'message', 'message', 'deliveryTimestamp'])
      assert.deepEqual(answer, { code: 20_000, text: 'OK' })
      assert.deepEqual(responses.at(-1)?.content?.value, timestampFromMs(broker.clock.now()))
      assert.equal(ended.code, 'OK')
    })

    it('40401 and the time when there is nothing', async () => {
      const { order, answer, responses, ended } = await stream(broker, from(fresh()))
      assert.deepEqual(order, FAILED)
      assert.deepEqual(answer, { code: 40_401, text: 'no new message' })
      assert.deepEqual(responses.at(-1)?.content?.value, timestampFromMs(broker.clock.now()))
      assert.equal(ended.code, 'OK')
    })

    it('the messages of all queues, whatever queue and broker the client names', async () => {
      const topic = fresh()
      for (let sent = 0; sent < 8; sent++) await client.send(topic, String(sent))
      const messageQueue = { topic: { name: topic }, id: 2, broker: { name: 'another', id: 3 } }
      assert.equal(bodies(await stream(broker, from(topic, { messageQueue }))).length, 8)
    })

    it('to clients without settings, without a deadline and of any language', async () => {
      const headers = [[headerNames.language, 'KLINGON']] as const
      assert.deepEqual(bodies(await stream(broker, from(await filled('a')), { clientId: 'never-on-telemetry', headers })), ['a'])
    })
  })

  describe('hands out at most', () => {
    for (const [asked, given] of [
      [1, 1],
      [5, 5],
      [32, 32],
      [33, 32],
      [100_000, 32],
      [0, 1],
    ] as const) {
      it(`${given} to who asks for ${asked}`, async () => {
        const topic = await filled(...Array.from({ length: 40 }, (_, index) => String(index)))
        assert.equal(bodies(await stream(broker, from(topic, { batchSize: asked }))).length, given)
      })
    }

    it('nothing, and 40000, to who asks for less than nothing', async () => {
      const { order, answer } = await stream(broker, from(await filled('a'), { batchSize: -1 }))
      assert.deepEqual(order, FAILED)
      assert.equal(answer.code, 40_000)
    })
  })

  describe('waits', () => {
    /** Checks that a receive on an empty topic is answered with 40401 after exactly so long. */
    async function waits(expected: number, asked: number | undefined, options: StreamOptions = {}): Promise<void> {
      const topic = fresh()
      let answered = false
      const longPollingTimeout = asked === undefined ? undefined : durationFromMs(asked)
      const receiving = stream(broker, from(topic, { longPollingTimeout }), options).then((streamed) => {
        answered = true
        return streamed
      })
      await untilWaiting(broker, 1)
      // The wheel turns in ticks of 10 ms.
      await broker.clock.advance(expected - 20)
      assert.equal(answered, false, `it was answered before ${expected} ms`)
      await broker.clock.advance(30)
      assert.equal(broker.broker.context.delivery.waiting, 0, `it waits for longer than ${expected} ms`)
      assert.equal((await receiving).answer.code, 40_401)
    }

    it('as long as it is asked to, also less than a stock server would', async () => {
      await waits(8_000, 8_000)
      await waits(1_000, 1_000)
    })

    it('20 s when asked for more', () => waits(20_000, 30_000))

    it('20 s when neither a time nor a deadline is given', () => waits(20_000, undefined))

    it('as long as the deadline allows, less 100 ms for the answer to travel', async () => {
      await waits(9_900, 20_000, { timeout: 10_000 })
      await waits(9_900, undefined, { timeout: 10_000 })
      await waits(20_000, undefined, { timeout: 3_600_000 })
      await waits(4_900, 20_000, { timeout: 5_000 })
    })

    it('not at all, and answers 40018, when the deadline leaves less than 5 s of what was asked for', async () => {
      const { order, answer } = await stream(broker, from(fresh(), { longPollingTimeout: durationFromMs(20_000) }), { timeout: 4_999 })
      assert.deepEqual(order, FAILED)
      assert.equal(answer.code, 40_018)
    })

    it('not at all when asked for no time, or for less than none, however short the deadline', async () => {
      for (const ms of [0, -5_000]) {
        const { answer } = await stream(broker, from(fresh(), { longPollingTimeout: durationFromMs(ms) }), { timeout: 3_000 })
        assert.equal(answer.code, 40_401)
      }
    })

    it('no longer than until the first message comes', async () => {
      const topic = fresh()
      const receiving = stream(broker, from(topic, { longPollingTimeout: durationFromMs(20_000) }))
      await untilWaiting(broker, 1)
      await client.send(topic, 'here')
      assert.deepEqual(bodies(await receiving), ['here'])
    })

    it('in line, oldest first, two receives of one client included', async () => {
      const topic = fresh()
      const request = from(topic, { longPollingTimeout: durationFromMs(20_000), batchSize: 1 })
      const first = stream(broker, request)
      await untilWaiting(broker, 1)
      const second = stream(broker, request)
      await untilWaiting(broker, 2)
      await client.send(topic, 'one')
      await client.send(topic, 'two')
      assert.deepEqual(bodies(await first), ['one'])
      assert.deepEqual(bodies(await second), ['two'])
    })

    it('no longer than the broker runs', async () => {
      await using stopping = await startInMemory()
      const receiving = stream(stopping, from('quiet', { longPollingTimeout: durationFromMs(20_000) }))
      await untilWaiting(stopping, 1)
      await stopping.broker.stop()
      const { order, answer, ended } = await receiving
      assert.deepEqual([order, answer.code, ended.code], [FAILED, 40_401, 'OK'])
    })

    it('not beside too many others: 42900', async () => {
      await using crowded = await startInMemory({ limits: { waiters: 1 } })
      const request = from('busy', { longPollingTimeout: durationFromMs(20_000) })
      const patient = stream(crowded, request)
      await untilWaiting(crowded, 1)
      const { order, answer } = await stream(crowded, request)
      assert.deepEqual([order, answer.code], [FAILED, 42_900])
      await crowded.clock.advance('20s')
      assert.equal((await patient).answer.code, 40_401)
    })
  })

  describe('filters', () => {
    const tags = ['created', 'paid', 'Created', undefined]
    const cases: readonly (readonly [expression: string | undefined, expected: readonly string[]])[] = [
      ['*', ['created', 'paid', 'Created', 'none']],
      [' * ', ['created', 'paid', 'Created', 'none']],
      ['', ['created', 'paid', 'Created', 'none']],
      [undefined, ['created', 'paid', 'Created', 'none']],
      ['created', ['created']],
      ['created || paid', ['created', 'paid']],
      ['  paid||created  ||', ['created', 'paid']],
      ['creat', []],
      ['created|paid', []],
    ]
    for (const [expression, expected] of cases) {
      it(`by tags, ${expression === undefined ? 'no filter' : `"${expression}"`}: ${expected.join(', ') || 'nothing'}`, async () => {
        const topic = fresh()
        for (const tag of tags) await client.send(topic, tag ?? 'none', { tag, messageGroup: 'g' })
        const filterExpression = expression === undefined ? undefined : ({ type: 'TAG', expression } as const)
        assert.deepEqual(bodies(await stream(broker, from(topic, { filterExpression }))), expected)
      })
    }

    it('takes a filter without a type for one of tags', async () => {
      const topic = fresh()
      for (const tag of ['a', 'b']) await client.send(topic, tag, { tag })
      assert.deepEqual(bodies(await stream(broker, from(topic, { filterExpression: { expression: 'b' } }))), ['b'])
    })

    it('by SQL over the properties, the tag and the keys', async () => {
      const topic = fresh()
      for (const amount of ['99', '100.5', 'many', '1000'])
        await client.send(topic, amount, { tag: 'paid', keys: ['k'], properties: amounts(amount) })
      await client.send(topic, 'no amount', { tag: 'paid', keys: ['k'] })
      await client.send(topic, 'no tag', { properties: amounts('1000') })
      assert.deepEqual(bodies(await stream(broker, sql(topic, "amount > 100 AND TAGS = 'paid' AND KEYS IS NOT NULL"))).toSorted(), ['100.5', '1000'])
    })

    it('by SQL as it arrives, to the one of those who wait that wants it', async () => {
      const topic = fresh()
      const wait = { longPollingTimeout: durationFromMs(20_000) }
      const small = stream(broker, { ...sql(topic, 'amount <= 100'), ...wait })
      const large = stream(broker, { ...sql(topic, 'amount > 100'), ...wait })
      await untilWaiting(broker, 2)
      await client.send(topic, 'large', { properties: amounts('1000') })
      await client.send(topic, 'small', { properties: amounts('10') })
      assert.deepEqual([bodies(await small), bodies(await large)], [['small'], ['large']])
    })

    it('by the filter of the settings, where a request brings none', async () => {
      const topic = fresh()
      for (const tag of ['a', 'b']) await client.send(topic, tag, { tag })
      const settled = await openTelemetry(broker, { clientId: 'with-settings' })
      await settled.settle(consumerOf(topic, 'readers', {}, { type: 'SQL', expression: "TAGS = 'a'" }))
      const other = { group: { name: 'others' } }
      assert.deepEqual(bodies(await stream(broker, from(topic, other), { clientId: 'with-settings' })).toSorted(), ['a', 'b'], 'another group')
      assert.deepEqual(bodies(await stream(broker, from(topic), { clientId: 'with-settings' })), ['a'])
      settled.cancel()
    })

    it('counts what its filter passed over as consumed by the group, and by no other', async () => {
      const topic = fresh()
      await client.send(topic, 'a', { tag: 'a' })
      await client.send(topic, 'b', { tag: 'b' })
      await stream(broker, from(topic, { filterExpression: { type: 'TAG', expression: 'b' } }))
      assert.equal((await stream(broker, from(topic))).answer.code, 40_401)
      assert.deepEqual(bodies(await stream(broker, from(topic, { group: { name: 'others' } }))).toSorted(), ['a', 'b'])
    })
  })

  describe('refuses', () => {
    const ms = durationFromMs
    const rows: readonly (readonly [what: string, code: number, request: ReceiveMessageRequestInit, text: RegExp])[] = [
      ['SQL that is wrong', 40_010, sql('t', 'a > 1\nAND b >'), /^the SQL filter is wrong at line 2, column 8: expected .* found the end$/],
      ['SQL that is no condition', 40_010, sql('t', '5'), /line 1, column 1: expected a condition as the whole expression, found a number$/],
      ['SQL that is empty', 40_010, sql('t', ' '), /it is empty/],
      ['SQL of a megabyte of parentheses', 40_010, sql('t', '('.repeat(1_048_576)), /1048576 characters, more than the 8192/],
      ['a filter of no known type', 40_010, from('t', { filterExpression: { type: 9, expression: 'a' } }), /filter type 9/],
      ['a filter that names no tag', 40_010, from('t', { filterExpression: { type: 'TAG', expression: '|| ||' } }), /no tag/],
      ['an invisible duration below 10 s', 40_011, from('t', { invisibleDuration: ms(9_999) }), /9999 ms; it must be 10000 to 43200000/],
      ['no invisible duration', 40_011, from('t', { invisibleDuration: undefined }), / 0 ms/],
      ['a negative invisible duration', 40_011, from('t', { invisibleDuration: ms(-10_000) }), /-10000 ms/],
      ['an invisible duration above 12 h', 40_011, from('t', { invisibleDuration: ms(43_200_001) }), /43200001 ms/],
      ['a blank topic', 40_002, from(' '), /blank/],
      ['no queue at all', 40_002, from('', { messageQueue: undefined }), /blank/],
      ['a topic with a dot', 40_002, from('a.b'), /characters other than/],
      ['the dead-letter topic of a group that has none', 40_402, from('%DLQ%nobody'), /no topic/],
      ['no group', 40_003, from('t', { group: undefined }), /blank/],
      ['a group with a space', 40_003, from('t', { group: { name: 'a b' } }), /characters other than/],
      ['a group of 121 characters', 40_003, from('t', { group: { name: 'g'.repeat(121) } }), /longer than 120/],
      ['a system group', 40_003, from('t', { group: { name: 'DEFAULT_CONSUMER' } }), /system group/],
    ]
    for (const [what, code, request, text] of rows) {
      it(`${what}: ${code}`, async () => {
        const { order, answer, ended } = await stream(broker, request)
        assert.deepEqual(order, FAILED)
        assert.equal(answer.code, code)
        assert.match(answer.text, text)
        assert.equal(ended.code, 'OK')
      })
    }

    it('a caller without a client id: 40017', async () => {
      const { order, answer } = await stream(broker, from('t'), { clientId: '' })
      assert.deepEqual([order, answer.code], [FAILED, 40_017])
    })

    it('text that is no UTF-8: 40016', async () => {
      const { order, answer } = await streamBytes(broker, field(0x0a, field(0x12, Uint8Array.of(0xff))))
      assert.deepEqual([order, answer.code], [FAILED, 40_016])
    })

    it('bytes that are no protobuf, with gRPC INTERNAL and nothing streamed', async () => {
      const { order, ended } = await streamBytes(broker, Buffer.from('not protobuf'))
      assert.deepEqual([order, ended.code], [[], 'INTERNAL'])
    })

    it('no invisible duration of 10 s or 12 h, nor any at all beside auto-renew, which makes it 60 s', async () => {
      for (const [rest, granted] of [
        [{ invisibleDuration: ms(10_000) }, 10],
        [{ invisibleDuration: ms(43_200_000) }, 43_200],
        [{ invisibleDuration: undefined, autoRenew: true }, 60],
        [{ invisibleDuration: ms(1), autoRenew: true }, 60],
      ] as const) {
        const { responses } = await stream(broker, from(await filled('a'), rest))
        const content = responses[1]?.content
        assert.deepEqual(content?.case === 'message' && content.value.systemProperties?.invisibleDuration, { seconds: granted, nanos: 0 })
      }
    })
  })

  describe('a client that leaves', () => {
    it('leaves the line at once, and the next message goes to another as if nothing had been', async () => {
      const topic = fresh()
      const abort = new AbortController()
      const receiving = stream(broker, from(topic, { longPollingTimeout: durationFromMs(20_000) }), { signal: abort.signal })
      await untilWaiting(broker, 1)
      abort.abort()
      await untilWaiting(broker, 0)
      assert.equal((await receiving).ended.code, 'CANCELLED')
      await client.send(topic, 'a')
      const [message] = await client.receive(topic, 'readers')
      assert.equal(message?.deliveryAttempt, 1)
    })

    it('leaves the line when its deadline passes', async () => {
      const receiving = stream(broker, from(fresh(), { longPollingTimeout: durationFromMs(5_000) }), { timeout: 6_000 })
      await untilWaiting(broker, 1)
      await network.advance('6s')
      await untilWaiting(broker, 0)
      assert.equal((await receiving).ended.code, 'DEADLINE_EXCEEDED')
    })

    it('before its answer was written gives the messages back with their attempt unchanged', async () => {
      const topic = await filled('a')
      const handler = receiveMessage(broker.broker.context)
      const sent: unknown[] = []
      const call: ServerCall<PendingReceive> = {
        method: { path: '/', kind: 'server-stream' },
        headers: { get: () => 'gone', binary: () => undefined, entries: () => [].values() },
        peer: { address: 'there', encrypted: false, connection: 'there' },
        remaining: undefined,
        cancelled: true,
        state: undefined,
        send: (message) => sent.push(message) > 0,
        sendLent: (message) => sent.push(message) > 0,
        setHeader() {},
        setTrailer() {},
        end() {},
        fail: assert.fail,
        pause() {},
        resume() {},
      }
      handler.onMessage(call, encodeReceiveMessageRequest(from(topic)))
      const [message] = await client.receive(topic, 'readers')
      assert.deepEqual(sent, [])
      assert.deepEqual([message?.body, message?.deliveryAttempt], ['a', 1])
    })
  })
})
