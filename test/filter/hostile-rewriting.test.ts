import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import type { HeaderList } from '@feathermq/mesh-filter/host'
import {
  decodeSendMessageRequest,
  encodeQueryAssignmentResponse,
  encodeQueryRouteResponse,
  encodeReceiveMessageResponse,
  encodeTelemetryCommand,
} from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { isLong, Random, givenSeed as seed } from '../support/random.ts'
import { callHeaders, startFilter } from './support/filter.ts'
import { cutAnywhere, damaged, oddRequests } from './support/odd-calls.ts'

const count = isLong ? 1_000_000 : 40_000
const context = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Every section that changes bytes, and those that keep something in shared data or metrics. */
const everything: Partial<MeshConfig> = {
  opaque: 'default',
  hold: { maxBytes: 200, onExhausted: 'default' },
  limits: [
    { name: 'l', when: {}, per: ['client', 'topic', 'group'], messages: { rate: 5, burst: 5 }, bytes: { rate: 1, burst: 1 }, keys: 40, shadow: true },
  ],
  lanes: { from: ['header:x-lane', 'baggage:lane'], filter: 'sql' },
  endpoints: [{ broker: 'a*', to: 'requested' }, { to: 'mesh.internal:7000' }],
  trace: { maxBufferBytes: 1024 },
  metrics: { topics: 5, groups: 5, series: 50, histograms: { by: ['topic', 'op', 'group'], series: 10 } },
}

const endpoints = { scheme: 'IPv4' as const, addresses: [{ host: '10.0.0.1', port: 8081 }] }
const queue = { topic: { name: 'orders' }, id: 1, broker: { name: 'a', id: 0, endpoints } }
const message = (body: number, traceContext?: string) =>
  encodeReceiveMessageResponse({
    content: {
      case: 'message',
      value: {
        topic: { name: 'orders' },
        userProperties: new Map([['traceparent', 'x']]),
        systemProperties: {
          messageId: '1',
          ...(traceContext === undefined ? {} : { traceContext }),
          bornTimestamp: { seconds: 1, nanos: 2 },
          deliveryAttempt: 2,
        },
        body: Buffer.alloc(body),
      },
    },
  })
/** Answers by the call that they are to. */
const answers: readonly (readonly [method: string, request: Buffer, answer: Buffer])[] = [
  ['QueryRoute', requests.route('orders'), frame(encodeQueryRouteResponse({ status: { code: 'OK', message: '' }, messageQueues: [queue, queue] }))],
  ['QueryAssignment', requests.route('orders'), frame(encodeQueryAssignmentResponse({ assignments: [{ messageQueue: queue }] }))],
  ['ReceiveMessage', requests.receive('orders', 'g'), Buffer.concat([frame(message(3, context)), frame(message(2000, context)), frame(message(0))])],
  [
    'Telemetry',
    requests.settings('g'),
    Buffer.concat(
      [1, 2].map(() =>
        frame(
          encodeTelemetryCommand({
            command: {
              case: 'settings',
              value: {
                accessPoint: endpoints,
                metric: { on: true, endpoints },
                pubSub: { case: 'subscription', value: { group: { name: 'g-lane-blue' } } },
              },
            },
          }),
        ),
      ),
    ),
  ],
]

const callers: readonly HeaderList[] = [
  [],
  [['traceparent', context]],
  [
    ['traceparent', context],
    ['x-lane', 'blue'],
    ['tracestate', 'x'.repeat(600)],
  ],
  [['baggage', ',,lane=;=,lane= green']],
]

/** The request is one frame that a decoder takes. */
function isReadable(request: Buffer): boolean {
  if (request.length < 5 || request.length !== request.readUInt32BE(1) + 5) return false
  try {
    decodeSendMessageRequest(request.subarray(5))
    return true
  } catch {
    return false
  }
}

describe('rewriting under damaged and unusual bytes', () => {
  it(`lets ${count} requests pass (FEATHERMQ_SEED=${seed}), none of which stalls, and changes none that it cannot read`, async () => {
    const { host, vm, plugin } = await startFilter(everything)
    const random = new Random(seed)
    let changed = 0
    let memory = 0
    let index = 0
    for (const { method, bytes } of oddRequests(count, seed, random)) {
      const stream = plugin.request({ headers: callHeaders(method, random.pick([callers[0] ?? [], ...callers])) })
      const pieces = cutAnywhere(bytes, random)
      const about = `request ${index} of seed ${seed}: ${method} ${pieces.map((piece) => Buffer.from(piece).toString('hex')).join('|')}`
      for (const [at, piece] of pieces.entries()) stream.body(piece, at === pieces.length - 1)
      assert.equal(stream.localReply, undefined, about)
      assert.ok(stream.upstream.ended, `${about} stalls`)
      const out = stream.upstream.body()
      if (!out.equals(Buffer.concat(pieces))) {
        changed++
        assert.ok(out.length >= 5 && out[0] === 0, about)
        // What the filter has changed is as readable as it was.
        if (method === 'SendMessage') assert.ok(isReadable(out) || !isReadable(Buffer.concat(pieces)), about)
      }
      stream.reset()
      if (++index === count / 2) memory = vm.memoryBytes
    }
    assert.ok(changed > count / 50, `only ${changed} were changed`)
    assert.equal(vm.memoryBytes, memory)
    assert.deepEqual(host.faults, [])
  }).timeout(isLong ? 3_600_000 : 60_000)

  it(`lets ${count} answers pass, none of which stalls, and keeps its memory`, async () => {
    const { host, vm, plugin } = await startFilter(everything)
    const random = new Random(seed)
    let changed = 0
    let memory = 0
    for (let index = 0; index < count; index++) {
      const [method, request, answer] = answers[random.below(answers.length)] ?? assert.fail()
      const bytes = random.oneIn(3) ? answer : damaged(answer, random)
      const stream = plugin.request({ headers: callHeaders(method, random.pick([callers[0] ?? [], ...callers])) })
      stream.body(request, method !== 'Telemetry')
      stream.response({ headers: [[':status', '200']] })
      for (const piece of cutAnywhere(bytes, random)) stream.responseBody(piece)
      stream.responseTrailers([['grpc-status', '0']])
      const out = stream.client.body()
      const about = `answer ${index} of seed ${seed}: ${method} ${bytes.toString('hex')}`
      assert.ok(stream.client.ended, `${about} stalls`)
      if (!out.equals(bytes)) changed++
      stream.reset()
      if (index === count / 2) memory = vm.memoryBytes
    }
    assert.ok(changed > count / 20, `only ${changed} were changed`)
    assert.equal(vm.memoryBytes, memory)
    assert.deepEqual(host.faults, [])
  }).timeout(isLong ? 3_600_000 : 60_000)
})
