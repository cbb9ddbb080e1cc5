import { strict as assert } from 'node:assert'
import type { Endpoints, QueryAssignmentRequestInit, QueryRouteRequestInit } from '@feathermq/protocol'
import {
  decodeQueryAssignmentResponse,
  decodeQueryRouteResponse,
  encodeQueryAssignmentRequest,
  encodeQueryRouteRequest,
  messagingService,
} from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { answerOf, field, startInMemory } from './test-kit/calls.ts'

async function route(client: RawClient, request: QueryRouteRequestInit) {
  const { status, messageQueues } = await client.call(messagingService.queryRoute, encodeQueryRouteRequest(request), decodeQueryRouteResponse)
  return { ...answerOf(status), queues: messageQueues }
}

async function assignment(client: RawClient, request: QueryAssignmentRequestInit) {
  const bytes = encodeQueryAssignmentRequest(request)
  const { status, assignments } = await client.call(messagingService.queryAssignment, bytes, decodeQueryAssignmentResponse)
  return { ...answerOf(status), queues: assignments.map(({ messageQueue }) => messageQueue) }
}

const endpoints = (scheme: Endpoints['scheme'], ...addresses: readonly (readonly [host: string, port: number])[]): Endpoints => ({
  scheme,
  addresses: addresses.map(([host, port]) => ({ host, port })),
})

describe('routes', () => {
  let broker: TestBroker
  let client: RawClient
  before(async () => {
    broker = await startInMemory({
      name: 'east-a',
      topics: { orders: {}, narrow: { queues: 1 }, wide: { queues: 256 }, strict: { types: ['FIFO', 'DELAY'] } },
      groups: { ordered: { ordered: true } },
    })
    client = broker.rawClient()
  })
  after(() => broker.close())

  describe('QueryRoute', () => {
    it('names every queue of the topic, from 0 on, to read and to write, on this broker as master', async () => {
      const topic = { resourceNamespace: 'space', name: 'orders' }
      const dialled = endpoints('DOMAIN_NAME', ['sidecar.local', 15_001])
      const { code, text, queues } = await route(client, { topic, endpoints: dialled })
      assert.deepEqual({ code, text }, { code: 20_000, text: 'OK' })
      assert.deepEqual(
        queues,
        [0, 1, 2, 3].map((id) => ({
          topic,
          id,
          permission: 'READ_WRITE',
          broker: { name: 'east-a', id: 0, endpoints: dialled },
          acceptMessageTypes: ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION'],
        })),
      )
    })

    for (const [topic, count] of [
      ['narrow', 1],
      ['wide', 256],
      ['%DLQ%given-up', 1],
    ] as const) {
      it(`names ${count} of ${topic}`, async () => {
        broker.broker.context.registry.deadLetterTopic('given-up')
        const { queues } = await route(client, { topic: { name: topic } })
        assert.deepEqual(
          queues.map(({ id }) => id),
          Array.from({ length: count }, (_, id) => id),
        )
      })
    }

    it('says what the topic takes, and nothing that this broker does not serve', async () => {
      const types = async (name: string) => (await route(client, { topic: { name } })).queues[0]?.acceptMessageTypes
      assert.deepEqual(await types('strict'), ['FIFO', 'DELAY'])
      assert.deepEqual(await types('made-on-first-use'), ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION'])
      broker.broker.context.registry.deadLetterTopic('given-up')
      assert.deepEqual(await types('%DLQ%given-up'), ['NORMAL'])
    })

    const dialled: readonly Endpoints[] = [
      endpoints('IPv4', ['10.0.0.7', 30_081]),
      endpoints('IPv6', ['fd00::7', 8_081]),
      endpoints('DOMAIN_NAME', ['a.example', 80], ['b.example', 81]),
    ]
    for (const asked of dialled) {
      it(`echoes what the client dialled, host and port: ${asked.scheme}`, async () => {
        const { queues } = await route(client, { topic: { name: 'orders' }, endpoints: asked })
        assert.deepEqual(queues[0]?.broker?.endpoints, asked)
      })
    }

    it('says its own address to a client that does not say what it dialled', async () => {
      const [host, port] = broker.endpoints.split(':')
      const own = endpoints('IPv4', [host ?? '', Number(port)])
      for (const asked of [undefined, {}, { scheme: 'IPv4', addresses: [] }] as const) {
        const { queues } = await route(client, { topic: { name: 'orders' }, endpoints: asked })
        assert.deepEqual(queues[0]?.broker?.endpoints, own)
      }
    })

    const advertised: readonly (readonly [advertise: string, expected: Endpoints])[] = [
      ['mq.example.com:8081', endpoints('DOMAIN_NAME', ['mq.example.com', 8_081])],
      ['192.0.2.7:443', endpoints('IPv4', ['192.0.2.7', 443])],
      ['[2001:db8::7]:443', endpoints('IPv6', ['2001:db8::7', 443])],
    ]
    for (const [advertise, expected] of advertised) {
      it(`says ${advertise} to everyone when it is told to advertise that`, async () => {
        await using told = await startInMemory({ advertise })
        for (const asked of [undefined, endpoints('IPv4', ['10.0.0.7', 30_081])]) {
          const request = { topic: { name: 'orders' }, group: { name: 'billing' }, endpoints: asked }
          assert.deepEqual((await route(told.rawClient(), request)).queues[0]?.broker?.endpoints, expected)
          assert.deepEqual((await assignment(told.rawClient(), request)).queues[0]?.broker?.endpoints, expected)
        }
      })
    }

    const refusals: readonly (readonly [what: string, code: number, request: QueryRouteRequestInit])[] = [
      ['no topic', 40_002, {}],
      ['a blank topic', 40_002, { topic: { name: ' ' } }],
      ['a topic with a space', 40_002, { topic: { name: 'bad topic' } }],
      ['a topic of 128 characters', 40_002, { topic: { name: 't'.repeat(128) } }],
      ['a system topic', 40_002, { topic: { name: 'TBW102' } }],
      ['a dead-letter topic that is not there', 40_402, { topic: { name: '%DLQ%nobody' } }],
      ['a retry topic, which this broker has none of', 40_402, { topic: { name: '%RETRY%billing' } }],
    ]
    for (const [what, code, request] of refusals) {
      it(`refuses ${what}: ${code}`, async () => {
        const answer = await route(client, request)
        assert.equal(answer.code, code, answer.text)
        assert.deepEqual(answer.queues, [])
      })
    }
  })

  describe('QueryAssignment', () => {
    const request = (topic: string, group: string, rest: QueryAssignmentRequestInit = {}): QueryAssignmentRequestInit => ({
      topic: { name: topic },
      group: { name: group },
      ...rest,
    })

    it('assigns queue -1, which is all of them, and tells every consumer the same', async () => {
      const dialled = endpoints('IPv4', ['10.0.0.7', 30_081])
      const expected = [
        {
          topic: { resourceNamespace: '', name: 'orders' },
          id: -1,
          permission: 'READ_WRITE',
          broker: { name: 'east-a', id: 0, endpoints: dialled },
          acceptMessageTypes: [],
        },
      ]
      for (const consumer of [client, broker.rawClient()]) {
        const { code, queues } = await assignment(consumer, request('orders', 'billing', { endpoints: dialled }))
        assert.equal(code, 20_000)
        assert.deepEqual(queues, expected)
      }
    })

    it('assigns each queue of the topic to an ordered group', async () => {
      const { queues } = await assignment(client, request('orders', 'ordered'))
      assert.deepEqual(
        queues.map((queue) => queue?.id),
        [0, 1, 2, 3],
      )
    })

    const refusals: readonly (readonly [what: string, code: number, request: QueryAssignmentRequestInit])[] = [
      ['no topic', 40_002, { group: { name: 'billing' } }],
      ['a topic that is not legal', 40_002, request('a b', 'billing')],
      ['a dead-letter topic that is not there', 40_402, request('%DLQ%nobody', 'billing')],
      ['no group', 40_003, { topic: { name: 'orders' } }],
      ['a group that is not legal', 40_003, request('orders', 'a b')],
    ]
    for (const [what, code, refused] of refusals) {
      it(`refuses ${what}: ${code}`, async () => {
        const answer = await assignment(client, refused)
        assert.equal(answer.code, code, answer.text)
        assert.deepEqual(answer.queues, [])
      })
    }
  })

  it('answer text that is no UTF-8 with 40016, and no protobuf with gRPC INTERNAL', async () => {
    const broken = field(0x0a, field(0x12, Uint8Array.of(0xff)))
    for (const [method, decode] of [
      [messagingService.queryRoute, decodeQueryRouteResponse],
      [messagingService.queryAssignment, decodeQueryAssignmentResponse],
    ] as const) {
      const { status } = await client.call(method, broken, (bytes) => ({ status: decode(bytes).status }))
      assert.equal(answerOf(status).code, 40_016)
      await assert.rejects(
        client.call(method, Buffer.from('not protobuf'), () => undefined),
        { code: 'INTERNAL' },
      )
    }
  })
})
