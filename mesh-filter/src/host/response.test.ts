import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { buffer, map, status } from './codes.ts'
import { stage } from './test-kit/puppet-plugin.ts'
import { callHeaders } from './test-kit/requests.ts'

const frame = { headers: callHeaders('SendMessage') }
const ok = { headers: [[':status', '200'] as const] }
const text = (content: string) => Buffer.from(content)

describe('a response that is kept', () => {
  for (const [what, write, state] of [
    ['with its headers is answered with 500', 1, 'answered'],
    ['behind its headers is reset', 0, 'reset'],
  ] as const) {
    it(`${what} when it is longer than Envoy keeps`, async () => {
      const { plugin } = await stage((script) => script.on('response_headers', 'return', write).on('response_body', 'return', 1), { bufferLimit: 4 })
      const stream = plugin.request({ ...frame, endStream: true })
      stream.response(ok)
      assert.equal(stream.responseBody(text('abcd')).localReply, undefined)
      assert.notEqual(stream.responseBody(text('e')).localReply, undefined)
      assert.equal(stream.state, state)
      assert.equal(stream.client.header('grpc-message'), state === 'answered' ? 'Internal Server Error' : undefined)
      assert.equal(stream.upstream.isReset, true)
    })
  }

  it('can be rewritten as a whole when its trailers have come, headers included', async () => {
    const { plugin, host } = await stage((script) =>
      script
        .on('response_headers', 'return', 1)
        .on('response_body', 'return', 1)
        .on('response_trailers', 'proxy_set_buffer_bytes', buffer.responseBody, 0, 99, ...script.text('new'))
        .on('response_trailers', 'proxy_replace_header_map_value', map.responseHeaders, ...script.text('x-a'), ...script.text('1')),
    )
    const stream = plugin.request({ ...frame, endStream: true })
    stream.response(ok)
    stream.responseBody(text('a'))
    stream.responseBody(text('b'))
    stream.responseTrailers([['grpc-status', '0']])
    assert.equal(stream.client.body().toString(), 'new')
    assert.equal(stream.client.header('x-a'), '1')
    assert.deepEqual(stream.client.trailers, [['grpc-status', '0']])
    assert.deepEqual(host.faults, [])
  })
})

describe('trailers that a filter adds', () => {
  it('follow the last bytes of a response that had none', async () => {
    const { plugin, faultKinds, answers } = await stage((script) =>
      script.on('response_body', 'proxy_add_header_map_value', map.responseTrailers, ...script.text('grpc-status'), ...script.text('0')),
    )
    const stream = plugin.request({ ...frame, endStream: true })
    stream.response(ok)
    stream.responseBody(text('a'))
    assert.deepEqual(answers(), [status.badArgument], 'not before the last bytes')
    stream.responseBody(text('b'), true)
    assert.deepEqual(answers(), [status.ok])
    assert.deepEqual(stream.client.trailers, [['grpc-status', '0']])
    assert.equal(stream.client.body().toString(), 'ab')
    assert.equal(stream.client.ended, true)
    assert.deepEqual(faultKinds(), ['phase'])
  })
})
