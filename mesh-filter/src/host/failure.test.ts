import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { map, status } from './codes.ts'
import { type CallbackName, cell } from './test-kit/puppet.ts'
import { stage } from './test-kit/puppet-plugin.ts'
import { callHeaders } from './test-kit/requests.ts'

const frame = { headers: callHeaders('SendMessage') }
const ok = { headers: [[':status', '200'] as const] }

describe('a filter that crashes', () => {
  it('costs the call 503, gRPC 14, without a response callback, and is on record', async () => {
    const { plugin, vm, host } = await stage((script) => script.on('request_headers', 'trap'))
    const stream = plugin.request(frame)
    assert.deepEqual({ ...stream.localReply, body: '' }, { httpStatus: 503, grpcStatus: 14, details: 'wasm_fail_stream', body: '', way: 'filters' })
    assert.equal(stream.client.header('grpc-status'), '14')
    assert.equal(stream.upstream.headers, undefined)
    assert.match(vm.failure ?? '', /^Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable/)
    assert.deepEqual(host.faults, [{ kind: 'trap', call: 'proxy_on_request_headers', context: stream.id, message: 'unreachable' }])
    assert.equal(host.log.at(-1)?.from, 'host')
    assert.equal(host.log.at(-1)?.level, 'error')
  })

  it('answers every later call likewise, and each open call at its next frame, until it is loaded again', async () => {
    const { plugin, vm, faultKinds } = await stage((script) => script.on('request_body', 'trap'))
    const open = plugin.request(frame)
    open.response(ok)
    const idle = plugin.request(frame)
    const crashing = plugin.request(frame)
    assert.equal(crashing.body(Buffer.from('a')).localReply?.httpStatus, 503)
    assert.equal(crashing.upstream.isReset, true)
    assert.equal(idle.state, 'open')
    assert.equal(open.responseBody(Buffer.from('a')).localReply?.way, 'reset')
    assert.equal(open.client.isReset, true)
    for (let index = 0; index < 3; index++) {
      const next = plugin.request(frame)
      assert.equal(next.client.header('grpc-status'), '14')
      assert.equal(next.body(Buffer.from('a'), true).decision, undefined)
      next.end()
    }

    vm.reload()
    assert.equal(vm.failure, undefined)
    assert.equal(plugin.ok, true)
    assert.equal(idle.body(Buffer.from('a')).localReply?.httpStatus, 503, 'calls of the dead VM stay dead')
    const next = plugin.request(frame)
    assert.equal(next.state, 'open')
    for (const stream of [open, idle, crashing, next]) stream.end()
    assert.deepEqual(faultKinds(), ['trap'])
  })

  for (const [callback, reply] of [
    ['request_trailers', 'filters'],
    ['response_headers', 'direct'],
    ['response_body', 'reset'],
    ['response_trailers', 'reset'],
  ] as const) {
    it(`in ${callback} fails the call by way of "${reply}"`, async () => {
      const { plugin } = await stage((script) => script.on(callback, 'trap'))
      const stream = plugin.request(frame)
      if (callback === 'request_trailers') stream.trailers([])
      else {
        stream.response(ok)
        if (callback !== 'response_headers') stream.responseBody(Buffer.from('a'))
        if (callback === 'response_trailers') stream.responseTrailers([])
      }
      assert.equal(stream.localReply?.way, reply)
      assert.equal(stream.client.isReset, reply === 'reset')
      stream.end()
    })
  }

  for (const callback of ['log', 'done', 'delete', 'tick'] satisfies CallbackName[]) {
    it(`in ${callback} is dead for the next call`, async () => {
      const { plugin, vm } = await stage((script) => script.on(callback, 'trap'))
      plugin.tick()
      plugin.request(frame).end()
      assert.match(vm.failure ?? '', new RegExp(`proxy_on_${callback}`))
      assert.equal(plugin.request(frame).localReply?.httpStatus, 503)
    })
  }

  it('while it is given memory is dead once its callback ends', async () => {
    const { plugin, vm, answers, faultKinds } = await stage((script) =>
      script.on('request_headers', 'malloc_traps').on('request_headers', 'proxy_get_header_map_pairs', map.requestHeaders, cell, cell + 4),
    )
    assert.equal(plugin.request(frame).localReply?.httpStatus, 503)
    assert.deepEqual(answers(), [status.invalidMemoryAccess])
    assert.match(vm.failure ?? '', /malloc/)
    assert.deepEqual(faultKinds(), ['trap'])
  })

  it('over its configuration is refused', async () => {
    const { plugin, host } = await stage((script) => script.on('configure', 'trap'))
    assert.equal(plugin.ok, false)
    assert.match(plugin.log.map(({ message }) => message).join(), /proxy_on_configure failed/)
    assert.throws(() => plugin.request(frame), /was refused: Function: proxy_on_configure failed/)
    assert.deepEqual(
      host.faults.map(({ kind }) => kind),
      ['trap'],
    )
  })
})

describe('a filter that calls the host while it allocates', () => {
  it('traps, as Envoy lets it', async () => {
    const { plugin, vm, faultKinds } = await stage((script) =>
      script.on('request_headers', 'malloc_calls').on('request_headers', 'proxy_get_header_map_pairs', map.requestHeaders, cell, cell + 4),
    )
    assert.equal(plugin.request(frame).localReply?.httpStatus, 503)
    assert.match(vm.failure ?? '', /restricted_callback/)
    assert.deepEqual(faultKinds(), ['order', 'trap'])
  })
})

describe('a filter that needs memory', () => {
  it('gets it, and the host sees what it has', async () => {
    const { plugin, vm, host } = await stage((script) =>
      script
        .on('request_headers', 'grow', 3)
        .on('request_headers', 'proxy_get_header_map_value', map.requestHeaders, ...script.text(':path'), cell, 5 * 65536 - 4)
        .on('request_body', 'proxy_get_header_map_size', map.requestHeaders, cell),
    )
    assert.equal(vm.memoryBytes, 2 * 65536)
    assert.equal(vm.memoryGrowths, 0)
    plugin.request(frame)
    assert.equal(vm.memoryBytes, 5 * 65536)
    assert.equal(vm.memoryGrowths, 1)
    assert.deepEqual(host.faults, [])
  })

  it('is dead when it has taken more than Envoy gives', async () => {
    const { plugin, vm } = await stage((script) => script.on('request_headers', 'grow', 3), { memoryLimit: 4 * 65536 })
    assert.equal(plugin.request(frame).localReply?.httpStatus, 503)
    assert.match(vm.failure ?? '', /grown beyond 262144 bytes/)
  })
})

describe('a callback that answers a number without meaning', () => {
  for (const [callback, answer, decision] of [
    ['request_headers', 2, 'continue'],
    ['request_headers', 5, 'stop-all-and-watermark'],
    ['request_body', 4, 'stop-no-buffer'],
    ['request_trailers', 2, 'stop-iteration'],
  ] as const) {
    it(`is taken as Envoy takes it (${answer} in ${callback}: ${decision}), and is a fault`, async () => {
      const { plugin, faultKinds } = await stage((script) => script.on(callback, 'return', answer))
      const stream = plugin.request(frame)
      if (callback === 'request_body') stream.body(Buffer.from('a'))
      if (callback === 'request_trailers') stream.trailers([])
      assert.equal(stream.lastStep.decision, decision)
      assert.deepEqual(faultKinds(), ['argument'])
    })
  }
})

describe("a test's own error", () => {
  it('is not taken for a crash of the filter', async () => {
    const broken = new Error('not the filter')
    const { plugin, vm } = await stage((script) => script.on('request_headers', 'proxy_log', 3, ...script.text('x')), {
      log: ({ level }) => {
        if (level === 'warn') throw broken
      },
    })
    assert.throws(() => plugin.request(frame), broken)
    assert.equal(vm.failure, undefined)
  })
})
