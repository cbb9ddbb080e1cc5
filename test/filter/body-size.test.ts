import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import type { FilterStream } from '@feathermq/mesh-filter/host'
import { encodeSendMessageResponse } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { callHeaders, callsNamed, type RunningFilter, startFilter, told } from './support/filter.ts'

const chunkBytes = 16_384
const answer = frame(encodeSendMessageResponse({ status: { code: 'OK', message: 'OK' } }))

/** What the filter may do to read on behind a body: a look at what comes after it, and no more for a longer body. */
const window = 512
const config: Partial<MeshConfig> = { routes: [{ name: 'payments', when: { topic: ['payments', 'payments-*'] }, cluster: 'west' }] }

interface Cost {
  readonly calls: number
  readonly bytes: number
}

function counted({ vm }: RunningFilter, work: () => void): Cost {
  const { hostCalls, bytesCopied } = vm
  work()
  return { calls: vm.hostCalls - hostCalls, bytes: vm.bytesCopied - bytesCopied }
}

interface Call {
  readonly whole: Cost
  /** Of each chunk of the request, in order. */
  readonly chunks: readonly Cost[]
  readonly stream: FilterStream
}

/** A send with a body of `size` bytes, from its headers to its log. */
function send(filter: RunningFilter, size: number, chunk = chunkBytes): Call {
  const bytes = requests.send({ topic: 'payments', tag: 'created', body: Buffer.alloc(size, 'x') })
  const chunks: Cost[] = []
  let stream: FilterStream | undefined
  const whole = counted(filter, () => {
    const begun = filter.plugin.request({ headers: callHeaders('SendMessage') })
    stream = begun
    for (let at = 0; at < bytes.length; at += chunk) {
      chunks.push(counted(filter, () => begun.body(bytes.subarray(at, at + chunk), at + chunk >= bytes.length)))
    }
    assert.equal(begun.upstream.header('x-fmq-route'), 'payments')
    begun.response({ headers: [[':status', '200']] })
    begun.responseBody(answer)
    begun.responseTrailers([['grpc-status', '0']])
    begun.end()
  })
  return { whole, chunks, stream: stream ?? assert.fail() }
}

describe('what a call costs the filter', () => {
  it('is the same in host calls for a body of 64 KiB and of 4 MiB, and copies of both no more than their edges', async () => {
    const filter = await startFilter(config)
    send(filter, 1_000)
    const small = send(filter, 1_000)
    for (const size of [65_536, 1_048_576, 4_194_304 - 1_000]) {
      const { whole, chunks, stream } = send(filter, size)
      assert.equal(stream.upstream.bytes, requests.send({ topic: 'payments', tag: 'created', body: Buffer.alloc(size) }).length)
      assert.ok(chunks.length > size / chunkBytes)
      // One more look than for a body that is in the window with all that stands around it.
      assert.ok(whole.calls <= small.whole.calls + 1, `${whole.calls} host calls for ${size} bytes, ${small.whole.calls} for 1,000`)
      assert.ok(whole.bytes <= small.whole.bytes + window, `${whole.bytes} bytes copied of ${size}, ${small.whole.bytes} of 1,000`)
    }
    assert.equal(told(filter.host).counter(callsNamed({ op: 'send', topic: 'payments', code: '20000' })), 5)
    assert.deepEqual(filter.host.faults, [])
  }).timeout(60_000)

  it('is nothing at all for each chunk of a body that is on its way, however they are cut', async () => {
    const filter = await startFilter(config)
    send(filter, 1_000)
    for (const chunk of [1_000, chunkBytes, 65_536]) {
      const { chunks } = send(filter, 1_000_000, chunk)
      const [first, ...others] = chunks
      assert.ok(first !== undefined && first.calls > 0 && first.bytes > 0, 'the first one is decided by')
      const last = others.pop()
      assert.ok(last !== undefined && last.calls <= 1 && last.bytes <= window, `the last one: ${JSON.stringify(last)}`)
      assert.deepEqual(
        others.filter(({ calls, bytes }) => calls > 0 || bytes > 0),
        [],
        `of ${others.length} chunks of ${chunk} bytes`,
      )
    }
    assert.deepEqual(filter.host.faults, [])
  }).timeout(60_000)
})
