import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { buffer, map, status } from './codes.ts'
import { cell } from './test-kit/puppet.ts'
import { stage } from './test-kit/puppet-plugin.ts'
import { callHeaders } from './test-kit/requests.ts'

const frame = { headers: callHeaders('SendMessage') }
const ok = { headers: [[':status', '200'] as const] }
const text = (content: string) => Buffer.from(content)

describe('a stream whose filter stops everything', () => {
  for (const [what, answer, options] of [
    ['says so', 4, {}],
    ['wants to hold headers, where Envoy has no allow_on_headers_stop_iteration', 1, { allowOnHeadersStopIteration: false }],
  ] as const) {
    it(`sees no frame until it continues, because it ${what}`, async () => {
      const { plugin, vm, texts, host } = await stage(
        (script) =>
          script
            .on('context_create', 'proxy_set_tick_period_milliseconds', 10)
            .on('request_headers', 'return', answer)
            .on('tick', 'proxy_set_effective_context', 2)
            .on('tick', 'proxy_replace_header_map_value', map.requestHeaders, ...script.text('x-a'), ...script.text('1'))
            .on('tick', 'proxy_continue_stream', 0)
            .on('request_body', 'proxy_get_buffer_bytes', buffer.requestBody, 0, 99, cell, cell + 4)
            .on('request_body', 'log_answer'),
        options,
      )
      const stream = plugin.request(frame)
      assert.equal(stream.id, 2)
      assert.equal(stream.lastStep.decision, 'stop-all-and-watermark')
      assert.equal(stream.state, 'stalled')
      assert.equal(stream.body(text('ab')).decision, undefined)
      assert.equal(stream.body(text('c'), true).decision, undefined)
      assert.deepEqual(texts(), [])
      assert.equal(vm.tick(), 1)
      assert.equal(stream.state, 'open')
      assert.equal(stream.upstream.header('x-a'), '1')
      assert.deepEqual(texts(), ['abc'])
      assert.equal(stream.upstream.body().toString(), 'abc')
      assert.equal(stream.upstream.ended, true)
      assert.deepEqual(host.faults, [])
    })
  }

  it('has its trailers callback behind the body when it is continued', async () => {
    const { plugin, texts, answers } = await stage((script) => {
      script.on('request_headers', 'return', 3).on('tick', 'proxy_set_effective_context', 2).on('tick', 'proxy_continue_stream', 0)
      script.on('tick', 'proxy_get_header_map_size', map.requestHeaders, cell)
      for (const callback of ['request_body', 'request_trailers'] as const) {
        script
          .on(callback, 'proxy_log', 2, ...script.text(callback))
          .on(callback, 'log_arguments')
          .on(callback, 'proxy_get_header_map_size', map.requestTrailers, cell)
      }
    })
    const stream = plugin.request(frame)
    stream.body(text('abc'))
    stream.trailers([['x', 'y']])
    assert.deepEqual(texts(), [])
    plugin.tick()
    assert.deepEqual(texts(), ['request_body', '30', 'request_trailers', '10'], 'the body is not the end')
    const no = status.badArgument
    assert.deepEqual(answers(), [0, 0, no, 0, no, 0, 0], 'a stream that was continued has lost sight of its headers')
    assert.equal(stream.upstream.body().toString(), 'abc')
    assert.deepEqual(stream.upstream.trailers, [['x', 'y']])
  })

  it('can stop again, at the body', async () => {
    const { plugin, texts } = await stage((script) =>
      script
        .on('request_headers', 'return', 3)
        .on('request_body', 'return', 1)
        .on('request_body', 'log_arguments')
        .on('tick', 'proxy_set_effective_context', 2)
        .on('tick', 'proxy_continue_stream', 0),
    )
    const stream = plugin.request(frame)
    stream.body(text('abc'), true)
    plugin.tick()
    assert.notEqual(stream.upstream.headers, undefined)
    assert.equal(stream.upstream.ended, false)
    assert.equal(stream.heldBytes, 3)
    plugin.tick()
    assert.equal(stream.upstream.bytes, 3)
    assert.equal(stream.upstream.ended, true)
    assert.deepEqual(texts(), ['31'])
  })

  it('keeps no more than Envoy does, unless it wants its sender slowed down', async () => {
    for (const [answer, state] of [
      [3, 'answered'],
      [4, 'stalled'],
    ] as const) {
      const { plugin } = await stage((script) => script.on('request_headers', 'return', answer), { bufferLimit: 4 })
      const stream = plugin.request(frame)
      stream.body(text('abcd'))
      assert.equal(stream.state, 'stalled')
      stream.body(text('e'))
      assert.equal(stream.state, state)
    }
  })

  it('can wait with its trailers too', async () => {
    const { plugin, answers } = await stage((script) =>
      script
        .on('request_trailers', 'return', 1)
        .on('tick', 'proxy_set_effective_context', 2)
        .on('tick', 'proxy_get_header_map_size', map.requestTrailers, cell)
        .on('tick', 'proxy_continue_stream', 0)
        .on('tick', 'proxy_get_header_map_size', map.requestTrailers, cell),
    )
    const stream = plugin.request(frame)
    assert.equal(stream.trailers([['x', 'y']]).decision, 'stop-iteration')
    assert.equal(stream.upstream.ended, false)
    plugin.tick()
    assert.deepEqual(answers(), [0, 0, 0, status.badArgument])
    assert.deepEqual(stream.upstream.trailers, [['x', 'y']])
  })

  it('can be continued by a callback for the other direction', async () => {
    const { plugin } = await stage((script) =>
      script.on('response_headers', 'return', 4).on('response_body', 'return', 1).on('request_body', 'proxy_continue_stream', 1),
    )
    const stream = plugin.request(frame)
    stream.response(ok)
    assert.equal(stream.responseBody(text('r')).decision, undefined)
    assert.equal(stream.body(text('a')).decision, 'continue', 'not what the response callback decided meanwhile')
    assert.notEqual(stream.client.headers, undefined)
    assert.equal(stream.client.bytes, 0)
  })

  it('tells how many bytes have come all the same', async () => {
    const { plugin, vm, texts } = await stage((script) =>
      script
        .on('context_create', 'proxy_set_tick_period_milliseconds', 10)
        .on('request_headers', 'return', 3)
        .on('tick', 'proxy_set_effective_context', 2)
        .on('tick', 'proxy_get_property', ...script.text('request\0total_size'), cell, cell + 4)
        .on('tick', 'log_answer'),
    )
    const stream = plugin.request({ headers: [[':path', '/a']] })
    stream.body(Buffer.alloc(90))
    vm.tick()
    assert.deepEqual(texts(), [`${String.fromCharCode(90 + ':path/a'.length)}${'\0'.repeat(7)}`])
  })

  it('is not continued by a filter that has not stopped it, which is a fault', async () => {
    const { plugin, faultKinds, answers } = await stage((script) => script.on('request_body', 'proxy_continue_stream', 0))
    const stream = plugin.request(frame)
    stream.body(text('a'), true)
    assert.deepEqual(answers(), [status.ok])
    assert.deepEqual(faultKinds(), ['order'])
    assert.equal(stream.upstream.body().toString(), 'a')
  })
})
