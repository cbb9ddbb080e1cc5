import assert from 'node:assert/strict'
import { encodeReceiveMessageResponse } from '@feathermq/protocol'
import fc from 'fast-check'
import { after, before, beforeEach, describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'
import { ok, respond } from './support/fake-broker.ts'
import { type Mesh, startMesh } from './support/mesh.ts'

const mib = 1_048_576

/** Lets what was written go out before more is written. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('a real Envoy with the filter, passing bytes on', () => {
  let mesh: Mesh
  before(async function () {
    mesh = await startMesh(await requireEnvoy(this))
  })
  after(() => mesh?.stop())
  beforeEach(() => mesh.reset())

  it('lets a message of 4 MiB flow: the broker has its headers and first bytes before the client has sent the end', async () => {
    const request = requests.send({ topic: 'payments', body: Buffer.alloc(4 * mib, 'x') })
    const call = mesh.client.open('SendMessage')
    await call.write(request.subarray(0, 1000))
    // Nothing more is written until the broker has it, so nothing waits for the end.
    const upstream = await mesh.broker('west').call()
    assert.equal(upstream.fact('topic'), 'payments')
    await upstream.received(1000)
    for (let at = 1000; at < request.length; at += 65_536) {
      const next = Math.min(at + 65_536, request.length)
      await call.write(request.subarray(at, next))
      if (at % (16 * 65_536) === 1000) await upstream.received(next)
    }
    await upstream.received(request.length)
    assert.equal(upstream.isComplete, false)
    call.end()
    const end = await within(call.ended, 'the end of the call')
    assert.equal(end.status, 0, end.message)
    assert.ok(upstream.bytes.equals(request), 'the bytes are the same')
  })

  it('delivers the same bytes however the request is cut, and reads the same facts', async () => {
    const requestsOf = [
      [
        'SendMessage',
        requests.send({ topic: 'payments-eu', tag: 'a', messageGroup: 'g', body: Buffer.alloc(300, 'b') }, { topic: 'payments-eu' }),
        'payments-eu',
      ],
      ['ReceiveMessage', requests.receive('payments', 'billing', 'broker-a'), 'payments'],
      ['AckMessage', requests.ack('payments', 'billing', '1 2 3 4 5 broker 7 8 9'), 'payments'],
    ] as const
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...requestsOf),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }),
        fc.boolean(),
        async (sample, sizes, endsApart) => {
          const [method, request, topic] = sample
          mesh.reset()
          const call = mesh.client.open(method)
          let at = 0
          for (const size of sizes) {
            if (at + size >= request.length) break
            await call.write(request.subarray(at, at + size))
            await turn()
            at += size
          }
          if (endsApart) {
            await call.write(request.subarray(at))
            await turn()
            call.end()
          } else call.stream.end(request.subarray(at))
          const end = await within(call.ended, 'the end of the call')
          assert.equal(end.status, 0, end.message)
          const upstream = await mesh.broker('west').call()
          assert.ok(upstream.bytes.equals(request))
          assert.equal(upstream.fact('topic'), topic)
          assert.equal(mesh.broker('east').calls.length, 0)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('decides byte by byte as well', async () => {
    const request = requests.send({ topic: 'payments', body: Buffer.from('short') })
    const call = mesh.client.open('SendMessage')
    for (const byte of request) await call.write(Uint8Array.of(byte))
    call.end()
    const end = await within(call.ended, 'the end of the call')
    assert.equal(end.status, 0, end.message)
    assert.ok((await mesh.broker('west').call()).bytes.equals(request))
  })

  it('answers a request that ends with its headers, without holding it', async () => {
    const call = mesh.client.open('SendMessage')
    call.end()
    const end = await within(call.ended, 'the end of the call')
    assert.notEqual(end.status, undefined)
  })

  it('passes each message of a long poll as the broker writes it', async () => {
    const messages = Array.from({ length: 5 }, (_, index) =>
      frame(
        encodeReceiveMessageResponse({
          content: { case: 'message', value: { topic: { name: 'payments' }, body: Buffer.alloc(100 * 10 ** index, 65 + index) } },
        }),
      ),
    )
    const written: (() => void)[] = []
    mesh.broker('west').answer = async ({ stream, complete }) => {
      await complete
      respond(stream)
      for (const message of messages) {
        const next = new Promise<void>((resolve) => written.push(resolve))
        stream.write(message)
        // The next message is written when the client has this one.
        await next
      }
      stream.end(frame(ok))
    }
    const call = mesh.client.open('ReceiveMessage')
    call.stream.end(requests.receive('payments', 'billing'))
    let length = 0
    for (const message of messages) {
      length += message.length
      assert.ok((await call.received(length)).subarray(length - message.length).equals(message))
      written.shift()?.()
    }
    const end = await within(call.ended, 'the end of the call')
    assert.equal(end.status, 0)
    assert.deepEqual(end.messages.at(-1), Buffer.from(ok))
  })

  it('carries a Telemetry stream both ways while it stays open, commands of the broker included', async () => {
    mesh.broker('east').answer = ({ stream }) => respond(stream)
    const call = mesh.client.open('Telemetry')
    const settings = requests.settings('billing')
    await call.write(settings)
    const upstream = await mesh.broker('east').call()
    await upstream.received(settings.length)
    upstream.stream.write(frame(Buffer.from('command 1')))
    await call.received(14)
    await call.write(settings)
    await upstream.received(2 * settings.length)
    upstream.stream.write(frame(Buffer.from('command 2')))
    await call.received(28)
    assert.equal(upstream.isComplete, false)
    call.end()
    await within(upstream.complete, 'the end of the stream')
    upstream.stream.end()
    const end = await within(call.ended, 'the end of the call')
    assert.equal(end.status, 0)
    assert.deepEqual(end.messages, [Buffer.from('command 1'), Buffer.from('command 2')])
  })

  it('tells the broker when a client gives up its long poll', async () => {
    mesh.broker('west').answer = () => {}
    const call = mesh.client.open('ReceiveMessage')
    call.stream.end(requests.receive('payments', 'billing'))
    const upstream = await mesh.broker('west').call()
    await upstream.complete
    call.stream.close(8)
    await within(upstream.closed, 'the reset at the broker')
    assert.ok(upstream.stream.aborted, 'it is a reset, not an end')
  })
})
