import { strict as assert } from 'node:assert'
import type { FilterExpressionInit, SettingsInit, TelemetryCommand, TelemetryCommandInit } from '@feathermq/protocol'
import { encodeTelemetryCommand, headerNames } from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { TestBroker } from '../testing/start-broker.ts'
import { answerOf, field, startInMemory, until } from './test-kit/calls.ts'
import { consumerOf, openTelemetry, producerOf, TelemetryStream } from './test-kit/telemetry.ts'

/** The subscription half of settings that the broker sent. */
function subscriptionOf({ command }: TelemetryCommand) {
  assert.ok(command?.case === 'settings' && command.value.pubSub?.case === 'subscription')
  return command.value.pubSub.value
}

function maxAttemptsOf({ command }: TelemetryCommand): number | undefined {
  return command?.case === 'settings' ? command.value.backoffPolicy?.maxAttempts : undefined
}

describe('Telemetry', () => {
  let broker: TestBroker
  let names = 0
  before(async () => {
    broker = await startInMemory({ groups: { ordered: { ordered: true }, unordered: {} } })
  })
  after(() => broker.close())

  const fresh = (what: string) => `${what}-${++names}`
  const registry = () => broker.broker.context.registry
  const open = (clientId = fresh('client')) => openTelemetry(broker, { clientId })

  it('answers settings with OK and what the broker makes of them', async () => {
    const stream = await open()
    const command = await stream.settle(producerOf('orders'))
    assert.deepEqual(answerOf(command.status), { code: 20_000, text: 'OK' })
    assert.equal(command.command?.case, 'settings')
  })

  it('answers settings each time that they are sent, with what is true by then', async () => {
    const group = fresh('group')
    const stream = await open()
    assert.equal(maxAttemptsOf(await stream.settle(consumerOf('orders', group))), 17)
    assert.deepEqual(subscriptionOf(await stream.settle(consumerOf('payments', group))).subscriptions[0]?.topic?.name, 'payments')
    assert.equal(stream.commands.length, 0)
  })

  it('takes clients of any language', async () => {
    for (const language of ['KLINGON', '', 'node js']) {
      const stream = await openTelemetry(broker, { clientId: fresh('client'), headers: [[headerNames.language, language]] })
      assert.equal(answerOf((await stream.settle(consumerOf('orders', 'unordered'))).status).code, 20_000)
    }
  })

  it('makes the topics and the group that settings name', async () => {
    const [topic, other, group] = [fresh('topic'), fresh('topic'), fresh('group')]
    const stream = await open()
    await stream.settle(producerOf(topic))
    await stream.settle(consumerOf(other, group))
    assert.deepEqual([registry().topic(topic)?.origin, registry().topic(other)?.origin], ['first-use', 'first-use'])
    assert.equal(registry().group(group)?.origin, 'first-use')
  })

  it('minds no topic that neither exists nor may be made', async () => {
    await using strict = await startInMemory({ autoCreate: false, groups: { billing: {} } })
    const stream = await openTelemetry(strict, { clientId: 'a' })
    assert.equal(answerOf((await stream.settle(consumerOf('orders', 'billing'))).status).code, 20_000)
    assert.equal(answerOf((await stream.settle(producerOf('orders', '%DLQ%nobody'))).status).code, 20_000)
    assert.deepEqual(strict.broker.context.registry.topics(), [])
  })

  it('minds no answers to commands that it never gave', async () => {
    const stream = await open()
    const answers: readonly TelemetryCommandInit[] = [
      { command: { case: 'threadStackTrace', value: { nonce: 'n', threadStackTrace: 'main' } } },
      { command: { case: 'verifyMessageResult', value: { nonce: 'n' } } },
      {},
    ]
    for (const answer of answers) stream.send(answer)
    assert.equal(answerOf((await stream.settle(producerOf('orders'))).status).code, 20_000)
    assert.equal(stream.commands.length, 0)
  })

  describe('says beside the settings what is wrong with a filter,', () => {
    const rows: readonly (readonly [what: string, expression: FilterExpressionInit, text: RegExp])[] = [
      [
        'in SQL, with the place',
        { type: 'SQL', expression: 'amount >\n> 100' },
        /^topic "orders": the SQL filter is wrong at line 2, column 1: expected .* found ">"$/,
      ],
      ['in SQL that is empty', { type: 'SQL', expression: '' }, /^topic "orders": .* it is empty/],
      ['of tags that names none', { type: 'TAG', expression: '||' }, /^topic "orders": the filter "\|\|" names no tag$/],
      ['of no known type', { type: 9, expression: 'a' }, /^topic "orders": there is no filter type 9$/],
    ]
    for (const [what, expression, text] of rows) {
      it(`one ${what}`, async () => {
        const stream = await open()
        const wrong = await stream.settle(consumerOf('orders', fresh('group'), {}, expression))
        assert.equal(answerOf(wrong.status).code, 40_010)
        assert.match(answerOf(wrong.status).text, text)
        assert.deepEqual(subscriptionOf(wrong).subscriptions[0]?.expression, expression)

        const mended = await stream.settle(consumerOf('orders', fresh('group'), {}, { type: 'SQL', expression: 'amount > 100' }))
        assert.deepEqual(answerOf(mended.status), { code: 20_000, text: 'OK' })
      })
    }

    it('also when the settings are pushed again', async () => {
      const group = fresh('group')
      const member = await open()
      await member.settle(consumerOf('orders', group, {}, { type: 'SQL', expression: '(' }))
      registry().putGroup(group, { maxAttempts: 5 }, 'admin')
      assert.equal(answerOf((await member.next()).status).code, 40_010)
    })
  })

  describe('negotiates order', () => {
    const fifoOf = async (group: string, fifo?: boolean) => {
      const stream = await open()
      return subscriptionOf(await stream.settle(consumerOf('orders', group, fifo === undefined ? {} : { fifo }))).fifo
    }

    it('a group that is made for a consumer that wants order is ordered', async () => {
      const group = fresh('group')
      assert.equal(await fifoOf(group, true), true)
      assert.equal(registry().group(group)?.ordered, true)
    })

    it('a group that is made for one that does not is not', async () => {
      for (const fifo of [false, undefined]) {
        const group = fresh('group')
        assert.equal(await fifoOf(group, fifo), false)
        assert.equal(registry().group(group)?.ordered, false)
      }
    })

    it('a group that exists stays what it is, and every consumer is told', async () => {
      for (const fifo of [true, false, undefined]) {
        assert.equal(await fifoOf('ordered', fifo), true)
        assert.equal(await fifoOf('unordered', fifo), false)
      }
    })
  })

  describe('pushes settings', () => {
    it('to every connected consumer of a group that changes, with its new policy, and to nobody else', async () => {
      const [group, other] = [fresh('group'), fresh('group')]
      const members = [await open(), await open()]
      const strangers = [await open(), await open(), await open()]
      for (const member of members) await member.settle(consumerOf('orders', group))
      await strangers[0]?.settle(consumerOf('orders', other))
      await strangers[1]?.settle(producerOf('orders'))

      registry().putGroup(group, { maxAttempts: 5, retry: { kind: 'exponential', initial: 500, max: 60_000, multiplier: 3 } }, 'admin')
      for (const member of members) {
        const { status, command } = await member.next()
        assert.equal(answerOf(status).code, 20_000)
        assert.deepEqual(command?.case === 'settings' && command.value.backoffPolicy, {
          maxAttempts: 5,
          strategy: {
            case: 'exponentialBackoff',
            value: { initial: { seconds: 0, nanos: 5e8 }, max: { seconds: 60, nanos: 0 }, multiplier: 3 },
          },
        })
      }
      await broker.clock.advance(0)
      assert.deepEqual(
        strangers.map(({ commands }) => commands.length),
        [0, 0, 0],
      )
    })

    it('merged from the last change of each part', async () => {
      const group = fresh('group')
      const member = await open()
      await member.settle(consumerOf('orders', group))
      registry().putGroup(group, { retry: { kind: 'customized', next: [1_000, 2_500] } }, 'admin')
      await member.next()
      registry().putGroup(group, { maxAttempts: 3 }, 'admin')
      const { command } = await member.next()
      assert.deepEqual(command?.case === 'settings' && command.value.backoffPolicy, {
        maxAttempts: 3,
        strategy: {
          case: 'customizedBackoff',
          value: {
            next: [
              { seconds: 1, nanos: 0 },
              { seconds: 2, nanos: 5e8 },
            ],
          },
        },
      })
    })

    it('to a consumer that came back, but not over the stream that it left', async () => {
      const group = fresh('group')
      const clientId = fresh('client')
      const left = await open(clientId)
      await left.settle(consumerOf('orders', group))
      left.cancel()
      await until(() => broker.broker.context.clients.get(clientId)?.liveness.name === 'lost', 'the stream is lost')
      registry().putGroup(group, { maxAttempts: 5 }, 'admin')
      const back = await open(clientId)
      assert.equal(maxAttemptsOf(await back.settle(consumerOf('orders', group))), 5)
      registry().putGroup(group, { maxAttempts: 6 }, 'admin')
      assert.equal(maxAttemptsOf(await back.next()), 6)
      assert.equal(left.commands.length, 0)
    })
  })

  describe('ends', () => {
    it('with OK when the client half-closes, which is lost from then on', async () => {
      const clientId = fresh('client')
      const stream = await open(clientId)
      await stream.settle(producerOf('orders'))
      stream.halfClose()
      assert.equal((await stream.end()).code, 'OK')
      assert.equal(broker.broker.context.clients.get(clientId)?.liveness.name, 'lost')
    })

    it('when the same client opens another, which goes on', async () => {
      const clientId = fresh('client')
      const first = await open(clientId)
      const second = await open(clientId)
      assert.equal((await first.end()).code, 'OK')
      assert.equal(answerOf((await second.settle(producerOf('orders'))).status).code, 20_000)
      assert.equal(broker.broker.context.clients.get(clientId)?.liveness.name, 'connected')
    })

    it('when the broker stops', async () => {
      await using stopping = await startInMemory()
      const stream = await openTelemetry(stopping, { clientId: 'a' })
      await stopping.broker.stop()
      assert.equal((await stream.end()).code, 'OK')
    })

    it('after one status for a client without an id', async () => {
      const stream = new TelemetryStream(broker, { clientId: '' })
      assert.equal((await stream.end()).code, 'OK')
      assert.deepEqual(
        stream.commands.map(({ status, command }) => [answerOf(status).code, command]),
        [[40_017, undefined]],
      )
    })

    const withType = (clientType: NonNullable<SettingsInit['clientType']>): Uint8Array =>
      encodeTelemetryCommand({ command: { case: 'settings', value: { ...consumerOf('orders', 'unordered'), clientType } } })
    const settings = (value: SettingsInit): Uint8Array => encodeTelemetryCommand({ command: { case: 'settings', value } })
    const failures: readonly (readonly [what: string, bytes: Uint8Array, code: string, text: RegExp])[] = [
      ['settings without publishing or subscription', settings({ clientType: 'PRODUCER' }), 'INVALID_ARGUMENT', /no publishing or subscription data/],
      ['a consumer without a group', settings({ ...consumerOf('orders', '') }), 'INVALID_ARGUMENT', /telemetryCommand failed.*group is blank/],
      ['a group that is not legal', settings(consumerOf('orders', 'a b')), 'INVALID_ARGUMENT', /telemetryCommand failed.*"a b"/],
      ['a topic to consume that is not legal', settings(consumerOf('a b', 'unordered')), 'INVALID_ARGUMENT', /telemetryCommand failed.*"a b"/],
      ['a topic to send to that is not legal', settings(producerOf('orders', 'TBW102')), 'INVALID_ARGUMENT', /telemetryCommand failed.*system topic/],
      ['a consumer that pulls', withType('PULL_CONSUMER'), 'INTERNAL', /Client type is not consumer, type: PULL_CONSUMER/],
      ['a consumer of lite topics', withType('LITE_PUSH_CONSUMER'), 'INTERNAL', /type: LITE_PUSH_CONSUMER/],
      ['a consumer that calls itself a producer', withType('PRODUCER'), 'INTERNAL', /type: PRODUCER/],
      ['a consumer of no type', withType('CLIENT_TYPE_UNSPECIFIED'), 'INTERNAL', /type: CLIENT_TYPE_UNSPECIFIED/],
      ['text that is no UTF-8', field(0x1a, field(0x0a, field(0x12, Uint8Array.of(0xff)))), 'INVALID_ARGUMENT', /no UTF-8/],
      ['what is no protobuf', Buffer.from('not protobuf'), 'INTERNAL', /no valid protobuf/],
    ]
    for (const [what, bytes, code, text] of failures) {
      it(`with ${code} for ${what}`, async () => {
        const clientId = fresh('client')
        const stream = await open(clientId)
        stream.sendBytes(bytes)
        const ended = await stream.end()
        assert.equal(ended.code, code, ended.message)
        assert.match(ended.message, text)
        assert.equal(stream.commands.length, 0)
        const client = broker.broker.context.clients.get(clientId)
        assert.equal(client?.settings, undefined)
        assert.equal(client?.liveness.name, 'lost', 'the stream that ended still counts as a sign of life')
      })
    }

    it('with INVALID_ARGUMENT for a group that neither exists nor may be made', async () => {
      await using strict = await startInMemory({ autoCreate: false })
      const stream = await openTelemetry(strict, { clientId: 'a' })
      stream.send({ command: { case: 'settings', value: consumerOf('orders', 'billing') } })
      const { code, message } = await stream.end()
      assert.equal(code, 'INVALID_ARGUMENT')
      assert.match(message, /no consumer group "billing".*feathermq group create billing/)
    })
  })
})
