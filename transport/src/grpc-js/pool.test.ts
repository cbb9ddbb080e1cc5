import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import type { Method } from '../contract.ts'
import { Callee, Caller } from '../testing/conformance/harness.ts'
import { grpcJsTransport } from './transport.ts'

const method: Method = { path: '/test.Pool/Stream', kind: 'bidi' }

describe('connections of a grpc-js channel', () => {
  it('carry 32 calls each, long polls included, and are used again from the first on', async () => {
    const transport = grpcJsTransport()
    const callee = new Callee()
    const server = transport.createServer()
    server.handle<unknown>(method, callee)
    const { port } = await server.listen('127.0.0.1', 0)
    const channel = transport.createChannel({ address: `127.0.0.1:${port}` })
    const start = (): Caller => {
      const caller = new Caller()
      caller.call = channel.start(method, caller)
      return caller
    }

    const callers = Array.from({ length: 100 }, start)
    const perConnection = new Map<string, number>()
    for (const { peer } of await callee.starts.take(100)) perConnection.set(peer.connection, (perConnection.get(peer.connection) ?? 0) + 1)
    assert.deepEqual(
      [...perConnection.values()].sort((a, b) => b - a),
      [32, 32, 32, 4],
    )

    for (const caller of callers) caller.call?.cancel()
    for (const caller of callers) await caller.status()
    const later = [start(), start()]
    const peers = (await callee.starts.take(2)).map((call) => call.peer.connection)
    assert.equal(new Set(peers).size, 1)
    assert.ok(perConnection.has(peers[0] ?? ''))
    for (const caller of later) caller.call?.cancel()
    channel.close()
    await server.close()
  })
})
