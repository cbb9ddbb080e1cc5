import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { LAST_STREAM_ID, setting } from '../http2/protocol.ts'
import { goaway, headers, rstStream } from '../http2/test-kit/frames.ts'
import { OK, text } from '../testing/conformance/harness.ts'
import { type Greeting, greet, settle, withChannel } from './test-kit/channel-bench.ts'

describe('a channel whose server goes away', () => {
  it('makes the calls again that the server did not look at, and ends those that it did as they end', async () => {
    await withChannel(greet, async ({ server, call }) => {
      const callers = ['one', 'two', 'three'].map((name) => call(name))
      const first = await server.connections.next()
      const taken = await first.calls.take(3)
      assert.deepEqual(
        taken.map(({ id }) => id),
        [1, 3, 5],
      )
      first.send(goaway(1))
      const second = await server.connections.next()
      for (const { id } of await second.calls.take(2)) second.answer(id, `again ${second.bodyOf(id)}`)
      first.answer(1, 'first')
      for (const caller of callers) assert.deepEqual(await caller.status(), OK)
      assert.deepEqual(
        callers.map(({ messages }) => text(messages.all[0])),
        ['first', 'again two', 'again three'],
      )
      await first.closed
      for (const caller of callers) assert.deepEqual(caller.story, ['headers', 'message', 'end'])
    })
  })

  it('finishes what it has there and starts new calls elsewhere', async () => {
    await withChannel(greet, async ({ server, call, channel, states }) => {
      const old = call('old')
      const first = await server.connections.next()
      await first.calls.next()
      assert.deepEqual(await states.take(2), ['connecting', 'ready'])
      first.send(goaway(LAST_STREAM_ID))
      assert.equal(await states.next(), 'idle')
      const young = call('young')
      const second = await server.connections.next()
      second.answer((await second.calls.next()).id)
      assert.deepEqual(await young.status(), OK)
      assert.deepEqual(old.story, [])
      first.answer(1)
      assert.deepEqual(await old.status(), OK)
      await first.closed
      assert.equal(channel.state, 'ready')
    })
  })

  it('makes a call again that was refused by itself, on the same connection', async () => {
    await withChannel(greet, async ({ server, call }) => {
      const caller = call()
      const connection = await server.connections.next()
      connection.send(rstStream((await connection.calls.next()).id, 'REFUSED_STREAM'))
      const { id } = await connection.calls.next()
      assert.equal(id, 3)
      connection.answer(id)
      assert.deepEqual(await caller.status(), OK)
      assert.equal(server.connections.all.length, 1)
    })
  })

  it('gives up a call that nobody looks at, the fourth time', async () => {
    const goAtOnce: Greeting = (connection) => {
      connection.greet()
      void connection.calls.next().then(() => connection.send(goaway(0)))
    }
    await withChannel(goAtOnce, async ({ server, call }) => {
      const caller = call('x', { waitForReady: true })
      const status = await caller.status()
      assert.equal(status.code, 'UNAVAILABLE')
      assert.match(status.message, /GOAWAY before it looked at the call/)
      assert.equal(server.connections.all.length, 4)
    })
  })

  it('does not make a call again that was too long to be kept, or whose answer had begun', async () => {
    await withChannel(greet, async ({ server, call }) => {
      const begun = call()
      const connection = await server.connections.next()
      await connection.calls.next()
      const long = call('x'.repeat(70_000))
      await connection.calls.next()
      connection.send(rstStream(3, 'REFUSED_STREAM'))
      assert.equal((await long.status()).code, 'UNAVAILABLE')
      const head: readonly (readonly [string, string])[] = [
        [':status', '200'],
        ['content-type', 'application/grpc'],
      ]
      connection.send(headers(1, head), rstStream(1, 'REFUSED_STREAM'))
      assert.equal((await begun.status()).code, 'UNAVAILABLE')
      await settle()
      assert.deepEqual([connection.calls.all.length, server.connections.all.length], [2, 1])
    })
  })

  it('waits longer and longer before it comes back to a server that leaves before it has taken a call', async () => {
    let kind = false
    const useless: Greeting = (connection) => {
      if (kind) {
        connection.greet()
        return
      }
      connection.greet([[setting.maxConcurrentStreams, 0]])
      connection.send(goaway(0))
    }
    await withChannel(useless, async ({ server, call, clock, channel, states }) => {
      const patient = call('x', { waitForReady: true })
      const hasty = call('y')
      await server.connections.next()
      while ((await states.next()) !== 'waiting');
      assert.equal((await hasty.status()).code, 'UNAVAILABLE')
      for (const delay of [200, 320, 512]) {
        clock.advance(delay - 1)
        await settle()
        const before = server.connections.all.length
        clock.advance(1)
        await server.connections.next()
        assert.equal(server.connections.all.length, before + 1)
        while ((await states.next()) !== 'waiting');
      }
      assert.deepEqual(patient.story, [])
      // One that is of use makes up for all of them.
      kind = true
      clock.advance(819)
      await settle()
      clock.advance(1)
      const useful = await server.connections.next()
      await useful.calls.next()
      useful.socket.destroy()
      assert.equal((await patient.status()).code, 'UNAVAILABLE')
      kind = false
      const next = call('z', { waitForReady: true })
      await server.connections.next()
      while ((await states.next()) !== 'waiting');
      clock.advance(200)
      await server.connections.next()
      channel.close()
      assert.equal((await next.status()).code, 'CANCELLED')
      await settle()
      assert.equal(clock.armed, 0)
    })
  })
})
