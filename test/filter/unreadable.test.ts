import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { delimited, varint } from '../support/filter/wire.ts'
import { call, cut, type RunningFilter, startFilter, startPlugin, twoClusters, written } from './support/filter.ts'

/** A QueryRoute request with these bytes before its topic. */
const behind = (...bytes: number[]) => frame(Uint8Array.from([...bytes, ...delimited(1, delimited(2, Buffer.from('payments')))]))
/** A SendMessage request whose tag has these bytes. */
const tagged = (...bytes: number[]) => frame(Uint8Array.from(delimited(1, delimited(3, delimited(1, bytes)))))
const named = (topic: string) => frame(Uint8Array.from(delimited(1, delimited(2, Buffer.from(topic)))))
const flagged = (flag: number) => {
  const bytes = requests.route('payments')
  bytes[0] = flag
  return bytes
}
const zeros = (count: number) => Array.from({ length: count }, () => 0x80)

const cases: readonly (readonly [what: string, reason: string, bytes: Buffer, method?: string])[] = [
  ['a message with the compression flag', 'compressed', flagged(1)],
  ['a flag that gRPC does not have', 'frame', flagged(2)],
  ['what is no gRPC at all', 'frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['a prefix that is cut', 'truncated', Buffer.from([0, 0, 0, 0])],
  ['a message that is cut', 'truncated', requests.route('payments').subarray(0, -1)],
  ['a field number of 0', 'malformed', behind(0x02, 0)],
  ['the beginning of a group', 'malformed', behind(...varint(9 * 8 + 3))],
  ['the end of a group', 'malformed', behind(...varint(9 * 8 + 4))],
  ['wire type 6', 'malformed', behind(...varint(9 * 8 + 6))],
  ['wire type 7', 'malformed', behind(...varint(9 * 8 + 7))],
  ['a tag of more than 32 bits that ends in that of the topic', 'malformed', behind(0x8a, ...zeros(3), 0x10, 2, 0x12, 0)],
  ['a tag of 36 bits that ends in that of the topic', 'malformed', behind(0x8a, ...zeros(4), 0x01, 2, 0x12, 0)],
  ['a varint of eleven bytes', 'malformed', behind(...varint(9 * 8), ...zeros(10), 0)],
  ['a length that reaches beyond the message', 'malformed', behind(...varint(9 * 8 + 2), 100)],
  ['a length of 64 bits', 'malformed', behind(...varint(9 * 8 + 2), ...Array.from({ length: 9 }, () => 0xff), 1)],
  ['an inner length that reaches beyond its message', 'malformed', frame(Uint8Array.from([...delimited(1, [0x12, 9, 65]), ...varint(72), 7]))],
  ['a fixed64 that reaches beyond its message', 'malformed', frame(Uint8Array.from(delimited(1, [...varint(9 * 8 + 1), 1, 2, 3])))],
  ['a topic with a dot', 'name', named('orders.eu')],
  ['a topic with a line break', 'name', named('orders\r\nx-fmq-cluster: west')],
  ['a topic with a letter that is none of ASCII', 'name', named('örders')],
  ['a topic of 256 characters', 'name', named('x'.repeat(256))],
  ['a topic longer than what is read at once', 'name', named('x'.repeat(2000))],
  ['a tag with a byte that no UTF-8 has', 'name', tagged(0x61, 0xff), 'SendMessage'],
  ['a tag that ends inside a character', 'name', tagged(0xe2, 0x82), 'SendMessage'],
  ['a tag with a lone continuation byte', 'name', tagged(0x80), 'SendMessage'],
  ['a tag with a character in two bytes too many', 'name', tagged(0xe0, 0x80, 0xaf), 'SendMessage'],
  ['a tag with a character in one byte too many', 'name', tagged(0xc1, 0xaf), 'SendMessage'],
  ['a tag with a character in four bytes for three', 'name', tagged(0xf0, 0x80, 0x80, 0xaf), 'SendMessage'],
  ['a tag with half of a surrogate pair', 'name', tagged(0xed, 0xa0, 0x80), 'SendMessage'],
  ['a tag with a character beyond the last', 'name', tagged(0xf4, 0x90, 0x80, 0x80), 'SendMessage'],
  ['a tag of 513 bytes', 'name', tagged(...Array.from({ length: 513 }, () => 0x61)), 'SendMessage'],
]

describe('requests that the filter cannot read', () => {
  let filter: RunningFilter
  before(async () => {
    filter = await startFilter()
  })

  for (const [what, reason, bytes, method = 'QueryRoute'] of cases) {
    it(`are refused with their reason: ${what} is "${reason}", however it is cut`, () => {
      const { host, plugin } = filter
      for (let place = 0; place <= bytes.length; place++) {
        const before = { opaque: host.metrics.counter(`fmq.opaque.${reason}`), denied: host.metrics.counter(`fmq.denied.${reason}`) }
        const stream = call(plugin, method, ...cut(bytes, place))
        assert.match(stream.localReply?.body.toString() ?? '', new RegExp(`^mesh: opaque/${reason}: `), `cut at ${place}`)
        assert.equal(stream.localReply?.grpcStatus, 7)
        assert.equal(stream.localReply?.details, 'fmq_opaque')
        assert.equal(stream.upstream.ended, false, 'the broker has a complete request')
        assert.equal(stream.filterState.get('fmq.code'), 'grpc-7')
        stream.end()
        assert.equal(host.metrics.counter(`fmq.opaque.${reason}`), before.opaque + 1)
        assert.equal(host.metrics.counter(`fmq.denied.${reason}`), before.denied + 1)
      }
      assert.deepEqual(host.faults, [])
    })
  }

  it('go to the default cluster where the configuration wants that, unchanged, counted, and without facts', () => {
    const { host, vm } = filter
    const plugin = startPlugin(vm, { ...twoClusters, name: 'lenient', opaque: 'default' })
    for (const [what, reason, bytes, method = 'QueryRoute'] of cases) {
      for (const place of [0, Math.floor(bytes.length / 2), bytes.length]) {
        const before = { opaque: host.metrics.counter(`fmq.opaque.${reason}`), denied: host.metrics.counter(`fmq.denied.${reason}`) }
        const stream = call(plugin, method, ...cut(bytes, place))
        assert.ok(stream.upstream.ended && stream.upstream.body().equals(bytes), what)
        assert.deepEqual(written(stream), { op: method === 'SendMessage' ? 'send' : 'route', cluster: 'east' }, what)
        stream.end()
        assert.equal(host.metrics.counter(`fmq.opaque.${reason}`), before.opaque + 1, what)
        assert.equal(host.metrics.counter(`fmq.denied.${reason}`), before.denied, what)
      }
    }
    assert.deepEqual(host.faults, [])
  })

  it('are not those whose names have the longest length that is allowed', () => {
    const { host, plugin } = filter
    const topic = 'x'.repeat(255)
    // First and last characters of one length in UTF-8.
    const edges = '\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}'
    const tag = Array.from({ length: 512 }, () => 0x61)
    for (const [method, bytes, fact, value] of [
      ['QueryRoute', named(topic), 'topic', topic],
      ['SendMessage', tagged(...tag), 'tag', String.fromCharCode(...tag)],
      ['SendMessage', tagged(...Buffer.from(edges)), 'tag', edges],
    ] as const) {
      const stream = call(plugin, method, bytes)
      assert.equal(written(stream)[fact], value)
      stream.end()
    }
    assert.deepEqual(host.faults, [])
  })
})
