import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { buffer, map, status } from './codes.ts'
import { cell } from './test-kit/puppet.ts'
import { stage } from './test-kit/puppet-plugin.ts'
import { callHeaders } from './test-kit/requests.ts'

const frame = { headers: callHeaders('SendMessage') }
const ok = { headers: [[':status', '200'] as const] }
const text = (content: string) => Buffer.from(content)

describe('a stream whose filter lets everything pass', () => {
  it('reaches upstream and client frame by frame, byte by byte the same', async () => {
    const { plugin, host } = await stage(() => {})
    const stream = plugin.request(frame)
    assert.equal(stream.state, 'open')
    assert.deepEqual(stream.lastStep, { decision: 'continue', headersReleased: true, bytesReleased: 0, endReleased: false, localReply: undefined })
    assert.equal(stream.body(text('ab')).bytesReleased, 2)
    assert.equal(stream.body(text('')).bytesReleased, 0)
    assert.equal(stream.body(text('c'), true).endReleased, true)
    assert.deepEqual(stream.upstream.headers, frame.headers)
    assert.equal(stream.upstream.body().toString(), 'abc')
    assert.equal(stream.upstream.chunks.length, 2)
    stream.response(ok)
    stream.responseBody(text('d'))
    assert.equal(stream.responseTrailers([['grpc-status', '0']]).endReleased, true)
    assert.equal(stream.client.body().toString(), 'd')
    assert.deepEqual(stream.client.trailers, [['grpc-status', '0']])
    stream.end()
    assert.equal(stream.state, 'closed')
    assert.deepEqual(host.faults, [])
  })

  it('ends with request trailers as well', async () => {
    const { plugin } = await stage(() => {})
    const stream = plugin.request(frame)
    stream.body(text('a'))
    assert.equal(stream.upstream.ended, false)
    stream.trailers([['x', 'y']])
    assert.deepEqual(stream.upstream.trailers, [['x', 'y']])
    assert.equal(stream.upstream.ended, true)
  })

  it('takes no frame that cannot come', async () => {
    const { plugin } = await stage(() => {})
    const stream = plugin.request({ ...frame, endStream: true })
    assert.equal(stream.upstream.ended, true)
    assert.throws(() => stream.body(text('a')), /has ended/)
    assert.throws(() => stream.responseBody(text('a')), /has not begun/)
    stream.response({ ...ok, endStream: true })
    assert.throws(() => stream.response(ok), /has begun/)
    assert.throws(() => stream.responseTrailers([]), /has ended/)
    stream.end()
    assert.throws(() => stream.end(), /is closed/)
  })
})

describe('a stream whose filter holds the headers', () => {
  it('shows the filter all bytes so far with each chunk, and lets everything go at once', async () => {
    const { plugin, texts, host } = await stage((script) =>
      script
        .on('request_headers', 'return', 1)
        .on('request_body', 'proxy_get_buffer_bytes', buffer.requestBody, 0, 99, cell, cell + 4)
        .on('request_body', 'log_answer')
        .on('request_body', 'return', 1)
        .on('request_trailers', 'proxy_get_buffer_bytes', buffer.requestBody, 0, 99, cell, cell + 4)
        .on('request_trailers', 'log_answer'),
    )
    const stream = plugin.request(frame)
    assert.equal(stream.lastStep.decision, 'stop-iteration')
    assert.equal(stream.state, 'held')
    for (const chunk of ['a', 'bc', 'd']) assert.equal(stream.body(text(chunk)).decision, 'stop-and-buffer')
    assert.equal(stream.upstream.ended, false)
    assert.equal(stream.heldBytes, 4)
    assert.equal(stream.upstream.headers, undefined)
    stream.trailers([['x', 'y']])
    assert.deepEqual(texts(), ['a', 'abc', 'abcd', 'abcd'])
    assert.deepEqual(stream.upstream.headers, frame.headers)
    assert.equal(stream.upstream.body().toString(), 'abcd')
    assert.deepEqual(stream.upstream.trailers, [['x', 'y']])
    assert.equal(stream.heldBytes, 0)
    assert.deepEqual(host.faults, [])
  })

  it('goes on with its next chunks once it was let go before its end', async () => {
    const { plugin, texts } = await stage((script) =>
      script
        .on('request_headers', 'return', 1)
        .on('request_body', 'proxy_get_buffer_bytes', buffer.requestBody, 0, 99, cell, cell + 4)
        .on('request_body', 'log_answer'),
    )
    const stream = plugin.request(frame)
    assert.equal(stream.body(text('ab')).headersReleased, true)
    assert.equal(stream.upstream.ended, false)
    stream.body(text('cd'))
    assert.equal(stream.upstream.ended, false)
    assert.deepEqual(texts(), ['ab', 'cd'])
  })

  it('is a fault when it ends without having been let go', async () => {
    const { plugin, faultKinds } = await stage((script) => script.on('request_headers', 'return', 1))
    const stream = plugin.request({ ...frame, endStream: true })
    assert.equal(stream.state, 'held')
    stream.end()
    assert.deepEqual(faultKinds(), ['stall'])
  })

  it('is answered with 413 when the filter holds more than Envoy does', async () => {
    const { plugin } = await stage((script) => script.on('request_headers', 'return', 1).on('request_body', 'return', 1), { bufferLimit: 4 })
    const stream = plugin.request(frame)
    assert.equal(stream.body(text('abcd')).localReply, undefined)
    const { localReply } = stream.body(text('e'))
    assert.deepEqual([localReply?.httpStatus, localReply?.grpcStatus], [413, 2])
    assert.equal(stream.client.header('grpc-message'), 'Payload Too Large')
    assert.equal(stream.upstream.headers, undefined)
    assert.equal(stream.body(text('f'), true).decision, undefined)
  })

  it('waits without limit when the filter wants its sender slowed down', async () => {
    const { plugin } = await stage((script) => script.on('request_headers', 'return', 1).on('request_body', 'return', 2), { bufferLimit: 4 })
    const stream = plugin.request(frame)
    for (let index = 0; index < 3; index++) assert.equal(stream.body(text('abc')).decision, 'stop-and-watermark')
    assert.equal(stream.state, 'held')
    assert.equal(stream.heldBytes, 9)
  })

  it('loses what the filter stops without buffering', async () => {
    const { plugin } = await stage((script) => script.on('request_body', 'return', 3))
    const stream = plugin.request(frame)
    assert.equal(stream.body(text('abc')).decision, 'stop-no-buffer')
    stream.trailers([])
    assert.equal(stream.upstream.bytes, 0)
    assert.equal(stream.upstream.ended, true)
  })

  it('ends without them when the filter continues it', async () => {
    const { plugin } = await stage((script) =>
      script.on('request_body', 'return', 3).on('tick', 'proxy_set_effective_context', 2).on('tick', 'proxy_continue_stream', 0),
    )
    const stream = plugin.request(frame)
    stream.body(text('abc'), true)
    assert.equal(stream.upstream.ended, false)
    plugin.tick()
    assert.equal(stream.upstream.bytes, 0)
    assert.equal(stream.upstream.ended, true)
  })

  it('is let go by a filter that continues it and stops at the same time, for the end is what counts', async () => {
    const { plugin, faultKinds } = await stage((script) =>
      script.on('request_headers', 'return', 1).on('request_body', 'proxy_continue_stream', 0).on('request_body', 'return', 1),
    )
    const stream = plugin.request(frame)
    stream.body(text('abc'))
    stream.body(text('d'), true)
    assert.equal(stream.upstream.body().toString(), 'abcd')
    assert.equal(stream.upstream.ended, true)
    stream.end()
    assert.deepEqual(faultKinds(), [])
  })
})

describe('the end of a stream', () => {
  it('is logged with both header maps, then done, then deleted', async () => {
    const { plugin, texts, answers, host, vm } = await stage((script) => {
      script.on('log', 'proxy_get_header_map_value', map.requestHeaders, ...script.text(':path'), cell, cell + 4).on('log', 'log_answer')
      script.on('log', 'proxy_get_header_map_value', map.responseHeaders, ...script.text(':status'), cell, cell + 4).on('log', 'log_answer')
      script.on('log', 'proxy_get_header_map_value', map.responseTrailers, ...script.text('grpc-status'), cell, cell + 4)
      script.on('done', 'proxy_log', 2, ...script.text('done'))
      script.on('delete', 'proxy_log', 2, ...script.text('delete'))
    })
    const stream = plugin.request({ headers: [[':path', '/a']], endStream: true })
    stream.response({ headers: [[':status', '204']], endStream: true })
    assert.equal(vm.contexts, 2)
    stream.end()
    assert.deepEqual(texts(), ['/a', '204', 'done', 'delete'])
    assert.deepEqual(answers().slice(0, 3), [0, 0, status.notFound], 'no trailers, and no fault')
    assert.deepEqual(host.faults, [])
    assert.equal(vm.contexts, 1)
    assert.equal(plugin.streams, 0)
  })

  it('comes at once when the client gives up, and upstream gets a reset', async () => {
    const { plugin, vm, host } = await stage((script) => script.on('request_headers', 'return', 0))
    const stream = plugin.request(frame)
    stream.body(text('a'))
    stream.reset()
    assert.equal(stream.upstream.isReset, true)
    assert.equal(stream.state, 'closed')
    assert.equal(vm.contexts, 1)
    assert.deepEqual(host.faults, [])
  })

  it('comes with a response that is complete before its request is, of which nothing more reaches the filter or upstream', async () => {
    const { plugin, host, answers } = await stage((script) =>
      script.on('request_body', 'proxy_get_buffer_bytes', buffer.requestBody, 0, 9, cell, cell + 4),
    )
    const stream = plugin.request(frame)
    stream.body(text('a'))
    stream.response(ok)
    stream.responseTrailers([['grpc-status', '0']])
    assert.equal(answers().length, 1)
    assert.equal(stream.upstream.isReset, true)
    assert.equal(stream.client.isReset, false)
    assert.deepEqual(stream.body(text('b'), true), {
      decision: undefined,
      headersReleased: false,
      bytesReleased: 0,
      endReleased: false,
      localReply: undefined,
    })
    assert.equal(answers().length, 0)
    stream.end()
    assert.deepEqual(host.faults, [])
  })

  it('comes when the filter closes the stream', async () => {
    const { plugin } = await stage((script) => script.on('request_body', 'proxy_close_stream', 0))
    const stream = plugin.request(frame)
    stream.body(text('a'))
    assert.equal(stream.state, 'reset')
    assert.equal(stream.upstream.isReset, true)
    assert.equal(stream.client.isReset, true)
    assert.equal(stream.upstream.bytes, 0)
  })

  it('is a fault when the body is not as long as its content-length says', async () => {
    const { plugin, faultKinds } = await stage((script) =>
      script.on('request_body', 'proxy_set_buffer_bytes', buffer.requestBody, 9, 0, ...script.text('more')),
    )
    const stream = plugin.request({ headers: [...frame.headers, ['content-length', '3']] })
    stream.body(text('abc'), true)
    stream.end()
    assert.deepEqual(faultKinds(), ['protocol'])
  })
})
