import { strict as assert } from 'node:assert'
import type { Code, ResourceInit } from '@feathermq/protocol'
import {
  decodeQueryAssignmentResponse,
  decodeQueryRouteResponse,
  encodeQueryAssignmentRequest,
  encodeQueryRouteRequest,
  messagingService,
} from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import type { StartBrokerOptions, TestBroker } from '../testing/start-broker.ts'
import { type Answer, answerOf, post, startInMemory, stream } from './test-kit/calls.ts'
import { beat, sayGoodbye } from './test-kit/lives.ts'
import { acknowledge, change, forward, leased } from './test-kit/settling.ts'
import { consumerOf, openTelemetry, producerOf } from './test-kit/telemetry.ts'

interface Names {
  readonly topic: string
  readonly group: string
}

/** One RPC that names a topic, a group, or both; which of them it makes. */
interface Use {
  readonly rpc: string
  readonly makes: readonly ('topic' | 'group')[]
  readonly call: (broker: TestBroker, client: RawClient, names: Names) => Promise<Answer>
}

const resources = ({ topic, group }: Names): { readonly topic: ResourceInit; readonly group: ResourceInit } => ({
  topic: { name: topic },
  group: { name: group },
})

async function statusOf<T extends { readonly status: { readonly code: Code | number; readonly message: string } | undefined }>(
  response: Promise<T>,
): Promise<Answer> {
  return answerOf((await response).status)
}

const uses: readonly [Use, ...Use[]] = [
  {
    rpc: 'QueryRoute',
    makes: ['topic'],
    call: (_, client, names) =>
      statusOf(client.call(messagingService.queryRoute, encodeQueryRouteRequest(resources(names)), decodeQueryRouteResponse)),
  },
  {
    rpc: 'QueryAssignment',
    makes: ['topic', 'group'],
    call: (_, client, names) =>
      statusOf(client.call(messagingService.queryAssignment, encodeQueryAssignmentRequest(resources(names)), decodeQueryAssignmentResponse)),
  },
  {
    rpc: 'SendMessage',
    makes: ['topic'],
    call: (_, client, { topic }) => post(client, [{ topic: { name: topic }, body: Buffer.from('x'), systemProperties: { messageId: 'id' } }]),
  },
  {
    rpc: 'ReceiveMessage',
    makes: ['topic', 'group'],
    call: async (broker, _, { topic, group }) => {
      const request = { messageQueue: { topic: { name: topic } }, group: { name: group }, autoRenew: true, longPollingTimeout: {} }
      return (await stream(broker, request)).answer
    },
  },
  { rpc: 'AckMessage', makes: [], call: (_, client, { topic, group }) => acknowledge(client, topic, group, [{ receiptHandle: 'handle' }]) },
  { rpc: 'ChangeInvisibleDuration', makes: [], call: (_, client, names) => change(client, resources(names)) },
  { rpc: 'ForwardMessageToDeadLetterQueue', makes: [], call: (_, client, names) => forward(client, resources(names)) },
  { rpc: 'Heartbeat', makes: [], call: (broker, { clientId }, { group }) => beat(broker, clientId, { group: { name: group } }) },
  { rpc: 'NotifyClientTermination', makes: [], call: (broker, { clientId }, { group }) => sayGoodbye(broker, clientId, { group: { name: group } }) },
]

/** Sends settings over a stream of its own. */
async function settle(broker: TestBroker, settings: ReturnType<typeof producerOf>): Promise<Answer> {
  const telemetry = await openTelemetry(broker, { clientId: 'settling' })
  const { status } = await telemetry.settle(settings)
  telemetry.cancel()
  return answerOf(status)
}

const settingsUses: readonly Use[] = [
  { rpc: 'settings of a producer', makes: ['topic'], call: (broker, _, { topic }) => settle(broker, producerOf(topic)) },
  { rpc: 'settings of a consumer', makes: ['topic', 'group'], call: (broker, _, { topic, group }) => settle(broker, consumerOf(topic, group)) },
]

describe('topics and groups on first use', () => {
  let names = 0
  const fresh = (): Names => ({ topic: `topic-${++names}`, group: `group-${names}` })

  function withBroker(options: StartBrokerOptions): { readonly broker: TestBroker; readonly client: RawClient } {
    const held: { broker?: TestBroker; client?: RawClient } = {}
    before(async () => {
      held.broker = await startInMemory(options)
      held.client = held.broker.rawClient()
    })
    after(() => held.broker?.close())
    return {
      get broker() {
        return held.broker ?? assert.fail()
      },
      get client() {
        return held.client ?? assert.fail()
      },
    }
  }

  const known = ({ broker }: { readonly broker: TestBroker }, { topic, group }: Names): string[] => {
    const { registry } = broker.broker.context
    return [...(registry.topic(topic) === undefined ? [] : ['topic']), ...(registry.group(group) === undefined ? [] : ['group'])]
  }

  describe('are made, unless that is switched off:', () => {
    const held = withBroker({})
    for (const { rpc, makes, call } of [...uses, ...settingsUses]) {
      it(`${rpc} makes ${makes.length === 0 ? 'neither' : makes.map((one) => `the ${one}`).join(' and ')}`, async () => {
        const used = fresh()
        const { code } = await call(held.broker, held.client, used)
        assert.deepEqual(known(held, used), makes)
        if (makes.length > 0) assert.ok(code === 20_000 || code === 40_401, `it answered ${code}`)
      })

      if (makes.includes('topic')) {
        it(`${rpc} makes no topic with a "%", nor tells anybody to`, async () => {
          const used = { ...fresh(), topic: `%DLQ%g-${++names}` }
          const { code, text } = await call(held.broker, held.client, used)
          assert.equal(code, rpc.startsWith('settings') ? 20_000 : 40_402)
          if (code === 40_402) {
            const remedy = 'a "%" is for topics that the broker makes itself, such as the dead-letter topic of a group that there is'
            assert.equal(text, `there is no topic "${used.topic}" on broker feathermq; ${remedy}`)
          }
          assert.ok(!known(held, used).includes('topic'))
        })

        it(`${rpc} makes the dead-letter topic of a group that there is`, async () => {
          const { group } = fresh()
          held.broker.broker.context.registry.useGroup(group)
          const used = { topic: `%DLQ%${group}`, group: fresh().group }
          const { code } = await call(held.broker, held.client, used)
          assert.ok(code === 20_000 || code === 40_401, `it answered ${code}`)
          const { types, queues, origin } = held.broker.broker.context.registry.topic(used.topic) ?? assert.fail()
          assert.deepEqual({ types, queues, origin }, { types: ['NORMAL'], queues: 1, origin: 'dead-letter' })
        })
      }
    }
  })

  describe('are not made where that is switched off:', () => {
    const held = withBroker({ autoCreate: false, topics: { orders: {} }, groups: { billing: {} } })
    for (const { rpc, makes, call } of uses) {
      if (makes.length === 0) continue

      it(`${rpc} answers 40402 for a topic that is not there, and says how to create it`, async () => {
        const used = { topic: fresh().topic, group: 'billing' }
        const { code, text } = await call(held.broker, held.client, used)
        assert.equal(code, 40_402)
        assert.equal(text, `there is no topic "${used.topic}" on broker feathermq; create it: feathermq topic create ${used.topic}`)
        assert.deepEqual(known(held, used), ['group'])
      })

      if (makes.includes('group')) {
        it(`${rpc} answers 40403 for a group that is not there, and says how to create it`, async () => {
          const used = { topic: 'orders', group: fresh().group }
          const { code, text } = await call(held.broker, held.client, used)
          assert.equal(code, 40_403)
          assert.equal(text, `there is no consumer group "${used.group}" on broker feathermq; create it: feathermq group create ${used.group}`)
          assert.deepEqual(known(held, used), ['topic'])
        })
      }

      it(`${rpc} serves those that are there`, async () => {
        const { code } = await call(held.broker, held.client, { topic: 'orders', group: 'billing' })
        assert.ok(code === 20_000 || code === 40_401, `it answered ${code}`)
      })
    }

    it('settings of a consumer end Telemetry for a group that is not there', async () => {
      const telemetry = await openTelemetry(held.broker, { clientId: 'a' })
      telemetry.send({ command: { case: 'settings', value: consumerOf('orders', 'nobody') } })
      assert.equal((await telemetry.end()).code, 'INVALID_ARGUMENT')
    })

    it('a dead-letter topic is made for who asks for it, because nobody else may, but not without its group', async () => {
      const { registry } = held.broker.broker.context
      registry.putGroup('audit', {}, 'admin')
      const [{ call }] = uses
      for (const [topic, code] of [
        ['%DLQ%audit', 20_000],
        ['%DLQ%nobody', 40_402],
      ] as const) {
        assert.equal((await call(held.broker, held.client, { topic, group: 'billing' })).code, code)
        assert.equal(registry.topic(topic) !== undefined, code === 20_000)
      }
    })

    it('the dead-letter topic is made all the same, because nobody else may', async () => {
      await held.client.receive('orders', 'billing')
      const { receiptHandle } = await leased(held.client, 'orders', 'billing')
      assert.equal((await forward(held.client, { ...resources({ topic: 'orders', group: 'billing' }), receiptHandle })).code, 20_000)
      assert.equal(held.broker.broker.context.registry.topic('%DLQ%billing')?.origin, 'dead-letter')
    })
  })
})
