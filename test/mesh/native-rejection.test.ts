import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import { decodeReceiveMessageResponse, decodeSendMessageResponse } from '@feathermq/protocol'
import { after, before, beforeEach, describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { delimited } from '../support/filter/wire.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'
import { freePort } from './support/free-port.ts'
import { type Mesh, startMesh, twoClusters } from './support/mesh.ts'

/** Refuses calls that cannot be read, which needs no rule: a request is easily made unreadable. */
const refusing: MeshConfig = { ...twoClusters, hold: { maxBytes: 2000 }, reject: { style: 'native' } }

/** A send that no filter can read, however long it is. */
function unreadable(bytes = 0): Buffer {
  const request = Buffer.concat([requests.send({ topic: 'payments', body: Buffer.alloc(bytes) })])
  request[0] = 1
  return request
}

const places: readonly (readonly [what: string, place: () => Promise<string>])[] = [
  ['a listener inside of Envoy', async () => 'internal'],
  ['a listener on the loopback, for an Envoy without internal ones', async () => `127.0.0.1:${await freePort()}`],
]
for (const [what, place] of places) {
  describe(`a real Envoy with the filter, refusing as a broker does by ${what}`, () => {
    let mesh: Mesh
    before(async function () {
      const envoy = await requireEnvoy(this)
      mesh = await startMesh(envoy, refusing, { rejectListener: await place() })
    })
    after(() => mesh?.stop())
    beforeEach(() => mesh.reset())

    it('answers with a message of the service, a RocketMQ code and the reason, under gRPC status 0', async () => {
      const end = await mesh.client.call('SendMessage', unreadable())
      assert.equal(end.status, 0, end.message)
      assert.equal(end.headers['content-type'], 'application/grpc')
      assert.equal(end.messages.length, 1)
      const { status } = decodeSendMessageResponse(end.messages[0] ?? Buffer.alloc(0))
      assert.equal(status?.code, 'BAD_REQUEST')
      assert.match(status?.message ?? '', /^mesh: opaque\/compressed: /)
      assert.deepEqual(
        ['east', 'west'].map((name) => mesh.broker(name).calls.length),
        [0, 0],
      )
    })

    it('answers a long poll too, and however much the request still had to say', async () => {
      const poll = requests.receive('orders', 'billing')
      poll[0] = 1
      const received = await mesh.client.call('ReceiveMessage', poll)
      const [message] = received.messages
      assert.ok(message !== undefined, received.message)
      const { content } = decodeReceiveMessageResponse(message)
      assert.equal(content?.case === 'status' ? content.value.code : content?.case, 'BAD_REQUEST')
      for (const bytes of [100_000, 4_000_000]) {
        const end = await mesh.client.call('SendMessage', unreadable(bytes))
        assert.equal(end.status, 0, `${bytes} bytes: ${end.message}`)
        assert.equal(end.messages.length, 1)
      }
    })

    it('tells each of many at once its own answer', async () => {
      const long = frame(Buffer.from([...delimited(15, Buffer.alloc(3000)), ...requests.send({ topic: 'payments' }).subarray(5)]))
      const ends = await within(
        Promise.all(Array.from({ length: 200 }, (_, index) => mesh.client.call('SendMessage', index % 2 === 0 ? unreadable() : long))),
        '200 refusals',
      )
      const reasons = ends.map(({ messages: [message] }) => decodeSendMessageResponse(message ?? Buffer.alloc(0)).status?.message?.split(':')[1])
      assert.deepEqual(
        reasons,
        ends.map((_, index) => (index % 2 === 0 ? ' opaque/compressed' : ' hold/exhausted')),
      )
    })

    it('counts a refusal by its code, and shows the code to the access log, where a gRPC status would be a success', async () => {
      const before = await mesh.metrics()
      await mesh.client.call('SendMessage', unreadable())
      const after = await mesh.metrics()
      const refused = (metrics: typeof before) => metrics.calls.filter(({ code }) => code === '40000').reduce((sum, { count }) => sum + count, 0)
      assert.equal(refused(after) - refused(before), 1)
      await mesh.stop()
      const lines = mesh.envoy.output().trim().split('\n')
      const last: { code?: string; cluster?: string } = JSON.parse(lines.at(-1) ?? '{}')
      assert.equal(last.code, '40000')
      assert.equal(last.cluster, 'fmq_reject')
    })
  })
}

describe('a refusal', () => {
  async function refusalOf(context: Mocha.Context, reject: MeshConfig['reject'], path = 'SendMessage') {
    const mesh = await startMesh(await requireEnvoy(context), { ...refusing, reject })
    try {
      return await mesh.client.call(path, unreadable())
    } finally {
      await mesh.stop()
    }
  }

  it('says no more than that it is one when explain is off', async function () {
    const end = await refusalOf(this, { style: 'native', explain: false })
    assert.equal(decodeSendMessageResponse(end.messages[0] ?? Buffer.alloc(0)).status?.message, 'mesh: refused')
  })

  it('is a gRPC status when the style is plain', async function () {
    const end = await refusalOf(this, { style: 'plain' })
    assert.equal(end.status, 7)
    assert.match(end.message, /^mesh: opaque\/compressed: /)
  })

  it('says as little in the plain style when explain is off', async function () {
    const end = await refusalOf(this, { style: 'plain', explain: false })
    assert.equal(end.status, 7)
    assert.equal(end.message, 'mesh: refused')
  })
})
