import assert from 'node:assert/strict'
import type { Lanes } from '@feathermq/mesh-filter'
import type { HeaderList, Plugin } from '@feathermq/mesh-filter/host'
import {
  decodeAckMessageRequest,
  decodeChangeInvisibleDurationRequest,
  decodeForwardMessageToDeadLetterQueueRequest,
  decodeHeartbeatRequest,
  decodeNotifyClientTerminationRequest,
  decodePullMessageRequest,
  decodeQueryAssignmentRequest,
  decodeReceiveMessageRequest,
  decodeSendMessageRequest,
  decodeSyncLiteSubscriptionRequest,
  decodeTelemetryCommand,
  encodeAckMessageRequest,
  encodeChangeInvisibleDurationRequest,
  encodeForwardMessageToDeadLetterQueueRequest,
  encodeHeartbeatRequest,
  encodeNotifyClientTerminationRequest,
  encodePullMessageRequest,
  encodeQueryAssignmentRequest,
  encodeReceiveMessageRequest,
  encodeSendMessageRequest,
  encodeSyncLiteSubscriptionRequest,
  encodeTelemetryCommand,
} from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { callHeaders, cut, startFilter, told } from './support/filter.ts'

const lanes: Lanes = { from: ['header:x-lane', 'baggage:lane'], filter: 'sql', topics: ['orders*'] }
const blue: HeaderList = [['x-lane', 'blue']]

async function started(changes: Partial<Lanes> = {}, options = {}) {
  return await startFilter({ lanes: { ...lanes, ...changes } }, options)
}

/** What the broker gets. */
function pass(plugin: Plugin, method: string, request: Uint8Array, headers: HeaderList, ...places: readonly number[]): Buffer {
  const stream = plugin.request({ headers: callHeaders(method, headers) })
  const pieces = cut(request, ...places)
  for (const [index, piece] of pieces.entries()) stream.body(piece, index === pieces.length - 1)
  assert.equal(stream.localReply, undefined, stream.localReply?.body.toString())
  const bytes = stream.upstream.body()
  stream.reset()
  return bytes
}

const sent = (topic: string, properties: Readonly<Record<string, string>> = {}) =>
  frame(
    encodeSendMessageRequest({ messages: [{ topic: { name: topic }, userProperties: new Map(Object.entries(properties)), body: Buffer.from('x') }] }),
  )
const propertiesOf = (bytes: Buffer) => Object.fromEntries(decodeSendMessageRequest(bytes.subarray(5)).messages[0]?.userProperties ?? [])

describe('a message that is sent in a lane', () => {
  it('carries the lane as a property, when its topic has lanes', async () => {
    const { host, plugin } = await started()
    const request = sent('orders', { mine: 'x' })
    for (let place = 1; place < request.length; place++) {
      assert.deepEqual(propertiesOf(pass(plugin, 'SendMessage', request, blue, place)), { fmq_lane: 'blue', mine: 'x' })
    }
    for (const headers of [[], [['x-lane', 'base']], [['x-lane', 'no lane']], [['x-lane', 'x'.repeat(65)]]] satisfies HeaderList[]) {
      assert.ok(pass(plugin, 'SendMessage', request, headers).equals(request))
    }
    assert.equal(host.metrics.counter('fmq.not_rewritten.unfit'), 2)
    assert.ok(pass(plugin, 'SendMessage', sent('others'), blue).equals(sent('others')))
    const marked = sent('orders', { fmq_lane: 'green' })
    assert.ok(pass(plugin, 'SendMessage', marked, blue).equals(marked), 'what the application says counts')
    assert.deepEqual(host.faults, [])
  })

  it('takes it from the first source that names one: a header, the baggage, the metadata of the node', async () => {
    const { plugin } = await started({ from: ['header:x-lane', 'baggage:lane', 'node:lane'] }, { properties: { 'xds.node.metadata.lane': 'here' } })
    const laneOf = (headers: HeaderList) => propertiesOf(pass(plugin, 'SendMessage', sent('orders'), headers))['fmq_lane']
    assert.equal(laneOf([...blue, ['baggage', 'lane=green']]), 'blue')
    assert.equal(laneOf([['baggage', 'a=b, lane = green ;ttl=1,c=d']]), 'green')
    assert.equal(laneOf([['baggage', 'lanes=red,xlane=red']]), 'here')
    assert.equal(laneOf([]), 'here')
  })
})

describe('a consumer in a lane', () => {
  const group = { name: 'audit' }
  const topic = { name: 'orders' }
  const queue = { topic, id: 1 }
  const cases: readonly (readonly [
    method: string,
    request: Uint8Array,
    read: (bytes: Uint8Array) => { readonly group: { readonly name: string } | undefined },
  ])[] = [
    ['ReceiveMessage', encodeReceiveMessageRequest({ group, messageQueue: queue, batchSize: 3 }), decodeReceiveMessageRequest],
    ['AckMessage', encodeAckMessageRequest({ group, topic, entries: [{ messageId: '1', receiptHandle: 'h' }] }), decodeAckMessageRequest],
    ['ChangeInvisibleDuration', encodeChangeInvisibleDurationRequest({ group, topic, receiptHandle: 'h' }), decodeChangeInvisibleDurationRequest],
    [
      'ForwardMessageToDeadLetterQueue',
      encodeForwardMessageToDeadLetterQueueRequest({ group, topic, receiptHandle: 'h' }),
      decodeForwardMessageToDeadLetterQueueRequest,
    ],
    ['QueryAssignment', encodeQueryAssignmentRequest({ group, topic }), decodeQueryAssignmentRequest],
    ['Heartbeat', encodeHeartbeatRequest({ group, clientType: 'PUSH_CONSUMER' }), decodeHeartbeatRequest],
    ['NotifyClientTermination', encodeNotifyClientTerminationRequest({ group }), decodeNotifyClientTerminationRequest],
    ['PullMessage', encodePullMessageRequest({ group, messageQueue: queue, offset: 3n }), decodePullMessageRequest],
    ['SyncLiteSubscription', encodeSyncLiteSubscriptionRequest({ group, topic }), decodeSyncLiteSubscriptionRequest],
  ]
  for (const [method, message, read] of cases) {
    it(`has a group of its own in ${method}, wherever the request is cut`, async () => {
      const { host, plugin } = await started()
      const request = frame(message)
      for (let place = 1; place < request.length; place++) {
        assert.equal(read(pass(plugin, method, request, blue, place).subarray(5)).group?.name, 'audit-lane-blue', `cut at ${place}`)
      }
      assert.equal(read(pass(plugin, method, request, []).subarray(5)).group?.name, 'audit')
      assert.deepEqual(host.faults, [])
    })
  }

  const filters: readonly (readonly [
    given: { readonly type: 'TAG' | 'SQL'; readonly expression: string } | undefined,
    inLane: string,
    inBase: string,
  ])[] = [
    [undefined, "fmq_lane = 'blue'", "(fmq_lane IS NULL OR fmq_lane = 'base')"],
    [{ type: 'TAG', expression: '*' }, "fmq_lane = 'blue'", "(fmq_lane IS NULL OR fmq_lane = 'base')"],
    [
      { type: 'TAG', expression: "a ||b'c|| " },
      "fmq_lane = 'blue' AND (TAGS IN ('a','b''c'))",
      "(fmq_lane IS NULL OR fmq_lane = 'base') AND (TAGS IN ('a','b''c'))",
    ],
    [
      { type: 'SQL', expression: 'x > 3 OR y IS NULL' },
      "fmq_lane = 'blue' AND (x > 3 OR y IS NULL)",
      "(fmq_lane IS NULL OR fmq_lane = 'base') AND (x > 3 OR y IS NULL)",
    ],
  ]
  it('gets the messages of its lane alone, and one in none those without: whatever it filters by, and only of topics that have lanes', async () => {
    const { host, plugin } = await started()
    const receive = (filterExpression: (typeof filters)[number][0], name: string) =>
      frame(
        encodeReceiveMessageRequest({
          group,
          messageQueue: { topic: { name }, id: 1 },
          ...(filterExpression === undefined ? {} : { filterExpression }),
        }),
      )
    for (const [given, inLane, inBase] of filters) {
      for (const [headers, expression] of [
        [blue, inLane],
        [[], inBase],
      ] as const) {
        const request = receive(given, 'orders')
        for (let place = 1; place < request.length; place += 3) {
          const read = decodeReceiveMessageRequest(pass(plugin, 'ReceiveMessage', request, headers, place).subarray(5))
          assert.deepEqual(read.filterExpression, { type: 'SQL', expression })
        }
      }
      const other = receive(given, 'others')
      assert.ok(pass(plugin, 'ReceiveMessage', other, []).equals(other))
    }
    assert.deepEqual(host.faults, [])
  })

  it('says the same in its settings, and hears of its own group in those that come back', async () => {
    const { host, plugin } = await started()
    const settings = (name: string) =>
      frame(
        encodeTelemetryCommand({
          command: {
            case: 'settings',
            value: {
              pubSub: {
                case: 'subscription',
                value: { group: { name }, subscriptions: [{ topic, expression: { type: 'TAG', expression: 'a' } }, { topic: { name: 'others' } }] },
              },
            },
          },
        }),
      )
    const read = (bytes: Buffer) => {
      const { command } = decodeTelemetryCommand(bytes.subarray(5))
      if (command?.case !== 'settings' || command.value.pubSub?.case !== 'subscription') assert.fail()
      const { group: named, subscriptions } = command.value.pubSub.value
      return [named?.name, ...subscriptions.map(({ expression }) => expression?.expression)]
    }
    const stream = plugin.request({ headers: callHeaders('Telemetry', blue) })
    stream.body(settings('audit'))
    assert.deepEqual(read(stream.upstream.body()), ['audit-lane-blue', "fmq_lane = 'blue' AND (TAGS IN ('a'))", undefined])
    stream.response({ headers: [[':status', '200']] })
    stream.responseBody(settings('audit-lane-blue'))
    assert.deepEqual(read(stream.client.body())[0], 'audit')
    stream.reset()
    assert.deepEqual(host.faults, [])
  })

  it('keeps its group when the name would become too long, and is counted', async () => {
    const { host, plugin } = await started({ groups: { suffix: '_{lane}%x' } })
    const heartbeat = (name: string) => frame(encodeHeartbeatRequest({ group: { name } }))
    const read = (bytes: Buffer) => decodeHeartbeatRequest(bytes.subarray(5)).group?.name
    assert.equal(read(pass(plugin, 'Heartbeat', heartbeat('g'), blue)), 'g_blue%x')
    assert.equal(read(pass(plugin, 'Heartbeat', heartbeat('g'.repeat(248)), blue))?.length, 255)
    const long = heartbeat('g'.repeat(249))
    assert.ok(pass(plugin, 'Heartbeat', long, blue).equals(long))
    assert.equal(host.metrics.counter('fmq.not_rewritten.unfit'), 1)
  })

  it('is judged and counted by the names that the application used', async () => {
    const { host, plugin } = await startFilter({
      lanes,
      acl: { rules: [{ name: 'only', effect: 'deny', when: { group: 'audit-lane-*' } }] },
      direction: 'gateway',
    })
    pass(plugin, 'AckMessage', frame(encodeAckMessageRequest({ group, topic, entries: [] })), blue)
    assert.equal(told(host).counter('fmq.calls.op.ack.topic.orders.group.audit.code.none.end'), 1)
  })
})
