import assert from 'node:assert/strict'
import type { FilterStream, HeaderList } from '@feathermq/mesh-filter/host'
import { decodeSendMessageResponse } from '@feathermq/protocol'
import { beforeEach, describe, it } from 'mocha'
import { messagesOf } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { call, callHeaders, type RunningFilter, startFilter, told } from './support/filter.ts'

const name = 'x'.repeat(64)
const listeners: HeaderList = [
  [':status', '200'],
  ['content-length', '1'],
  ['content-type', 'text/plain'],
]

describe('a call that is refused natively', () => {
  let filter: RunningFilter
  beforeEach(async () => {
    filter = await startFilter({
      acl: { rules: [{ name, effect: 'deny', when: { topic: 'closed' } }] },
      reject: { style: 'native' },
    })
  })
  const refused = (): FilterStream => call(filter.plugin, 'SendMessage', requests.send({ topic: 'closed' }))

  function answerOf(stream: FilterStream) {
    const [message] = messagesOf(stream.client.body())
    const { status } = decodeSendMessageResponse(message ?? assert.fail('no message'))
    return { code: status?.code, text: status?.message, type: stream.client.header('content-type'), length: stream.client.header('content-length') }
  }

  it('goes on under x-fmq-reject, as something that is no gRPC, and knows its code at once', () => {
    const stream = refused()
    assert.equal(stream.localReply, undefined)
    assert.equal(stream.upstream.header('x-fmq-reject'), '40300')
    assert.equal(stream.upstream.header('content-type'), 'application/octet-stream')
    assert.equal(stream.filterState.get('fmq.code'), '40300')
    assert.equal(stream.filterState.get('fmq.rule'), `acl/${name}`)
    stream.reset()
    assert.deepEqual(filter.host.faults, [])
  })

  it('takes no cluster along that its client has asked for', () => {
    const stream = filter.plugin.request({ headers: callHeaders('SendMessage', [['x-fmq-cluster', 'forged']]) })
    stream.body(requests.send({ topic: 'closed' }), true)
    assert.equal(stream.upstream.header('x-fmq-reject'), '40300')
    assert.equal(stream.upstream.header('x-fmq-cluster'), undefined)
  })

  for (const [what, chunks] of [
    ['in one piece', [['-', true]]],
    [
      'with an empty end',
      [
        ['-', false],
        ['', true],
      ],
    ],
    [
      'in several pieces',
      [
        ['-', false],
        ['--', false],
        ['', false],
        ['-', true],
      ],
    ],
  ] as const) {
    it(`gets an answer of the service in place of what the listener says ${what}`, () => {
      const stream = refused()
      stream.response({ headers: listeners })
      for (const [text, end] of chunks) stream.responseBody(Buffer.from(text), end)
      const { code, text, type, length } = answerOf(stream)
      assert.deepEqual([code, type, length], ['FORBIDDEN', 'application/grpc', undefined])
      assert.match(text ?? '', new RegExp(`^mesh: acl/${name}: `))
      assert.deepEqual(stream.client.trailers, [['grpc-status', '0']])
      stream.end()
      assert.deepEqual(filter.host.faults, [])
    })
  }

  it('keeps an answer of Envoy itself, which has not reached the listener', () => {
    const stream = refused()
    stream.response({
      headers: [
        [':status', '200'],
        ['content-type', 'application/grpc'],
        ['grpc-status', '14'],
      ],
      endStream: true,
    })
    assert.equal(stream.client.header('grpc-status'), '14')
    assert.equal(stream.client.body().length, 0)
    stream.end()
    assert.deepEqual(filter.host.faults, [])
  })

  it('is counted once, by the code that it got', () => {
    const stream = refused()
    stream.response({ headers: listeners })
    stream.responseBody(Buffer.from('-'), true)
    stream.end()
    const counted = [...told(filter.host).counters()].filter(([counter]) => counter.startsWith('fmq.calls'))
    assert.deepEqual(counted, [['fmq.calls.op.send.topic.closed.group.-.code.40300.end', 1]])
  })

  it('takes no more memory after many, answered and given up, than after some', () => {
    const round = () => {
      for (let index = 0; index < 2000; index++) {
        const stream = refused()
        if (index % 2 === 0) {
          stream.response({ headers: listeners })
          stream.responseBody(Buffer.from('-'), true)
          stream.end()
        } else stream.reset()
      }
      return filter.vm.memoryBytes
    }
    const some = round()
    for (let rounds = 0; rounds < 5; rounds++) assert.equal(round(), some)
    assert.deepEqual(filter.host.faults, [])
  })
})

describe('a call of another service', () => {
  it('is refused in the plain way, since nobody knows what its answers look like', async () => {
    const { plugin, host } = await startFilter({
      acl: { rules: [{ name: 'only-messaging', effect: 'deny', when: { op: 'other' } }] },
      reject: { style: 'native' },
    })
    const stream = call(plugin, '/grpc.health.v1.Health/Check', Buffer.from([0, 0, 0, 0, 0]))
    assert.equal(stream.localReply?.httpStatus, 403)
    assert.equal(stream.client.header('grpc-status'), '7')
    stream.end()
    assert.deepEqual(host.faults, [])
  })
})
