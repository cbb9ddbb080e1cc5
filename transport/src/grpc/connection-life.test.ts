import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'mocha'
import type { ChannelState, ServerOptions } from '../contract.ts'
import { ManualClock } from '../http2/test-kit/manual-clock.ts'
import { type Bench, bidi, bytes, Callee, Inbox, OK, serverStream, unaryMethod, withPair } from '../testing/conformance/harness.ts'
import { END_STREAM, frameType, RawHttp2 } from '../testing/conformance/raw-http2.ts'
import { Http2Server } from './server.ts'
import { http2Transport } from './transport.ts'

const bench: Bench = { describe, it, traits: { sockets: true }, createTransport: http2Transport }

describe('the life of connections', () => {
  it('moves clients to new connections when theirs are too old, and fails none of their calls', async () => {
    const connections = new Set<string>()
    const callee = new Callee({
      onMessage: (call) => {
        connections.add(call.peer.connection)
        call.send(bytes('answer'))
        call.end()
      },
    })
    await withPair(
      bench,
      { unary: callee },
      async (pair) => {
        while (connections.size < 4) {
          const callers = Array.from({ length: 20 }, () => pair.ask(unaryMethod, bytes('x')))
          for (const caller of callers) assert.deepEqual(await caller.status(), OK)
        }
      },
      { server: { maxConnectionAge: 40 } },
    )
  })

  it('lets calls go on when their connection is too old, and ends them after the grace', async () => {
    const callee = new Callee({ onMessage: (call, message) => call.send(Uint8Array.from(message)) })
    await withPair(
      bench,
      { bidi: callee },
      async (pair) => {
        const caller = pair.call(bidi)
        const first = await callee.starts.next()
        // Until another connection is there, this one cannot have been too old.
        for (let current = first.peer.connection; current === first.peer.connection; ) {
          const other = pair.call(bidi)
          current = (await callee.starts.next()).peer.connection
          other.call.cancel()
        }
        caller.call.send(bytes('still there'))
        await caller.messages.next()
        assert.equal((await caller.status()).code, 'UNAVAILABLE')
        assert.equal(first.cancelled, true)
      },
      { server: { maxConnectionAge: 40, maxConnectionAgeGrace: 400 } },
    )
  })

  it('closes a connection that has had no call for too long, and takes the next call on another', async () => {
    const callee = new Callee({
      onMessage: (call) => {
        call.send(bytes(call.peer.connection))
        call.end()
      },
    })
    await withPair(
      bench,
      { unary: callee },
      async (pair) => {
        const states = new Inbox<ChannelState>()
        pair.channel.onState((state) => states.put(state))
        for (let round = 0; round < 2; round += 1) {
          assert.deepEqual(await pair.ask(unaryMethod, bytes('x')).status(), OK)
          while ((await states.next()) !== 'idle');
        }
        const [first, second] = await callee.starts.take(2)
        assert.notEqual(first?.peer.connection, second?.peer.connection)
      },
      { server: { maxConnectionIdle: 30 } },
    )
  })

  it('does not take a connection for idle that has a call', async () => {
    const callee = new Callee({ onMessage: (call) => call.send(bytes('x')), onHalfClose: (call) => call.end() })
    await withPair(
      bench,
      { bidi: callee, unary: new Callee({ onMessage: (call) => call.end() }) },
      async (pair) => {
        const caller = pair.call(bidi)
        await callee.starts.next()
        const silent = pair.transport.createChannel({ address: `${pair.host}:${pair.port}` })
        const states = new Inbox<ChannelState>()
        silent.onState((state) => states.put(state))
        // Another connection is idle three times over while the first has its call.
        for (let round = 0; round < 3; round += 1) {
          await pair.ask(unaryMethod, bytes('x'), {}, silent).status()
          while ((await states.next()) !== 'idle');
        }
        caller.call.send(bytes('x'))
        await caller.messages.next()
        caller.call.halfClose()
        assert.deepEqual(await caller.status(), OK)
        silent.close()
      },
      { server: { maxConnectionIdle: 30 } },
    )
  })

  it('refuses times that are none', () => {
    const transport = bench.createTransport()
    for (const option of ['maxConnectionIdle', 'maxConnectionAge', 'maxConnectionAgeGrace']) {
      for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.throws(() => transport.createServer({ [option]: value }), RangeError)
      }
      transport.createServer({ [option]: 0 })
      transport.createServer({ [option]: 2 ** 40 })
    }
  })

  it('asks for no more calls first, serves those that were on their way, and says then which was the last', async () => {
    await withRaw({}, async ({ server, raw, callee }) => {
      raw.call(1, serverStream.path)
      raw.message(1, bytes('one'), END_STREAM)
      const first = await callee.starts.next()
      const closing = server.close(60_000)
      assert.equal(await lastStreamOf(raw), 2 ** 31 - 1)
      const ping = await raw.find(({ type, flags }) => type === frameType.ping && (flags & 1) === 0)
      raw.call(3, serverStream.path)
      raw.message(3, bytes('two'), END_STREAM)
      const second = await callee.starts.next()
      raw.frame(frameType.ping, 1, 0, ping.payload)
      assert.equal(await lastStreamOf(raw), 3)
      raw.call(5, serverStream.path)
      raw.message(5, bytes('three'), END_STREAM)
      await raw.barrier()
      first.end()
      second.end()
      await raw.closed
      await closing
      assert.equal(callee.starts.all.length, 2)
      assert.equal(callee.cancels.all.length, 0)
    })
  })

  it('waits a second for a client that does not answer before it says which call was the last', async () => {
    await withRaw({}, async ({ server, raw, callee, clock }) => {
      raw.call(1, serverStream.path)
      raw.message(1, bytes('one'), END_STREAM)
      const call = await callee.starts.next()
      const closing = server.close(60_000)
      assert.equal(await lastStreamOf(raw), 2 ** 31 - 1)
      clock.advance(999)
      await raw.barrier()
      assert.equal(raw.frames.all.filter(({ type }) => type === frameType.goaway).length, 1)
      clock.advance(1)
      assert.equal(await lastStreamOf(raw), 1)
      call.end()
      await raw.closed
      await closing
    })
  })

  it('closes at once who has no call and answers, and who has not said its settings', async () => {
    await withRaw({}, async ({ server, raw, clock, port }) => {
      const silent = connect({ host: '127.0.0.1', port })
      silent.resume()
      await once(silent, 'connect')
      await raw.barrier()
      const closing = server.close(60_000)
      const ping = await raw.find(({ type, flags }) => type === frameType.ping && (flags & 1) === 0)
      raw.frame(frameType.ping, 1, 0, ping.payload)
      await raw.closed
      silent.destroy()
      await closing
      // Sockets close a turn later. Nothing else may be left to wait for.
      while (clock.armed > 0) await new Promise(setImmediate)
    })
  })

  for (const [random, age] of [
    [0, 54_000],
    [0.5, 60_000],
    [1, 66_000],
  ] as const) {
    it(`finds a connection too old after ${age} ms of 60,000 when the dice show ${random}`, async () => {
      await withRaw(
        { maxConnectionAge: 60_000, maxConnectionAgeGrace: 5_000 },
        async ({ raw, callee, clock }) => {
          raw.call(1, serverStream.path)
          raw.message(1, bytes('one'), END_STREAM)
          await callee.starts.next()
          clock.advance(age - 1)
          await raw.barrier()
          assert.equal(raw.frames.all.filter(({ type }) => type === frameType.goaway).length, 0)
          clock.advance(1)
          assert.equal(await lastStreamOf(raw), 2 ** 31 - 1)
          clock.advance(4_999)
          await raw.barrier()
          assert.equal(callee.cancels.all.length, 0)
          clock.advance(1)
          await callee.cancels.next()
          await raw.closed
        },
        random,
      )
    })
  }

  it('counts the time without a call from the end of the last one', async () => {
    await withRaw({ maxConnectionIdle: 60_000 }, async ({ raw, callee, clock }) => {
      const goaways = async (): Promise<number> => {
        await raw.barrier()
        return raw.frames.all.filter(({ type }) => type === frameType.goaway).length
      }
      clock.advance(50_000)
      raw.call(1, serverStream.path)
      raw.message(1, bytes('one'), END_STREAM)
      const call = await callee.starts.next()
      clock.advance(100_000)
      call.end()
      await raw.find(({ stream, flags }) => stream === 1 && (flags & END_STREAM) !== 0)
      clock.advance(59_999)
      assert.equal(await goaways(), 0)
      clock.advance(1)
      assert.equal(await goaways(), 1)
    })
  })

  it('closes no connection for its age, and none for being idle, where it is told so', async () => {
    await withRaw({ maxConnectionIdle: 0 }, async ({ raw, clock }) => {
      for (let round = 0; round < 100; round += 1) {
        clock.advance(100_000)
        await raw.barrier()
      }
      assert.equal(raw.frames.all.filter(({ type }) => type === frameType.goaway).length, 0)
      assert.equal(raw.socket.closed, false)
    })
  })
})

interface RawBench {
  readonly server: Http2Server
  readonly raw: RawHttp2
  readonly callee: Callee
  readonly clock: ManualClock
  readonly port: number
}

/** A server whose time stands still, and a client that says what it is told to. */
async function withRaw(options: ServerOptions, body: (bench: RawBench) => Promise<void>, random = 0.5): Promise<void> {
  const clock = new ManualClock()
  const server = new Http2Server(options, clock, () => random)
  const callee = new Callee()
  server.handle(serverStream, callee)
  const { port } = await server.listen('127.0.0.1', 0)
  const raw = await RawHttp2.open('127.0.0.1', port)
  try {
    // The server has read the greeting: nothing that it waits for is due when the clock moves.
    await raw.barrier()
    await body({ server, raw, callee, clock, port })
  } finally {
    raw.close()
    await server.close()
  }
}

async function lastStreamOf(raw: RawHttp2): Promise<number> {
  const { payload } = await raw.find(({ type }) => type === frameType.goaway)
  return payload.readUInt32BE(0)
}
