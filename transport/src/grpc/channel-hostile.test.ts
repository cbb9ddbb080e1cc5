import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { setting } from '../http2/protocol.ts'
import { frame, goaway, headers, ping, rstStream, settingsFrame, windowUpdate } from '../http2/test-kit/frames.ts'
import { Caller, echoMethod } from '../testing/conformance/harness.ts'
import { Http2Channel } from './channel.ts'
import { type RawConnection, RawServer } from './test-kit/raw-server.ts'

type Deed = (connection: RawConnection) => void
const stream = fc.integer({ min: 0, max: 9 })
const says = (bytes: Uint8Array): Deed => {
  return (connection) => {
    if (!connection.socket.destroyed) connection.send(bytes)
  }
}

/** What a server may do next, sense and nonsense. */
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.constant<Deed>((connection) => connection.greet()),
  fc.integer({ min: 0, max: 3 }).map((streams) => says(settingsFrame([[setting.maxConcurrentStreams, streams]]))),
  stream.map(
    (id): Deed =>
      (connection) =>
        connection.socket.destroyed ? undefined : connection.answer(id),
  ),
  stream.map((id) => says(goaway(id))),
  stream.map((id) => says(rstStream(id, 'REFUSED_STREAM'))),
  stream.map((id) => says(headers(id, [[':status', '200']], { end: true }))),
  stream.map((id) => says(windowUpdate(id, 0x7fff_ffff))),
  fc.constant(says(ping())),
  fc.tuple(fc.integer({ min: 0, max: 12 }), fc.nat(255), stream, fc.uint8Array({ maxLength: 40 })).map((parts) => says(frame(...parts))),
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map(says),
  fc.constant<Deed>(({ socket }) => void socket.end()),
  fc.constant<Deed>(({ socket }) => void socket.destroy()),
  // Node forgets to close a socket that is reset after it was ended, and the process never comes to rest.
  fc.constant<Deed>(({ socket }) => void (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy())),
)

describe('a channel to servers that do anything', () => {
  it('ends each call once, throws nothing, and leaves nothing open', async () => {
    const uncaught: unknown[] = []
    const onUncaught = (error: unknown): void => void uncaught.push(error)
    process.on('uncaughtException', onUncaught)
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(deed, { maxLength: 8 }), { minLength: 1, maxLength: 4 }), async (scripts) => {
          let connections = 0
          const servers = await Promise.all(
            [0, 1].map(() =>
              RawServer.listen((connection) => {
                const script = scripts[connections % scripts.length] ?? []
                connections += 1
                // One deed each time that something comes from the client, and the rest when it has said what it begins with.
                const deeds = [...script]
                connection.socket.on('data', () => deeds.shift()?.(connection))
                setImmediate(() => {
                  for (const one of deeds.splice(0, 4)) one(connection)
                })
              }),
            ),
          )
          const channel = new Http2Channel({ address: servers.map(({ address }) => address).join(','), connectTimeout: 30 })
          const callers = [false, true, false, true].map((waitForReady) => {
            const caller = new Caller()
            const call = channel.start(echoMethod, caller, { waitForReady, timeout: 80 })
            call.send(new Uint8Array(10))
            call.halfClose()
            return caller
          })
          for (const caller of callers) await caller.end()
          channel.close()
          for (const server of servers) await server.close()
          for (const caller of callers) assert.equal(caller.story.filter((name) => name === 'end').length, 1)
          assert.equal(channel.state, 'closed')
        }),
        { numRuns: 60 },
      )
      assert.deepEqual(uncaught, [])
    } finally {
      process.off('uncaughtException', onUncaught)
    }
  })
})
