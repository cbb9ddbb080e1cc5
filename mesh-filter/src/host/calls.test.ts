import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { buffer, map, metricType, status } from './codes.ts'
import { cell, type Order } from './test-kit/puppet.ts'
import { stage } from './test-kit/puppet-plugin.ts'
import { callHeaders } from './test-kit/requests.ts'

const outside = 0xffff_fff0
const frame = { headers: callHeaders('QueryRoute') }

describe('host calls with pointers', () => {
  const badPointers: [Order, ...number[]][] = [
    ['proxy_log', 2, outside, 4],
    ['proxy_get_header_map_value', map.requestHeaders, outside, 4, cell, cell + 4],
    ['proxy_get_header_map_value', map.requestHeaders, cell, outside, cell, cell + 4],
    ['proxy_get_header_map_pairs', map.requestHeaders, outside, cell],
    ['proxy_get_header_map_pairs', map.requestHeaders, cell, outside],
    ['proxy_get_header_map_size', map.requestHeaders, outside],
    ['proxy_add_header_map_value', map.requestHeaders, cell, 1, outside, 1],
    ['proxy_replace_header_map_value', map.requestHeaders, outside, 1, cell, 1],
    ['proxy_remove_header_map_value', map.requestHeaders, 0, outside],
    ['proxy_set_header_map_pairs', map.requestHeaders, outside, 100],
    ['proxy_get_property', outside, 1, cell, cell + 4],
    ['proxy_set_property', cell, 1, outside, 1],
    ['proxy_get_shared_data', outside, 1, cell, cell + 4, cell + 8],
    ['proxy_set_shared_data', cell, 1, outside, 1, 0],
    ['proxy_define_metric', metricType.counter, outside, 1, cell],
    ['proxy_define_metric', metricType.counter, cell, 1, outside],
    ['proxy_send_local_response', 403, 0, 0, outside, 1, 0, 0, 7],
    ['proxy_call_foreign_function', outside, 1, 0, 0, 0, 0],
    ['proxy_get_current_time_nanoseconds', outside],
    ['proxy_get_current_time_nanoseconds', 2 * 65536 - 7],
    ['proxy_get_log_level', outside],
    ['proxy_get_status', outside, cell, cell],
  ]

  it('are refused with InvalidMemoryAccess when they lead out of the memory, and nothing happens', async () => {
    for (const [order, ...values] of badPointers) {
      const { plugin, host, answers, faultKinds } = await stage((script) => script.on('request_headers', order, ...values))
      const stream = plugin.request(frame)
      assert.deepEqual(answers(), [status.invalidMemoryAccess], order)
      assert.deepEqual(faultKinds(), ['memory'], order)
      assert.equal(host.faults[0]?.call, order)
      assert.equal(host.faults[0]?.context, stream.id)
      assert.equal(stream.state, 'open')
      assert.deepEqual(stream.upstream.headers, frame.headers)
    }
  })

  it('are taken up to the last byte of the memory', async () => {
    const end = 2 * 65536
    const { plugin, answers, faultKinds } = await stage((script) =>
      script
        .on('request_headers', 'proxy_get_current_time_nanoseconds', end - 8)
        .on('request_headers', 'proxy_get_header_map_size', map.requestHeaders, end - 4)
        .on('request_headers', 'proxy_log', 0, end - 1, 1),
    )
    plugin.request(frame)
    assert.deepEqual(answers(), [0, 0, 0])
    assert.deepEqual(faultKinds(), [])
  })

  it('answer InvalidMemoryAccess when the filter has no memory for the answer', async () => {
    for (const [answer, kinds] of [
      [0, ['memory']],
      [outside, ['memory']],
    ] as const) {
      const { plugin, answers, faultKinds } = await stage((script) =>
        script
          .on('request_headers', 'malloc_answers', answer)
          .on('request_headers', 'proxy_get_header_map_pairs', map.requestHeaders, cell, cell + 4),
      )
      plugin.request(frame)
      assert.deepEqual(answers(), [status.invalidMemoryAccess])
      assert.deepEqual(faultKinds(), kinds)
    }
  })
})

describe('host calls with numbers that mean nothing', () => {
  const badNumbers: [Order, ...number[]][] = [
    ['proxy_log', 6, cell, 1],
    ['proxy_get_header_map_value', 8, cell, 1, cell, cell + 4],
    ['proxy_replace_header_map_value', 8, cell, 1, cell, 1],
    ['proxy_get_buffer_bytes', 9, 0, 1, cell, cell + 4],
    ['proxy_define_metric', 3, cell, 1, cell],
    ['increment_metric', 7, 1],
    ['proxy_continue_stream', 4],
    ['proxy_close_stream', 4],
    ['proxy_set_effective_context', 4711],
  ]

  it('are refused with BadArgument', async () => {
    for (const [order, ...values] of badNumbers) {
      const { plugin, answers, faultKinds } = await stage((script) => script.on('request_headers', order, ...values))
      plugin.request(frame)
      assert.deepEqual(answers(), [status.badArgument], order)
      assert.deepEqual(faultKinds(), ['argument'], order)
    }
  })
})

describe('header maps', () => {
  it('exist in their own phase only', async () => {
    const read = (type: number): [Order, ...number[]] => ['proxy_get_header_map_size', type, cell]
    const { plugin, answers } = await stage((script) => {
      for (const callback of [
        'request_headers',
        'request_body',
        'request_trailers',
        'response_headers',
        'response_body',
        'response_trailers',
      ] as const) {
        for (const type of [map.requestHeaders, map.requestTrailers, map.responseHeaders, map.responseTrailers]) script.on(callback, ...read(type))
      }
    })
    const no = status.badArgument
    const stream = plugin.request(frame)
    assert.deepEqual(answers(), [0, no, no, no])
    stream.body(Buffer.from('a'))
    assert.deepEqual(answers(), [no, no, no, no])
    stream.trailers([['a', 'b']])
    assert.deepEqual(answers(), [no, 0, no, no])
    stream.response({ headers: [[':status', '200']] })
    assert.deepEqual(answers(), [no, no, 0, no])
    stream.responseBody(Buffer.from('a'))
    assert.deepEqual(answers(), [no, no, no, no])
    stream.responseTrailers([['grpc-status', '0']])
    assert.deepEqual(answers(), [no, no, no, 0])
  })

  it('of a request that is held stay, and can be changed until they are passed on', async () => {
    const { plugin, answers, faultKinds } = await stage((script) => {
      const change = [map.requestHeaders, ...script.text('x-a'), ...script.text('1')]
      script
        .on('request_headers', 'return', 1)
        .on('request_body', 'proxy_replace_header_map_value', ...change)
        .on('response_headers', 'proxy_replace_header_map_value', ...change)
    })
    const stream = plugin.request(frame)
    stream.body(Buffer.from('a'), true)
    assert.equal(stream.upstream.header('x-a'), '1')
    assert.equal(stream.routeCacheClears, 1)
    assert.deepEqual(faultKinds(), [])
    stream.response({ headers: [[':status', '200']], endStream: true })
    assert.deepEqual(answers(), [0, 0], 'Envoy says Ok all the same')
    assert.deepEqual(faultKinds(), ['too-late'])
  })

  it('cross the boundary as pairs, both ways', async () => {
    const pairs = Buffer.from('\x02\0\0\0\x01\0\0\0\x02\0\0\0\x01\0\0\0\0\0\0\0a\0bc\0d\0\0', 'latin1')
    const { plugin, texts, faultKinds } = await stage((script) =>
      script
        .on('request_headers', 'proxy_set_header_map_pairs', map.requestHeaders, ...script.text(pairs))
        .on('request_headers', 'proxy_get_header_map_pairs', map.requestHeaders, cell, cell + 4)
        .on('request_headers', 'log_answer'),
    )
    const stream = plugin.request(frame)
    assert.deepEqual(stream.upstream.headers, [
      ['a', 'bc'],
      ['d', ''],
    ])
    assert.deepEqual(texts(), [pairs.toString('latin1')])
    assert.deepEqual(faultKinds(), [])
  })

  it('are emptied by pairs that are not well-formed', async () => {
    const { plugin, faultKinds } = await stage((script) =>
      script.on('request_headers', 'proxy_set_header_map_pairs', map.requestHeaders, ...script.text('\x01\0\0\0\x09\0\0\0\0\0\0\0a\0')),
    )
    assert.deepEqual(plugin.request(frame).upstream.headers, [])
    assert.deepEqual(faultKinds(), ['argument'])
  })

  it('answer NotFound for what they do not hold, without a fault', async () => {
    const { plugin, answers, faultKinds } = await stage((script) =>
      script
        .on('request_headers', 'proxy_get_header_map_value', map.requestHeaders, ...script.text('x-b'), cell, cell + 4)
        .on('request_headers', 'proxy_remove_header_map_value', map.requestHeaders, ...script.text('x-b')),
    )
    plugin.request(frame)
    assert.deepEqual(answers(), [status.notFound, status.ok])
    assert.deepEqual(faultKinds(), [])
  })

  it('take headers that no codec will, but it is a fault', async () => {
    for (const [name, value] of [
      ['x-a', 'a\nb'],
      ['x-a', '\0'],
      ['x a', 'b'],
      ['', 'b'],
    ] as const) {
      const { plugin, answers, faultKinds } = await stage((script) =>
        script.on('request_headers', 'proxy_add_header_map_value', map.requestHeaders, ...script.text(name), ...script.text(value)),
      )
      plugin.request(frame)
      assert.deepEqual(answers(), [status.ok])
      assert.deepEqual(faultKinds(), ['protocol'])
    }
  })
})

describe('buffers', () => {
  it('give what there is of the range that was asked for', async () => {
    const { plugin, texts, answers, faultKinds } = await stage((script) => {
      for (const [start, length] of [
        [0, 3],
        [2, 100],
        [6, 1],
        [1, 0],
      ] as const) {
        script.on('request_body', 'proxy_get_buffer_bytes', buffer.requestBody, start, length, cell, cell + 4).on('request_body', 'log_answer')
      }
    })
    plugin.request(frame).body(Buffer.from('abcdef'), true)
    assert.deepEqual(texts(), ['abc', 'cdef', '', ''])
    assert.deepEqual(answers(), [0, 0, 0, 0])
    assert.deepEqual(faultKinds(), [])
  })

  it('answer Ok and nothing behind their end and where there is none, but it is a fault', async () => {
    const { plugin, texts, answers, faultKinds } = await stage((script) =>
      script
        .on('request_body', 'proxy_get_buffer_bytes', buffer.requestBody, 7, 1, cell, cell + 4)
        .on('request_body', 'log_answer')
        .on('request_body', 'proxy_get_buffer_bytes', buffer.responseBody, 0, 1, cell, cell + 4)
        .on('request_body', 'log_answer'),
    )
    plugin.request(frame).body(Buffer.from('abcdef'), true)
    assert.deepEqual(texts(), ['', ''])
    assert.deepEqual(answers(), [0, 0])
    assert.deepEqual(faultKinds(), ['argument', 'phase'])
  })

  it('of the configuration exist while it is read only', async () => {
    const { plugin, answers, faultKinds } = await stage((script) =>
      script.on('request_headers', 'proxy_get_buffer_bytes', buffer.pluginConfiguration, 0, 9, cell, cell + 4),
    )
    plugin.request(frame)
    assert.deepEqual(answers(), [status.notFound])
    assert.deepEqual(faultKinds(), ['phase'])
  })

  it('can be prepended, replaced at the front and appended, but not cut in the middle', async () => {
    for (const [start, length, expected, answer] of [
      [0, 0, '<>abc', 0],
      [0, 2, '<>c', 0],
      [0, 99, '<>', 0],
      [3, 0, 'abc<>', 0],
      [1, 1, 'abc', status.badArgument],
    ] as const) {
      const { plugin, answers } = await stage((script) =>
        script.on('request_body', 'proxy_set_buffer_bytes', buffer.requestBody, start, length, ...script.text('<>')),
      )
      const stream = plugin.request(frame)
      stream.body(Buffer.from('abc'), true)
      assert.deepEqual(answers(), [answer])
      assert.equal(stream.upstream.body().toString(), expected)
    }
  })
})
