import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { setting } from '../http2/protocol.ts'
import { settingsFrame } from '../http2/test-kit/frames.ts'
import { Caller, echoMethod, OK } from '../testing/conformance/harness.ts'
import { Http2Channel } from './channel.ts'
import { greet, limitedTo, settle, until, withChannel } from './test-kit/channel-bench.ts'
import { RawServer } from './test-kit/raw-server.ts'

describe('a channel whose server takes so many calls on a connection', () => {
  it('makes another connection when one is full, and fills the first before the others', async () => {
    await withChannel(limitedTo(2), async ({ server, call }) => {
      const callers = Array.from({ length: 5 }, (_, index) => call(`call ${index}`))
      const connections = await server.connections.take(3)
      const calls = [await connections[0]?.calls.take(2), await connections[1]?.calls.take(2), await connections[2]?.calls.take(1)]
      calls.forEach((own, index) => {
        for (const { id } of own ?? []) connections[index]?.answer(id)
      })
      for (const caller of callers) assert.deepEqual(await caller.status(), OK)
      const next = call('next')
      const { id } = (await connections[0]?.calls.next()) ?? { id: 0 }
      connections[0]?.answer(id)
      assert.deepEqual(await next.status(), OK)
      assert.equal(server.connections.all.length, 3)
    })
  })

  it('lets calls wait for their turn, the oldest first, when it has sixteen connections', async () => {
    await withChannel(limitedTo(1), async ({ server, call }) => {
      const callers = Array.from({ length: 20 }, (_, index) => call(`call ${index}`))
      const connections = await server.connections.take(16)
      await Promise.all(connections.map(({ calls }) => calls.next()))
      await settle()
      assert.equal(server.connections.all.length, 16)
      for (const [turn, connection] of connections.slice(0, 4).entries()) {
        connection.answer(1)
        assert.equal((await connection.calls.next()).id, 3)
        await settle()
        assert.equal(connection.bodyOf(3), `call ${16 + turn}`)
      }
      for (const [index, connection] of connections.entries()) connection.answer(index < 4 ? 3 : 1)
      for (const caller of callers) assert.deepEqual(await caller.status(), OK)
    })
  })

  it('begins what waits when the server raises its limit', async () => {
    await withChannel(limitedTo(0), async ({ server, call }) => {
      const callers = [call('one'), call('two')]
      const connection = await server.connections.next()
      await settle()
      assert.deepEqual([server.connections.all.length, connection.calls.all.length], [1, 0])
      connection.send(settingsFrame([[setting.maxConcurrentStreams, 10]]))
      for (const { id } of await connection.calls.take(2)) connection.answer(id)
      for (const caller of callers) assert.deepEqual(await caller.status(), OK)
      assert.equal(server.connections.all.length, 1)
    })
  })

  it('goes with all connections to the address that answered, even if an earlier one has come back', async () => {
    const gone = await RawServer.listen(greet)
    const { port } = gone
    await gone.close()
    const server = await RawServer.listen(limitedTo(1))
    const channel = new Http2Channel({ address: `127.0.0.1:${port},${server.address}` })
    const start = (): Caller => {
      const caller = new Caller()
      channel.start(echoMethod, caller).halfClose()
      return caller
    }
    const callers = [start()]
    const connections = [await server.connections.next()]
    await connections[0]?.calls.next()
    const back = await RawServer.listen(greet, port)
    callers.push(start(), start())
    connections.push(...(await server.connections.take(2)))
    for (const connection of connections) {
      await until(() => connection.calls.all.length === 1)
      assert.equal(connection.calls.all[0]?.fields[':authority'], server.address)
      connection.answer(1)
    }
    for (const caller of callers) assert.deepEqual(await caller.status(), OK)
    assert.equal(back.connections.all.length, 0)
    channel.close()
    await server.close()
    await back.close()
  })
})
