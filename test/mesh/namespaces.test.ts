import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import { encodeReceiveMessageRequest, encodeSendMessageRequest } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { besideControl } from './support/beside-control.ts'
import { twoClusters } from './support/mesh.ts'

const guarded: MeshConfig = {
  ...twoClusters,
  name: 'namespaces',
  routes: [{ name: 'eu', when: { topic: 'eu%*' }, cluster: 'west' }],
  acl: {
    default: 'deny',
    rules: [
      { name: 'no-eu-secrets', effect: 'deny', when: { topic: 'eu%secrets' } },
      { name: 'no-payments', effect: 'deny', when: { topic: ['payments', '*%payments'] } },
      { name: 'orders', effect: 'allow', when: { op: ['send', 'receive'], topic: ['orders', 'secrets', 'eu%*'] } },
    ],
  },
}

interface Named {
  readonly namespace: string
  readonly topic: string
}

const send = (...topics: Named[]) =>
  frame(
    encodeSendMessageRequest({
      messages: topics.map(({ namespace, topic }) => ({
        topic: { resourceNamespace: namespace, name: topic },
        systemProperties: { messageId: '01' },
        body: Buffer.from('hello'),
      })),
    }),
  )
const receive = ({ namespace, topic }: Named) =>
  frame(
    encodeReceiveMessageRequest({
      group: { resourceNamespace: namespace, name: 'billing' },
      messageQueue: { topic: { resourceNamespace: namespace, name: topic }, id: 1, broker: { name: 'b' } },
    }),
  )

describe('topics in namespaces, in a real Envoy with the filter', () => {
  const { mesh, control } = besideControl(guarded, { version: 1, name: 'control', mode: 'observe', clusters: { default: 'east', allow: ['east'] } })

  const cases: readonly (readonly [namespace: string, topic: string, outcome: string])[] = [
    ['', 'orders', 'east'],
    ['eu', 'orders', 'west'],
    ['', 'eu%orders', 'west'],
    ['us', 'orders', 'acl/default'],
    ['', 'secrets', 'east'],
    ['eu', 'secrets', 'acl/no-eu-secrets'],
    ['', 'eu%secrets', 'acl/no-eu-secrets'],
    ['', 'payments', 'acl/no-payments'],
    ['eu', 'payments', 'acl/no-payments'],
    ['', 'eu%payments', 'acl/no-payments'],
  ]
  for (const [namespace, topic, outcome] of cases) {
    const isPlace = outcome === 'east' || outcome === 'west'
    const spelled = namespace === '' ? topic : `${topic} in ${namespace}`
    it(`${spelled} ${isPlace ? `goes to ${outcome}` : `is refused by ${outcome}`}, and gets to the broker without the filter's rules`, async () => {
      for (const [method, bytes] of [
        ['SendMessage', send({ namespace, topic })],
        ['ReceiveMessage', receive({ namespace, topic })],
      ] as const) {
        mesh().reset()
        const end = await mesh().client.call(method, bytes)
        if (isPlace) {
          assert.equal(end.status, 0, end.message)
          assert.deepEqual(
            mesh()
              .broker(outcome)
              .calls.map((call) => call.bytes.equals(bytes)),
            [true],
          )
          assert.equal(mesh().broker(outcome).calls[0]?.fact('topic'), topic)
        } else {
          assert.equal(end.status, 7)
          assert.ok(end.message.startsWith(`mesh: ${outcome}`), end.message)
          for (const name of ['east', 'west'])
            assert.equal(
              mesh()
                .broker(name)
                .calls.filter(({ isComplete }) => isComplete).length,
              0,
            )
        }
        assert.equal((await control().client.call(method, bytes)).status, 0)
      }
      assert.equal(control().broker('east').calls.length, 2)
    })
  }

  it('a later message of a batch leads nowhere by its namespace', async () => {
    const end = await mesh().client.call('SendMessage', send({ namespace: '', topic: 'secrets' }, { namespace: 'eu', topic: 'secrets' }))
    assert.equal(end.status, 7)
    assert.ok(end.message.startsWith('mesh: acl/no-eu-secrets'), end.message)
    assert.equal(
      mesh()
        .broker('east')
        .calls.filter(({ isComplete }) => isComplete).length,
      0,
    )
  })
})
