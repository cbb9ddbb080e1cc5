import assert from 'node:assert/strict'
import { decodeSendMessageResponse } from '@feathermq/protocol'
import { after, before, beforeEach, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { requireEnvoy } from './support/envoy.ts'
import { type Answer, ok, unary } from './support/fake-broker.ts'
import { type Mesh, startMesh } from './support/mesh.ts'

/** What a broker that is going away says, without a message. */
const unavailable: Answer = ({ stream }) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' }, { endStream: true })
}

/** RocketMQ's own "too many requests": a message, under gRPC status 0. */
const overloaded = Uint8Array.of(10, 4, 8, 0x94, 0xcf, 2)

/** Fails the first call by `first`, and answers the next ones. */
function onceThenOk(first: Answer): Answer {
  let calls = 0
  return (call) => (calls++ === 0 ? first(call) : unary(ok)(call))
}

describe('a real Envoy with the filter, when a broker fails a call', () => {
  let mesh: Mesh
  before(async function () {
    mesh = await startMesh(await requireEnvoy(this))
  })
  after(() => mesh?.stop())
  beforeEach(() => mesh.reset())

  for (const [method, request] of [
    ['QueryRoute', requests.route('payments')],
    ['Heartbeat', requests.heartbeat('billing')],
  ] as const) {
    it(`asks ${method} again, and the client does not notice`, async () => {
      const broker = mesh.broker(method === 'Heartbeat' ? 'east' : 'west')
      broker.answer = onceThenOk(unavailable)
      const end = await mesh.client.call(method, request)
      assert.equal(end.status, 0, end.message)
      assert.equal(broker.calls.length, 2)
    })
  }

  for (const [method, request] of [
    ['SendMessage', requests.send({ topic: 'payments' })],
    ['ReceiveMessage', requests.receive('payments', 'billing')],
    ['AckMessage', requests.ack('payments', 'billing', 'handle')],
  ] as const) {
    it(`leaves it to the client whether to repeat ${method}`, async () => {
      mesh.broker('west').answer = onceThenOk(unavailable)
      const end = await mesh.client.call(method, request)
      assert.equal(end.status, 14)
      assert.equal(mesh.broker('west').calls.length, 1)
    })
  }

  it('repeats nothing that a broker answered in its own words', async () => {
    mesh.broker('west').answer = unary(overloaded)
    const end = await mesh.client.call('QueryRoute', requests.route('payments'))
    assert.equal(end.status, 0)
    assert.equal(decodeSendMessageResponse(end.messages[0] ?? Buffer.alloc(0)).status?.code, 'TOO_MANY_REQUESTS')
    assert.equal(mesh.broker('west').calls.length, 1)
  })
})
