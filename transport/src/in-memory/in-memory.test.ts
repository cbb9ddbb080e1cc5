import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { describe, it } from 'mocha'
import type { Clock, Timer } from '../clock.ts'
import type { Method, Transport } from '../contract.ts'
import { Callee, Caller, echo, Inbox } from '../testing/conformance/harness.ts'
import { type InMemoryOptions, inMemoryTransport } from './transport.ts'

const method: Method = { path: '/test.Memory/Call', kind: 'unary' }
const stream: Method = { path: '/test.Memory/Stream', kind: 'bidi' }

/** A clock that goes when it is told to. */
class ManualClock implements Clock {
  #now = 1_000
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>()

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  setTimer(callback: () => void, delay: number): Timer {
    const timer = { at: this.#now + delay, callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  advance(ms: number): void {
    this.#now += ms
    for (const timer of this.#timers) {
      if (timer.at > this.#now || !this.#timers.delete(timer)) continue
      timer.callback()
    }
  }

  get pending(): number {
    return this.#timers.size
  }
}

async function listening(transport: Transport, callee: Callee, port = 0): Promise<{ port: number; close(): Promise<void> }> {
  const server = transport.createServer()
  server.handle<unknown>(method, callee)
  server.handle<unknown>(stream, callee)
  const bound = await server.listen('anywhere', port)
  return { port: bound.port, close: () => server.close() }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('in-memory transport', () => {
  it('runs deadlines at both ends, grace and back-off on the given clock', async () => {
    const clock = new ManualClock()
    const transport = inMemoryTransport({ clock, random: () => 0.5 })
    const callee = new Callee()
    const server = await listening(transport, callee)
    const channel = transport.createChannel({ address: `any:${server.port}` })
    const caller = new Caller()
    channel.start(stream, caller, { timeout: 3_600_000 })
    assert.equal((await callee.starts.next()).remaining, 3_600_000)
    clock.advance(3_599_999)
    await turn()
    assert.deepEqual(caller.story, [])
    clock.advance(1)
    assert.equal((await caller.status()).code, 'DEADLINE_EXCEEDED')
    await callee.cancels.next()
    assert.equal(clock.pending, 0)

    await server.close()
    const patient = new Caller()
    const call = channel.start(method, patient, { waitForReady: true })
    call.send(new Uint8Array(0))
    call.halfClose()
    const states = new Inbox<string>()
    channel.onState((state) => states.put(state))
    while ((await states.next()) !== 'waiting');
    const again = await listening(transport, new Callee({ onMessage: (served) => served.end() }), server.port)
    clock.advance(19)
    await turn()
    assert.equal(channel.state, 'waiting')
    clock.advance(1)
    assert.equal((await patient.status()).code, 'OK')
    channel.close()
    await again.close()
    assert.equal(clock.pending, 0)
  })

  it('keeps networks apart, and gives out ports of its own', async () => {
    const [one, other] = [inMemoryTransport(), inMemoryTransport()]
    const first = await listening(one, new Callee())
    const second = await listening(one, new Callee())
    assert.notEqual(first.port, second.port)
    const channel = other.createChannel({ address: `any:${first.port}` })
    const caller = new Caller()
    channel.start(method, caller)
    assert.equal((await caller.status()).code, 'UNAVAILABLE')
    channel.close()
    await first.close()
    await second.close()
  })

  it('never calls the other end in the turn in which something is sent', async () => {
    const transport = inMemoryTransport()
    const callee = new Callee()
    const server = await listening(transport, callee)
    const channel = transport.createChannel({ address: `any:${server.port}` })
    const caller = new Caller()
    const call = channel.start(stream, caller)
    const served = await callee.starts.next()
    for (let round = 0; round < 3; round += 1) {
      call.send(new Uint8Array(1))
      served.send(new Uint8Array(1))
      await Promise.resolve()
      assert.deepEqual([callee.messages.all.length, caller.messages.all.length], [round, round])
      await callee.messages.next()
      await caller.messages.next()
    }
    call.cancel()
    await Promise.resolve()
    assert.equal(served.cancelled, false)
    await callee.cancels.next()
    channel.close()
    await server.close()
  })

  it('wants TLS at both ends or at none', async () => {
    const transport = inMemoryTransport()
    const server = transport.createServer({ tls: { certificate: '', key: '' } })
    const callee = new Callee({ onMessage: (call) => call.end() })
    server.handle<unknown>(method, callee)
    const { port } = await server.listen('any', 0)
    const status = async (tls: boolean): Promise<string> => {
      const channel = transport.createChannel({ address: `any:${port}`, ...(tls ? { tls: {} } : {}) })
      const caller = new Caller()
      const call = channel.start(method, caller)
      call.send(new Uint8Array(0))
      call.halfClose()
      const { code } = await caller.status()
      channel.close()
      return code
    }
    assert.deepEqual([await status(true), await status(false)], ['OK', 'UNAVAILABLE'])
    assert.equal((await callee.starts.next()).peer.encrypted, true)
    await server.close()
  })

  const misuse = async (options: InMemoryOptions, handler: Callee, keepAtClient: boolean): Promise<Uint8Array[]> => {
    const transport = inMemoryTransport(options)
    const server = transport.createServer()
    server.handle<unknown>(method, handler)
    const { port } = await server.listen('any', 0)
    const channel = transport.createChannel({ address: `any:${port}` })
    const kept: Uint8Array[] = []
    await new Promise<void>((resolve) => {
      const call = channel.start(method, {
        onMessage: (message) => void (keepAtClient && kept.push(message)),
        onEnd: () => resolve(),
      })
      call.send(Uint8Array.of(1, 2, 3))
      call.halfClose()
    })
    channel.close()
    await server.close()
    return kept
  }

  it('spoils borrowed bytes that were kept, at both ends, when asked to poison', async () => {
    const kept: Uint8Array[] = []
    const keeper = new Callee({
      onMessage: (call, message) => {
        kept.push(message)
        echo.onMessage(call, message)
      },
    })
    kept.push(...(await misuse({ poison: true }, keeper, true)))
    assert.deepEqual(kept, [Uint8Array.of(0xdb, 0xdb, 0xdb), Uint8Array.of(0xdb, 0xdb, 0xdb)])
  })

  it('leaves bytes alone otherwise, and never shares them between the ends', async () => {
    const scribbler = new Callee({
      onMessage: (call, message) => {
        call.send(message)
        message.fill(0)
        call.end()
      },
    })
    assert.deepEqual(await misuse({}, scribbler, true), [Uint8Array.of(1, 2, 3)])
  })

  it('reports a sender that writes into a message it has sent, when asked to poison', async () => {
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    try {
      const uncaught = once(process, 'uncaughtException')
      const answer = Uint8Array.of(1, 2, 3)
      const scribbler = new Callee({
        onMessage: (call) => {
          call.send(answer)
          answer.fill(0)
          call.end()
        },
      })
      await misuse({ poison: true }, scribbler, false)
      assert.match(String((await uncaught)[0]), /written into after it had been sent/)
    } finally {
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
  })
})
