import type { MeshConfig } from '@feathermq/mesh-filter'
import {
  encodeAckMessageRequest,
  encodeHeartbeatRequest,
  encodeQueryRouteRequest,
  encodeReceiveMessageRequest,
  encodeSendMessageRequest,
  encodeTelemetryCommand,
} from '@feathermq/protocol'
import fc from 'fast-check'
import { frame } from '../../support/filter/frames.ts'
import type { ModelCall, ModelMessage } from './decision-model.ts'

// Few names, so that rules and calls meet often.
const topics = ['orders', 'orders-eu', 'payments', 'audit'] as const
/** As servers name topics that take namespaces for part of the name. */
const fullTopics = ['eu%orders', 'eu%audit'] as const
const namespaces = ['', '', 'eu', 'us'] as const
const groups = ['billing', 'audit', 'lab'] as const
const tags = ['created', 'paid', 'ä%'] as const
const messageGroups = ['gold-1', 'gold-2', 'tin'] as const
const brokers = ['east-a', 'east-b', 'west-a'] as const
const clients = ['client-1', 'client 2'] as const
export const peers = ['', 'spiffe://prod/ns/billing/a', 'spiffe://prod/ns/lab/b'] as const
const clusters = ['east', 'west', 'bulk'] as const
const properties = ['tenant', 'region', 'x'] as const

const patterns = (names: readonly string[]) => {
  const one = fc.oneof(
    fc.constantFrom(...names),
    fc.constantFrom(...names).map((name) => `${name.slice(0, 3)}*`),
    fc.constant('*'),
  )
  return fc.oneof(one, fc.uniqueArray(one, { minLength: 1, maxLength: 3 }))
}
/** There in so many of a hundred cases. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, percent = 75) =>
  fc.oneof({ weight: percent, arbitrary }, { weight: 100 - percent, arbitrary: fc.constant(undefined) })
const heldOps = ['send', 'receive', 'ack', 'route'] as const

const when = (ops: readonly string[], identity: boolean) =>
  fc
    .record({
      op: maybe(patterns(ops), 50),
      topic: maybe(patterns([...topics, ...fullTopics]), 50),
      group: maybe(patterns([...groups, 'eu%lab']), 33),
      tag: maybe(patterns(tags), 23),
      messageGroup: maybe(patterns(messageGroups), 23),
      broker: maybe(patterns(brokers), 23),
      peer: identity ? maybe(patterns(peers.slice(1)), 23) : fc.constant(undefined),
    })
    // The wildcard of `op` may stand for nothing but calls that are never held.
    .map(({ op, ...facts }) => ({ ...facts, ...(op === undefined ? {} : { op }) }))

const named = <T extends object>(rule: fc.Arbitrary<T>, maxLength: number) =>
  fc.array(rule, { maxLength }).map((rules) => rules.map((one, index) => ({ ...one, name: `rule-${index}` })))

const aclRule = fc.record({
  effect: fc.constantFrom('deny' as const, 'allow' as const),
  when: when([...heldOps, 'heartbeat', 'telemetry'], true),
  unless: maybe(when(heldOps, true), 50),
  shadow: fc.boolean(),
})
const policyRule = fc.record({
  when: when(heldOps, true),
  unless: maybe(when(heldOps, true), 33),
  shadow: fc.boolean(),
  maxBodyBytes: maybe(fc.constantFrom(0, 10, 300), 50),
  maxProperties: maybe(fc.constantFrom(0, 1, 2), 33),
  maxKeys: maybe(fc.constantFrom(0, 1, 2), 33),
  tags: maybe(patterns(tags), 33),
  maxDelay: maybe(fc.constantFrom('1h', '1d'), 33),
  requireProperties: maybe(fc.uniqueArray(fc.constantFrom(...properties), { minLength: 1, maxLength: 2 }), 33),
})
const route = fc
  .record({
    when: when(heldOps, true),
    unless: maybe(when(heldOps, true), 33),
    cluster: fc.constantFrom(...clusters),
    split: maybe(fc.dictionary(fc.constantFrom(...clusters), fc.integer({ min: 1, max: 3 }), { minKeys: 1 }), 50),
    sticky: maybe(fc.constantFrom('client' as const, 'messageGroup' as const, 'topic' as const)),
    hash: maybe(fc.constantFrom('client' as const, 'messageGroup' as const, 'topic' as const), 50),
    subset: maybe(fc.constant({ pool: 'bulk', 'zone-1': 'a/b' }), 33),
  })
  .map(({ cluster, split, sticky, ...rest }) => ({ ...rest, ...(split === undefined ? { cluster } : { split, sticky }) }))

/** Sound configurations in which acl, policy, affinity and routes have something to say to each other. */
export const anyConfig: fc.Arbitrary<MeshConfig> = fc
  .record({
    acl: maybe(fc.record({ default: fc.constantFrom('allow' as const, 'deny' as const), rules: named(aclRule, 3) }), 67),
    policy: maybe(named(policyRule, 2), 67),
    affinity: maybe(
      fc.record({
        broker: fc.constantFrom({ 'east-*': 'east', 'west-a': 'west' }, { 'east-a': 'bulk' }, {}),
        client: fc.boolean(),
      }),
      2,
    ),
    routes: maybe(named(route, 3), 80),
    native: fc.boolean(),
  })
  .map(({ native, ...sections }) => ({
    version: 1,
    name: 'any',
    mode: 'route',
    direction: 'gateway',
    clusters: { default: 'east', allow: clusters },
    reject: { style: native ? 'native' : 'plain' },
    ...sections,
  }))

const message: fc.Arbitrary<Omit<ModelMessage, 'topic'>> = fc.record({
  namespace: fc.constantFrom(...namespaces),
  tag: fc.constantFrom('', ...tags),
  messageGroup: fc.constantFrom('', ...messageGroups),
  bodyBytes: fc.constantFrom(0, 1, 10, 11, 300, 301, 900),
  properties: fc.uniqueArray(fc.constantFrom(...properties)),
  keys: fc.integer({ min: 0, max: 3 }),
  delayMs: fc.constantFrom(0, 3_600_000, 3_600_001, 86_400_000, 86_400_001),
})

export const anyCall: fc.Arbitrary<Omit<ModelCall, 'peer'>> = fc
  .record({
    op: fc.constantFrom('send', 'send', 'receive', 'ack', 'route', 'heartbeat', 'telemetry'),
    topic: fc.constantFrom(...topics),
    group: fc.constantFrom(...groups),
    topicNamespace: fc.constantFrom(...namespaces),
    groupNamespace: fc.constantFrom(...namespaces),
    brokers: fc.array(fc.constantFrom(...brokers), { minLength: 1, maxLength: 3 }),
    client: fc.constantFrom('', ...clients),
    messages: fc.array(message, { minLength: 1, maxLength: 3 }),
    topics: fc.uniqueArray(fc.constantFrom(...topics), { maxLength: 3 }),
  })
  .map((call) => {
    const messages = call.messages.map((each) => ({ ...each, topic: call.topic }))
    const base = { ...call, messages, topics: [], brokers: [] }
    if (call.op === 'send') return { ...base, group: '' }
    if (call.op === 'receive') return { ...base, brokers: call.brokers.slice(0, 1) }
    if (call.op === 'ack') return { ...base, brokers: call.brokers }
    if (call.op === 'route') return { ...base, group: '' }
    if (call.op === 'heartbeat') return { ...base, topic: '' }
    return { ...base, topic: '', topics: call.topics }
  })

export const methods: Readonly<Record<ModelCall['op'], string>> = {
  send: 'SendMessage',
  receive: 'ReceiveMessage',
  ack: 'AckMessage',
  route: 'QueryRoute',
  heartbeat: 'Heartbeat',
  telemetry: 'Telemetry',
}

/** The request that says what the call says. `nowMs`: the host's clock. */
export function requestOf(call: Omit<ModelCall, 'peer'>, nowMs: number): Buffer {
  const topic = { resourceNamespace: call.topicNamespace, name: call.topic }
  const group = { resourceNamespace: call.groupNamespace, name: call.group }
  switch (call.op) {
    case 'send':
      return frame(
        encodeSendMessageRequest({
          messages: call.messages.map((each) => ({
            topic: { resourceNamespace: each.namespace, name: call.topic },
            userProperties: new Map(each.properties.map((name) => [name, 'a value'])),
            systemProperties: {
              messageId: '01',
              keys: Array.from({ length: each.keys }, (_, index) => `key-${index}`),
              ...(each.tag === '' ? {} : { tag: each.tag }),
              ...(each.messageGroup === '' ? {} : { messageGroup: each.messageGroup }),
              ...(each.delayMs === 0 ? {} : { deliveryTimestamp: stamp(nowMs + each.delayMs) }),
            },
            body: Buffer.alloc(each.bodyBytes, 'b'),
          })),
        }),
      )
    case 'receive':
      return frame(encodeReceiveMessageRequest({ group, messageQueue: { topic, id: 1, broker: { name: call.brokers[0] ?? '' } } }))
    case 'ack':
      return frame(
        encodeAckMessageRequest({
          group,
          topic,
          entries: call.brokers.map((name) => ({ messageId: '01', receiptHandle: `0 1700000000000 30000 0 0 ${name} 2 33 44` })),
        }),
      )
    case 'route':
      return frame(encodeQueryRouteRequest({ topic }))
    case 'heartbeat':
      return frame(encodeHeartbeatRequest({ group, clientType: 'PUSH_CONSUMER' }))
    case 'telemetry':
      return frame(
        encodeTelemetryCommand({
          command: {
            case: 'settings',
            value: { pubSub: { case: 'subscription', value: { group, subscriptions: call.topics.map((name) => ({ topic: { ...topic, name } })) } } },
          },
        }),
      )
  }
}

function stamp(ms: number) {
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 }
}
