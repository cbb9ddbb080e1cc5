import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { describe, it } from 'mocha'
import { parseAddress } from '../channel-options.ts'
import { testAuthority } from '../testing/certificates.ts'
import { connectSocket, tlsOptions } from './connector.ts'

const authority = testAuthority()
const own = authority.issue('127.0.0.1')
const chunks = Array.from({ length: 20 }, (_, index) => Buffer.alloc(40_000, index))

/** Sends all that and ends. */
function speak(socket: Socket): void {
  for (const chunk of chunks) socket.write(chunk)
  socket.end()
}

for (const [what, tls] of [
  ['plaintext', undefined],
  ['TLS', tlsOptions({ ca: authority.ca })],
] as const) {
  describe(`connectSocket, ${what}`, () => {
    it('brings all that the peer says, from one buffer that all connections share, and then its end', async () => {
      const server = tls === undefined ? createServer(speak) : createTlsServer({ cert: own.certificate, key: own.key, ALPNProtocols: ['h2'] }, speak)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const buffers = new Set<ArrayBufferLike>()
      const read = (): Promise<Buffer> =>
        new Promise((resolve, reject) => {
          const kept: Buffer[] = []
          connectSocket(
            { endpoint: parseAddress(`127.0.0.1:${port}`)[0], tls },
            {
              onFailed: (cause) => reject(new Error(cause)),
              onBytes: (bytes, stop) => {
                buffers.add(bytes.buffer)
                kept.push(Buffer.from(bytes.subarray(0, stop)))
              },
              onConnected: (socket) => {
                socket.resume()
                socket.once('end', () => resolve(Buffer.concat(kept)))
              },
            },
          )
        })
      const all = await Promise.all([read(), read(), read()])
      for (const bytes of all) assert.ok(bytes.equals(Buffer.concat(chunks)))
      assert.equal(buffers.size, 1)
      server.close()
      await once(server, 'close')
    })
  })
}
