import { strict as assert } from 'node:assert'
import type { Settings, SettingsInit, UAInit } from '@feathermq/protocol'
import { durationFromMs } from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { TestBroker } from '../testing/start-broker.ts'
import { startInMemory } from './test-kit/calls.ts'
import { openTelemetry } from './test-kit/telemetry.ts'

const userAgent: Required<UAInit> = { language: 'JAVA', version: '5.2.0', platform: 'Linux', hostname: 'shop-7' }
const accessPoint = { scheme: 'IPv4', addresses: [{ host: '10.0.0.7', port: 8_081 }] } as const
const seconds = (...values: readonly number[]) => values.map((value) => ({ seconds: value, nanos: 0 }))

/** Eighteen waits, 1 s to 2 h, as a stock group has them. */
const stockSteps = seconds(1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1_200, 1_800, 3_600, 7_200)

describe('settings, as the broker answers them', () => {
  let broker: TestBroker
  let clients = 0
  before(async () => {
    broker = await startInMemory({
      groups: {
        ordered: { ordered: true },
        patient: { maxAttempts: 3, retry: ['1s', '250ms', '1h'] },
        growing: { retry: { initial: '100ms', max: '1m', multiplier: 1.5 } },
      },
    })
  })
  after(() => broker.close())

  async function settle(settings: SettingsInit): Promise<Settings> {
    const stream = await openTelemetry(broker, { clientId: `client-${++clients}` })
    const { command } = await stream.settle(settings)
    stream.cancel()
    return command?.case === 'settings' ? command.value : assert.fail('these are no settings')
  }

  const consumer = (group: string): SettingsInit => ({
    clientType: 'PUSH_CONSUMER',
    pubSub: { case: 'subscription', value: { group: { name: group } } },
  })

  it('of a producer: what it sent, with the policy and the limits of the broker', async () => {
    const topics = [
      { resourceNamespace: 'space', name: 'orders' },
      { resourceNamespace: '', name: 'payments' },
    ]
    const sent: SettingsInit = {
      clientType: 'PRODUCER',
      accessPoint,
      userAgent,
      requestTimeout: durationFromMs(7_500),
      backoffPolicy: { maxAttempts: 9, strategy: { case: 'exponentialBackoff', value: { initial: {}, max: {}, multiplier: 1 } } },
      pubSub: { case: 'publishing', value: { topics, maxBodySize: 1, validateMessageType: false } },
      metric: { on: true },
    }
    assert.deepEqual(await settle(sent), {
      clientType: 'PRODUCER',
      accessPoint,
      userAgent,
      requestTimeout: { seconds: 7, nanos: 5e8 },
      backoffPolicy: {
        maxAttempts: 3,
        strategy: { case: 'exponentialBackoff', value: { initial: { seconds: 0, nanos: 1e7 }, max: { seconds: 1, nanos: 0 }, multiplier: 2 } },
      },
      pubSub: { case: 'publishing', value: { topics, maxBodySize: 4_194_304, validateMessageType: true } },
      metric: { on: false, endpoints: undefined },
      clientProperties: new Map(),
    })
  })

  for (const clientType of ['PUSH_CONSUMER', 'SIMPLE_CONSUMER'] as const) {
    it(`of a ${clientType}: what it sent, with what its group says`, async () => {
      const subscriptions = [
        { topic: { resourceNamespace: '', name: 'orders' }, expression: { type: 'TAG', expression: 'a || b' } },
        { topic: { resourceNamespace: '', name: 'payments' }, expression: { type: 'SQL', expression: 'amount > 100' } },
      ] as const
      const group = { resourceNamespace: 'space', name: 'billing' }
      const sent: SettingsInit = {
        clientType,
        accessPoint,
        userAgent,
        pubSub: { case: 'subscription', value: { group, subscriptions, receiveBatchSize: 7, longPollingTimeout: durationFromMs(5_000) } },
      }
      assert.deepEqual(await settle(sent), {
        clientType,
        accessPoint,
        userAgent,
        requestTimeout: { seconds: 3, nanos: 0 },
        backoffPolicy: { maxAttempts: 17, strategy: { case: 'customizedBackoff', value: { next: stockSteps } } },
        pubSub: {
          case: 'subscription',
          value: {
            group,
            subscriptions,
            fifo: false,
            receiveBatchSize: 32,
            longPollingTimeout: { seconds: 20, nanos: 0 },
            liteSubscriptionQuota: 2_000,
            maxLiteTopicSize: 64,
          },
        },
        metric: { on: false, endpoints: undefined },
        clientProperties: new Map(),
      })
    })
  }

  it('say of an ordered group that it is', async () => {
    const { pubSub } = await settle(consumer('ordered'))
    assert.ok(pubSub?.case === 'subscription')
    assert.equal(pubSub.value.fifo, true)
  })

  it('have a group’s own list of waits', async () => {
    const { backoffPolicy } = await settle(consumer('patient'))
    const next = [...seconds(1), { seconds: 0, nanos: 25e7 }, ...seconds(3_600)]
    assert.deepEqual(backoffPolicy, { maxAttempts: 3, strategy: { case: 'customizedBackoff', value: { next } } })
  })

  it('have a group’s own growing waits', async () => {
    const { backoffPolicy } = await settle(consumer('growing'))
    assert.deepEqual(backoffPolicy, {
      maxAttempts: 17,
      strategy: { case: 'exponentialBackoff', value: { initial: { seconds: 0, nanos: 1e8 }, max: { seconds: 60, nanos: 0 }, multiplier: 1.5 } },
    })
  })
})
