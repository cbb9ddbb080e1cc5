import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { map } from './codes.ts'
import { cell } from './test-kit/puppet.ts'
import { stage } from './test-kit/puppet-plugin.ts'
import { callHeaders } from './test-kit/requests.ts'

const frame = { headers: callHeaders('SendMessage') }
const ok = { headers: [[':status', '200'] as const] }
const text = (content: string) => Buffer.from(content)

describe('answers of the filter', () => {
  const deny = [0, 0, 0, 7] as const

  it('go to a gRPC client as trailers only, through the response callbacks, and nothing goes upstream', async () => {
    const { plugin, answers, host } = await stage((script) => {
      const reply = [403, ...script.text('no way'), ...script.text('mesh: ü 100%')] as const
      script
        .on('request_headers', 'return', 1)
        .on('request_body', 'proxy_send_local_response', ...reply, ...script.text('\x01\0\0\0\x03\0\0\0\x01\0\0\0x-d\0y\0'), 7)
        .on('response_headers', 'proxy_get_header_map_size', map.responseHeaders, cell)
    })
    const stream = plugin.request(frame)
    const step = stream.body(text('a'), true)
    assert.equal(step.decision, 'stop-no-buffer', 'whatever the callback answers')
    assert.deepEqual(
      { ...step.localReply, body: step.localReply?.body.toString() },
      { httpStatus: 403, grpcStatus: 7, details: 'no_way', body: 'mesh: ü 100%', way: 'filters' },
    )
    assert.deepEqual(answers(), [0, 0])
    assert.deepEqual(stream.client.headers, [
      [':status', '200'],
      ['x-d', 'y'],
      ['content-type', 'application/grpc'],
      ['grpc-status', '7'],
      ['grpc-message', 'mesh: %C3%BC 100%25'],
    ])
    assert.equal(stream.client.ended, true)
    assert.equal(stream.state, 'answered')
    assert.equal(stream.upstream.headers, undefined)
    assert.equal(stream.upstream.isReset, false)
    assert.deepEqual(host.faults, [])
  })

  it('are a small page for any other client', async () => {
    const { plugin } = await stage((script) =>
      script.on('request_headers', 'proxy_send_local_response', 403, 0, 0, ...script.text('no'), ...deny.slice(1)),
    )
    const stream = plugin.request({ headers: [[':path', '/']] })
    assert.equal(stream.lastStep.localReply?.grpcStatus, undefined)
    assert.deepEqual(stream.client.headers, [
      [':status', '403'],
      ['content-length', '2'],
      ['content-type', 'text/plain'],
    ])
    assert.equal(stream.client.body().toString(), 'no')
  })

  it('have the gRPC status of the HTTP status when the filter names none', async () => {
    for (const [http, grpc] of [
      [200, '2'],
      [403, '7'],
      [429, '14'],
      [503, '14'],
      [413, '2'],
    ] as const) {
      const { plugin } = await stage((script) => script.on('request_headers', 'proxy_send_local_response', http, 0, 0, 0, 0, 0, 0, -1))
      assert.equal(plugin.request(frame).client.header('grpc-status'), grpc)
    }
  })

  it('keep a gRPC status that the filter set as a header, but no other type of content', async () => {
    const { plugin } = await stage((script) => {
      const headers = script.text('\x02\0\0\0\x0c\0\0\0\x01\0\0\0\x0b\0\0\0\x01\0\0\0content-type\0t\0grpc-status\x009\0')
      script.on('request_headers', 'proxy_send_local_response', 403, 0, 0, 0, 0, ...headers, 7)
    })
    const stream = plugin.request(frame)
    assert.equal(stream.localReply?.grpcStatus, 9)
    assert.deepEqual(stream.client.headers, [
      [':status', '200'],
      ['content-type', 'application/grpc'],
      ['grpc-status', '9'],
    ])
    assert.equal(plugin.request({ headers: [[':path', '/']] }).client.header('content-type'), 't')
  })

  it('end the request: the filter sees no more of it', async () => {
    const { plugin, texts } = await stage((script) =>
      script
        .on('request_body', 'proxy_log', 2, ...script.text('body'))
        .on('request_body', 'proxy_send_local_response', 403, 0, 0, 0, 0, ...deny.slice(1)),
    )
    const stream = plugin.request(frame)
    stream.body(text('a'))
    assert.deepEqual(stream.body(text('b')), {
      decision: undefined,
      headersReleased: false,
      bytesReleased: 0,
      endReleased: false,
      localReply: undefined,
    })
    assert.equal(stream.trailers([]).decision, undefined)
    assert.deepEqual(texts(), ['body'])
    assert.equal(stream.upstream.bytes, 0)
  })

  it('do not reset an upstream that is through with its part', async () => {
    const { plugin } = await stage((script) => script.on('response_trailers', 'proxy_send_local_response', 403, 0, 0, 0, 0, ...deny.slice(1)))
    const stream = plugin.request({ ...frame, endStream: true })
    stream.response(ok)
    stream.responseTrailers([])
    assert.equal(stream.client.isReset, true)
    assert.equal(stream.upstream.isReset, false)
  })

  it('reset the upstream that has a part of the request already', async () => {
    const { plugin } = await stage((script) => script.on('request_trailers', 'proxy_send_local_response', 403, 0, 0, 0, 0, ...deny.slice(1)))
    const stream = plugin.request(frame)
    stream.body(text('a'))
    assert.notEqual(stream.trailers([]).localReply, undefined)
    assert.equal(stream.upstream.bytes, 1)
    assert.equal(stream.upstream.ended, false)
    assert.equal(stream.upstream.isReset, true)
    assert.equal(stream.client.header('grpc-status'), '7')
  })

  it('replace a response that is still held, past the filter', async () => {
    const { plugin } = await stage((script) => script.on('response_headers', 'proxy_send_local_response', 500, 0, 0, 0, 0, 0, 0, 13))
    const stream = plugin.request({ ...frame, endStream: true })
    assert.equal(stream.response(ok).localReply?.way, 'direct')
    assert.equal(stream.client.header('grpc-status'), '13')
    assert.equal(stream.client.ended, true)
  })

  it('come too late once the response has begun: the client gets a reset', async () => {
    const { plugin } = await stage((script) => script.on('response_body', 'proxy_send_local_response', 500, 0, 0, 0, 0, 0, 0, 13))
    const stream = plugin.request(frame)
    stream.response(ok)
    assert.equal(stream.responseBody(text('a')).localReply?.way, 'reset')
    assert.equal(stream.client.isReset, true)
    assert.equal(stream.client.bytes, 0)
    assert.equal(stream.state, 'reset')
  })

  it('are given once, and a second one is a fault', async () => {
    const { plugin, faultKinds } = await stage((script) =>
      script
        .on('request_headers', 'proxy_send_local_response', 403, 0, 0, 0, 0, 0, 0, 7)
        .on('request_headers', 'proxy_send_local_response', 404, 0, 0, 0, 0, 0, 0, 12),
    )
    const stream = plugin.request(frame)
    assert.equal(stream.client.header('grpc-status'), '7')
    assert.deepEqual(faultKinds(), ['order'])
  })

  it('can be given from a tick to a stream that waits', async () => {
    const { plugin, vm, host } = await stage((script) =>
      script
        .on('context_create', 'proxy_set_tick_period_milliseconds', 10)
        .on('request_headers', 'return', 1)
        .on('tick', 'proxy_set_effective_context', 2)
        .on('tick', 'proxy_send_local_response', 503, 0, 0, 0, 0, 0, 0, 14),
    )
    const stream = plugin.request(frame)
    vm.tick()
    assert.equal(stream.state, 'answered')
    assert.equal(stream.client.header('grpc-status'), '14')
    assert.deepEqual(host.faults, [])
  })
})
