import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'mocha'
import { http2Transport } from './transport.ts'

const method = { path: '/a.B/C', kind: 'bidi' } as const

/** A server that lets a client send 64 KiB ahead on a stream, reads all, and refuses streams as often as it is told. */
async function withServer(refusals: number, body: (address: string) => Promise<void>): Promise<void> {
  let left = refusals
  const server = createServer({ settings: { initialWindowSize: 65_535 } })
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {})
    if (left > 0) {
      left -= 1
      stream.close(7)
      return
    }
    stream.resume()
    stream.on('end', () => stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' }, { endStream: true }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await body(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.close()
  }
}

/** Sends a message at once, before there is a connection, waits until it may send more, and ends the call. */
async function sendBeforeConnecting(address: string, length: number): Promise<string> {
  const channel = http2Transport().createChannel({ address })
  let drained = (): void => {}
  const drain = new Promise<void>((resolve) => {
    drained = resolve
  })
  const ended = new Promise<string>((resolve) => {
    const call = channel.start(method, { onMessage() {}, onDrain: () => drained(), onEnd: (status) => resolve(status.code) })
    const more = call.send(new Uint8Array(length))
    void (more ? Promise.resolve() : drain).then(() => call.halfClose())
    if (more) resolve('was not told to wait')
  })
  const code = await ended
  channel.close()
  return code
}

describe('a client that is told to wait before there is a connection', () => {
  it('may go on when most of what it has sent fits into the window of the new stream, and only the rest of it has to wait', async () => {
    await withServer(0, async (address) => assert.equal(await sendBeforeConnecting(address, 70_000), 'OK'))
  })

  it('may go on when all that it has sent is more than a window', async () => {
    await withServer(0, async (address) => assert.equal(await sendBeforeConnecting(address, 1_000_000), 'OK'))
  })

  it('may go on when the server has refused the stream and takes it the second time', async () => {
    await withServer(1, async (address) => assert.equal(await sendBeforeConnecting(address, 65_536), 'OK'))
  })
})
