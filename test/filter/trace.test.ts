import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import type { FilterStream, HeaderList, Plugin } from '@feathermq/mesh-filter/host'
import {
  decodeEndTransactionRequest,
  decodeReceiveMessageResponse,
  decodeSendMessageRequest,
  encodeEndTransactionRequest,
  encodeReceiveMessageResponse,
  encodeSendMessageRequest,
  type MessageInit,
} from '@feathermq/protocol'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { frame, messagesOf } from '../support/filter/frames.ts'
import { delimited } from '../support/filter/wire.ts'
import { rewrite } from './support/fields.ts'
import { callHeaders, cut, startFilter } from './support/filter.ts'

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const other = '00-11111111111111111111111111111111-2222222222222222-00'
const context: HeaderList = [
  ['traceparent', parent],
  ['tracestate', 'a=1'],
]

function tracing(trace: MeshConfig['trace'] = {}): Partial<MeshConfig> {
  return { trace }
}

function message({
  body = Buffer.from('the body'),
  properties = {},
  traceContext,
}: {
  readonly body?: Uint8Array
  readonly properties?: Readonly<Record<string, string>>
  readonly traceContext?: string
} = {}): MessageInit {
  return {
    topic: { name: 'orders' },
    userProperties: new Map(Object.entries(properties)),
    systemProperties: { tag: 'a', keys: ['k'], messageId: '01', ...(traceContext === undefined ? {} : { traceContext }) },
    body,
  }
}

function sent(...messages: readonly MessageInit[]): Buffer {
  return frame(encodeSendMessageRequest({ messages }))
}

/** What the broker gets of a request that came in these pieces. */
function pass(plugin: Plugin, pieces: readonly Uint8Array[], headers: HeaderList = context, method = 'SendMessage'): Buffer {
  const stream = plugin.request({ headers: callHeaders(method, headers) })
  for (const [index, piece] of pieces.entries()) stream.body(piece, index === pieces.length - 1)
  assert.equal(stream.localReply, undefined, stream.localReply?.body.toString())
  assert.ok(stream.upstream.ended)
  const bytes = stream.upstream.body()
  stream.reset()
  return bytes
}

/** Contexts of the messages that the broker reads: the properties, and the system property. */
function contexts(request: Buffer): readonly unknown[] {
  const [only = Buffer.alloc(0), ...more] = messagesOf(request)
  assert.equal(more.length, 0)
  return decodeSendMessageRequest(only).messages.map(({ userProperties, systemProperties }) => ({
    ...Object.fromEntries(userProperties),
    context: systemProperties?.traceContext,
  }))
}

const full = { traceparent: parent, tracestate: 'a=1', context: parent }

describe('the trace context of a call', () => {
  it('is written into its message in both ways, wherever the request is cut, and all else stays as it was', async () => {
    const { host, plugin } = await startFilter(tracing())
    const request = sent(message({ properties: { mine: 'x' } }))
    const whole = pass(plugin, [request])
    assert.deepEqual(contexts(whole), [{ ...full, mine: 'x' }])
    for (let place = 1; place < request.length; place++) assert.ok(pass(plugin, cut(request, place)).equals(whole), `cut at ${place}`)
    assert.ok(pass(plugin, cut(request, ...request.keys())).equals(whole))
    const [sound] = decodeSendMessageRequest(request.subarray(5)).messages
    const [changed] = decodeSendMessageRequest(whole.subarray(5)).messages
    assert.deepEqual(
      { ...changed, userProperties: undefined, systemProperties: undefined },
      { ...sound, userProperties: undefined, systemProperties: undefined },
    )
    assert.deepEqual({ ...changed?.systemProperties, traceContext: undefined }, { ...sound?.systemProperties, traceContext: undefined })
    assert.deepEqual(host.faults, [])
  })

  it('does not wait for the body, which passes as it comes', async () => {
    const { host, plugin } = await startFilter(tracing())
    const body = Buffer.alloc(300_000, 7)
    const request = sent(message({ body }))
    const stream = plugin.request({ headers: callHeaders('SendMessage', context) })
    stream.body(request.subarray(0, 120))
    assert.ok(stream.upstream.body().length > 120, 'the head has passed, and is longer than it was')
    for (let at = 120; at < request.length; at += 16_384) stream.body(request.subarray(at, at + 16_384), at + 16_384 >= request.length)
    const bytes = stream.upstream.body()
    assert.deepEqual(contexts(bytes), [full])
    assert.ok(Buffer.from(decodeSendMessageRequest(bytes.subarray(5)).messages[0]?.body ?? []).equals(body))
    stream.reset()
    assert.deepEqual(host.faults, [])
  })

  it('is written with the carriers that are configured', async () => {
    const byCarrier = async (carriers: NonNullable<MeshConfig['trace']>['carriers']) => {
      const { plugin } = await startFilter(tracing({ carriers }))
      return contexts(pass(plugin, [sent(message())]))[0]
    }
    assert.deepEqual(await byCarrier(['user-properties']), { traceparent: parent, tracestate: 'a=1', context: undefined })
    assert.deepEqual(await byCarrier(['trace-context']), { context: parent })
  })

  it('of a message that has one is kept, in whichever way, and its bytes stay the same', async () => {
    const { host, plugin } = await startFilter(tracing())
    for (const kept of [message({ properties: { traceparent: other } }), message({ traceContext: other })]) {
      const request = sent(kept)
      assert.ok(pass(plugin, [request]).equals(request))
    }
    assert.equal(host.metrics.counter('fmq.not_rewritten.kept'), 2)
    assert.equal(host.metrics.counter('fmq.rewritten.trace'), 0)
  })

  it('is not written when the call has none, has one that is none, or the configuration says never or upstream', async () => {
    const request = sent(message())
    const { host, plugin } = await startFilter(tracing())
    const values = [
      parent.slice(0, 54),
      `${parent}-x`,
      parent.toUpperCase(),
      `ff${parent.slice(2)}`,
      '00-00000000000000000000000000000000-b7ad6b7169203331-01',
      '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
      '',
    ]
    assert.ok(pass(plugin, [request], []).equals(request))
    for (const value of values) assert.ok(pass(plugin, [request], [['traceparent', value]]).equals(request), value)
    assert.equal(host.metrics.counter('fmq.not_rewritten.unfit'), values.length)
    for (const trace of [{ inject: 'never' }, { placement: 'upstream' }] as const) {
      const { plugin: silent } = await startFilter(tracing(trace))
      assert.ok(pass(silent, [request]).equals(request))
    }
  })

  it('is written into every message of a batch, and into one whose fields stand in another order, which wait as a whole', async () => {
    const { host, plugin } = await startFilter(tracing())
    const batch = sent(message(), message({ properties: { traceparent: other } }), message())
    const expected = [full, { traceparent: other, context: undefined }, full]
    assert.deepEqual(contexts(pass(plugin, [batch])), expected)
    assert.deepEqual(contexts(pass(plugin, cut(batch, ...batch.keys()))), expected)
    const request = sent(message({ properties: { mine: 'x' } }))
    const turned = frame(rewrite(request.subarray(5), [1], (fields) => fields.toReversed()))
    const whole = pass(plugin, [turned])
    assert.deepEqual(contexts(whole), [{ ...full, mine: 'x' }])
    for (let place = 1; place < turned.length; place++) assert.ok(pass(plugin, cut(turned, place)).equals(whole), `cut at ${place}`)
    assert.deepEqual(host.faults, [])
  })

  it('is left out of a batch that is too large to wait for, which passes as it is and is counted', async () => {
    // No facts are asked for that stand behind the properties: what is held for them waits anyway.
    const { host, plugin } = await startFilter({ ...tracing({ maxBufferBytes: 1024 }), headers: {} })
    const batch = sent(message({ body: Buffer.alloc(600) }), message({ body: Buffer.alloc(600) }))
    assert.ok(pass(plugin, [batch]).equals(batch))
    assert.ok(pass(plugin, cut(batch, 3, 50, 700, 1100)).equals(batch))
    const long = sent(message({ properties: { long: 'x'.repeat(3000) } }))
    assert.ok(pass(plugin, cut(long, 500, 1500, 2500)).equals(long))
    assert.equal(host.metrics.counter('fmq.not_rewritten.oversize'), 3)
    assert.deepEqual(host.faults, [])
  })

  it('is left out of a message with as many properties as a broker takes', async () => {
    const { host, plugin } = await startFilter(tracing())
    const properties = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, 'v']))
    const [first] = contexts(pass(plugin, [sent(message({ properties: properties(126) }))]))
    assert.deepEqual(first, { ...full, ...properties(126) })
    const [second] = contexts(pass(plugin, [sent(message({ properties: properties(127) }))]))
    assert.deepEqual(second, { traceparent: parent, context: parent, ...properties(127) }, 'the tracestate goes first')
    const request = sent(message({ properties: properties(128) }))
    assert.ok(pass(plugin, [request]).equals(request))
    assert.equal(host.metrics.counter('fmq.not_rewritten.full'), 1)
  })

  it('is written into the end of a transaction', async () => {
    const { plugin } = await startFilter(tracing())
    const end = (init: object) => frame(encodeEndTransactionRequest({ topic: { name: 'orders' }, messageId: '01', transactionId: 't', ...init }))
    const read = (bytes: Buffer) => decodeEndTransactionRequest(bytes.subarray(5))
    const changed = read(pass(plugin, cut(end({}), 7, 20), context, 'EndTransaction'))
    assert.equal(changed.traceContext, parent)
    assert.equal(changed.transactionId, 't')
    assert.equal(read(pass(plugin, [end({ traceContext: other })], context, 'EndTransaction')).traceContext, other)
  })

  it('leaves alone what is compressed, no protobuf, cut short or of another operation', async () => {
    const { host, plugin } = await startFilter({ ...tracing(), opaque: 'default', routes: [] })
    const request = sent(message())
    const odd = [
      frame(Buffer.from('gzip'), true),
      frame(Buffer.from([0xff, 0xff, 0xff])),
      frame(Buffer.from(delimited(1, [0x0a, 0x80]))),
      request.subarray(0, 30),
      Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 10, 3]),
      Buffer.alloc(0),
      frame(Buffer.alloc(0)),
    ]
    for (const bytes of odd) {
      assert.ok(pass(plugin, [bytes]).equals(bytes))
      for (let place = 1; place < bytes.length; place++) assert.ok(pass(plugin, cut(bytes, place)).equals(bytes))
    }
    assert.ok(pass(plugin, [request], context, 'RecallMessage').equals(request))
    assert.deepEqual(host.faults, [])
  })

  it('takes the content-length off, which would be wrong', async () => {
    const { plugin } = await startFilter(tracing())
    const request = sent(message())
    const stream = plugin.request({ headers: callHeaders('SendMessage', [...context, ['content-length', String(request.length)]]) })
    stream.body(request, true)
    assert.ok(!stream.upstream.headers?.some(([name]) => name === 'content-length'))
    stream.reset()
  })
})

describe('the trace context of a received message', () => {
  const received = (init: MessageInit) => frame(encodeReceiveMessageResponse({ content: { case: 'message', value: init } }))
  const status = frame(encodeReceiveMessageResponse({ content: { case: 'status', value: { code: 'OK', message: 'ok' } } }))

  function receive(plugin: Plugin, pieces: readonly Uint8Array[]): { readonly stream: FilterStream; readonly bytes: Buffer } {
    const stream = plugin.request({ headers: callHeaders('ReceiveMessage') })
    stream.body(frame(Buffer.from(delimited(1, delimited(2, Buffer.from('g'))))), true)
    stream.response({ headers: [[':status', '200']] })
    for (const piece of pieces) stream.responseBody(piece)
    stream.responseTrailers([['grpc-status', '0']])
    const bytes = stream.client.body()
    stream.end()
    return { stream, bytes }
  }
  const contextsOf = (bytes: Buffer) =>
    messagesOf(bytes).map((content) => {
      const response = decodeReceiveMessageResponse(content).content
      if (response?.case !== 'message') return response?.case
      return { ...Object.fromEntries(response.value.userProperties), context: response.value.systemProperties?.traceContext }
    })

  it('stands in both carriers when it stood in one, and frames without one keep their bytes', async () => {
    const { host, plugin } = await startFilter(tracing({ inject: 'never' }))
    const frames = [
      status,
      received(message({ traceContext: other })),
      received(message({ properties: { traceparent: other } })),
      received(message()),
      received(message({ properties: { traceparent: parent }, traceContext: other })),
      received(message({ traceContext: 'of another kind' })),
    ]
    const all = Buffer.concat(frames)
    const { bytes } = receive(plugin, [all])
    assert.deepEqual(contextsOf(bytes), [
      'status',
      { traceparent: other, context: other },
      { traceparent: other, context: other },
      { context: undefined },
      { traceparent: parent, context: other },
      { context: 'of another kind' },
    ])
    for (let place = 1; place < all.length; place += 3) assert.ok(receive(plugin, cut(all, place)).bytes.equals(bytes), `cut at ${place}`)
    assert.ok(receive(plugin, cut(all, ...all.keys())).bytes.equals(bytes))
    const plain = Buffer.concat([status, received(message()), received(message({ body: Buffer.alloc(100_000) }))])
    assert.ok(receive(plugin, cut(plain, 10, 50, 200, 20_000)).bytes.equals(plain))
    assert.deepEqual(host.faults, [])
  })

  it('is there with the first bytes of a message: the body of a large one is not waited for', async () => {
    const { host, plugin } = await startFilter(tracing())
    const large = received(message({ body: Buffer.alloc(200_000, 1), traceContext: other }))
    const stream = plugin.request({ headers: callHeaders('ReceiveMessage') })
    stream.body(frame(Buffer.from(delimited(1, delimited(2, Buffer.from('g'))))), true)
    stream.response({ headers: [[':status', '200']] })
    stream.responseBody(large.subarray(0, 300))
    assert.ok(stream.client.body().length > 300)
    stream.responseBody(large.subarray(300))
    stream.responseTrailers([['grpc-status', '0']])
    assert.deepEqual(contextsOf(stream.client.body()), [{ traceparent: other, context: other }])
    stream.end()
    assert.deepEqual(host.faults, [])
  })
})

describe('rewriting', () => {
  it('gives every message that a decoder reads a context or leaves its bytes alone, however its fields and pieces are laid', async () => {
    const { host, plugin } = await startFilter(tracing({ maxBufferBytes: 2048 }))
    await fc.assert(
      fc.property(
        fc.array(fc.record({ size: fc.nat({ max: 1500 }), properties: fc.nat({ max: 5 }), reversed: fc.boolean() }), { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat({ max: 5000 }), { maxLength: 6 }),
        (shapes, cuts) => {
          const messages = shapes.map(({ size, properties }) =>
            message({
              body: Buffer.alloc(size, 3),
              properties: Object.fromEntries(Array.from({ length: properties }, (_, index) => [`p${index}`, 'v'])),
            }),
          )
          let bytes: Buffer = Buffer.from(encodeSendMessageRequest({ messages }))
          if (shapes[0]?.reversed === true) bytes = rewrite(bytes, [1], (fields) => fields.toReversed())
          const request = frame(bytes)
          const places = cuts.map((place) => place % request.length).sort((a, b) => a - b)
          const out = pass(plugin, cut(request, ...places))
          if (out.equals(request)) assert.ok(request.length > 2048)
          else {
            const read = decodeSendMessageRequest(out.subarray(5)).messages
            assert.deepEqual(
              read.map((item) => [item.userProperties.get('traceparent'), item.systemProperties?.traceContext, item.body.length]),
              shapes.map(({ size }) => [parent, parent, size]),
            )
          }
        },
      ),
      { numRuns: 300 },
    )
    assert.deepEqual(host.faults, [])
  })
})
