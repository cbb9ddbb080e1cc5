import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { LAST_STREAM_ID } from '../http2/protocol.ts'
import { goaway, settingsFrame } from '../http2/test-kit/frames.ts'
import { OK } from '../testing/conformance/harness.ts'
import { greet, settle, withChannel } from './test-kit/channel-bench.ts'

describe('a channel whose server falls silent', () => {
  const keepalive = 60_000

  it('pings it after the time it was given, ends the calls when no answer comes, and connects anew', async () => {
    await withChannel(
      greet,
      async ({ server, call, clock, states }) => {
        const caller = call()
        const first = await server.connections.next()
        await first.calls.next()
        await settle()
        // Silence counts from the first look that finds nothing new; looks come four times in the time given.
        clock.advance(keepalive + keepalive / 4 - 1)
        await settle()
        assert.equal(first.pings.all.length, 0)
        clock.advance(1)
        await first.pings.next()
        clock.advance(29_999)
        await settle()
        assert.deepEqual(caller.story, [])
        clock.advance(1)
        const status = await caller.status()
        assert.equal(status.code, 'UNAVAILABLE')
        assert.match(status.message, /did not answer a PING within 30000 ms/)
        assert.deepEqual(await states.take(3), ['connecting', 'ready', 'idle'])
        const again = call()
        const second = await server.connections.next()
        second.answer((await second.calls.next()).id)
        assert.deepEqual(await again.status(), OK)
      },
      { keepalive },
    )
  })

  it('lives on with a server that answers, however long a call takes', async () => {
    await withChannel(
      greet,
      async ({ server, call, clock }) => {
        const caller = call()
        const connection = await server.connections.next()
        await connection.calls.next()
        await settle()
        for (let answered = 0; answered < 5; ) {
          clock.advance(keepalive / 4)
          await settle()
          if (connection.pings.all.length === answered) continue
          clock.advance(29_999 - keepalive / 4)
          connection.pong(await connection.pings.next())
          await settle()
          answered += 1
        }
        connection.answer(1)
        assert.deepEqual(await caller.status(), OK)
      },
      { keepalive },
    )
  })

  it('does not ping a server that says something, nor one without calls; but when a call begins after a long silence', async () => {
    await withChannel(
      greet,
      async ({ server, call, clock }) => {
        const caller = call()
        const connection = await server.connections.next()
        await connection.calls.next()
        for (let round = 0; round < 20; round += 1) {
          connection.send(settingsFrame())
          await settle()
          clock.advance(keepalive / 4)
        }
        connection.answer(1)
        assert.deepEqual(await caller.status(), OK)
        clock.advance(keepalive * 10)
        await settle()
        assert.equal(connection.pings.all.length, 0)
        const late = call()
        connection.pong(await connection.pings.next())
        connection.answer((await connection.calls.next()).id)
        assert.deepEqual(await late.status(), OK)
      },
      { keepalive },
    )
  })

  it('never pings where it is told so', async () => {
    await withChannel(
      greet,
      async ({ server, call, clock }) => {
        call()
        const connection = await server.connections.next()
        await connection.calls.next()
        clock.advance(24 * 3_600_000)
        await settle()
        assert.equal(connection.pings.all.length, 0)
        assert.equal(connection.socket.closed, false)
      },
      { keepalive: 0 },
    )
  })

  it('pings half as often a server that says that it was too much', async () => {
    await withChannel(
      greet,
      async ({ server, call, clock }) => {
        const caller = call()
        const first = await server.connections.next()
        await first.calls.next()
        first.send(goaway(LAST_STREAM_ID, 'ENHANCE_YOUR_CALM', 'too_many_pings'))
        first.answer(1)
        assert.deepEqual(await caller.status(), OK)
        await first.closed
        call()
        const second = await server.connections.next()
        await second.calls.next()
        await settle()
        clock.advance(keepalive * 2.5 - 1)
        await settle()
        assert.equal(second.pings.all.length, 0)
        clock.advance(1)
        await second.pings.next()
      },
      { keepalive },
    )
  })
})
