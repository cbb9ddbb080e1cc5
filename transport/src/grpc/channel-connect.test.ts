import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { ManualClock } from '../http2/test-kit/manual-clock.ts'
import { Caller, OK, serverStream } from '../testing/conformance/harness.ts'
import { Http2Channel } from './channel.ts'
import { type Greeting, greet, settle, until, withChannel } from './test-kit/channel-bench.ts'
import { RawServer } from './test-kit/raw-server.ts'

describe('a channel that cannot connect', () => {
  it('gives the server so long to say its settings, and tries again after longer and longer pauses', async () => {
    await withChannel(
      () => {},
      async ({ server, channel, call, clock, states }) => {
        const caller = call()
        const first = await server.connections.next()
        await settle()
        clock.advance(2_999)
        await settle()
        assert.deepEqual(caller.story, [])
        clock.advance(1)
        const status = await caller.status()
        assert.deepEqual(status, { code: 'UNAVAILABLE', message: `${server.address} did not complete a connection within 3000 ms` })
        await first.closed
        for (const delay of [200, 320, 512]) {
          assert.equal(channel.state, 'waiting')
          clock.advance(delay - 1)
          await settle()
          assert.equal(channel.state, 'waiting')
          clock.advance(1)
          assert.equal(channel.state, 'connecting')
          await server.connections.next()
          await settle()
          clock.advance(3_000)
        }
        assert.deepEqual(await states.take(8), ['connecting', 'waiting', 'connecting', 'waiting', 'connecting', 'waiting', 'connecting', 'waiting'])
      },
    )
  })

  it('tells the server, once it has said its settings, what is left of a call’s time by then', async () => {
    await withChannel(
      () => {},
      async ({ server, clock, call }) => {
        const early = call('early', { timeout: 20_000 })
        const connection = await server.connections.next()
        clock.advance(500)
        connection.greet()
        const waited = await connection.calls.next()
        assert.equal(waited.fields['grpc-timeout'], '19500m')
        connection.answer(waited.id)
        assert.deepEqual(await early.status(), OK)
        call('at once', { timeout: 20_000 })
        assert.equal((await connection.calls.next()).fields['grpc-timeout'], '20000m')
      },
    )
  })

  it('goes back to the shortest pause when it had been connected', async () => {
    let silent = false
    const sometimes: Greeting = (connection) => {
      if (!silent) connection.greet()
    }
    await withChannel(sometimes, async ({ server, channel, call, clock }) => {
      for (let round = 0; round < 2; round += 1) {
        silent = false
        const caller = call('x', { waitForReady: true })
        const connection = await server.connections.next()
        connection.answer((await connection.calls.next()).id)
        assert.deepEqual(await caller.status(), OK)
        silent = true
        connection.socket.destroy()
        await until(() => channel.state !== 'ready')
        const failing = call()
        await server.connections.next()
        await settle()
        clock.advance(3_000)
        assert.equal((await failing.status()).code, 'UNAVAILABLE')
        silent = false
        clock.advance(200)
        const { socket } = await server.connections.next()
        await until(() => channel.state === 'ready')
        socket.destroy()
        await until(() => channel.state !== 'ready')
      }
    })
  })

  for (const [when, onConnection] of [
    ['it connects', () => {}],
    ['it is connected', greet],
  ] as const) {
    it(`leaves nothing behind when it is closed while ${when}`, async () => {
      await withChannel(onConnection, async ({ server, channel, call, clock, states }) => {
        const caller = call('x', { timeout: 1_000 })
        const connection = await server.connections.next()
        await settle()
        channel.close()
        assert.equal((await caller.status()).code, 'CANCELLED')
        await connection.closed
        await settle()
        assert.equal(clock.armed, 0)
        assert.equal(states.all.at(-1), 'closed')
        assert.equal((await call().status()).code, 'CANCELLED')
      })
    })
  }

  it('leaves nothing behind when it is closed while it waits', async () => {
    const server = await RawServer.listen()
    const { address } = server
    await server.close()
    const clock = new ManualClock()
    const channel = new Http2Channel({ address }, clock)
    const caller = new Caller()
    channel.start(serverStream, caller)
    assert.match((await caller.status()).message, /ECONNREFUSED/)
    assert.equal(channel.state, 'waiting')
    channel.close()
    assert.equal(clock.armed, 0)
    clock.advance(60_000)
    assert.equal(channel.state, 'closed')
  })
})
