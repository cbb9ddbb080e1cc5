import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect, createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'mocha'
import type { Method, ServerCall } from '../contract.ts'
import { http2Transport } from './transport.ts'

const method: Method = { path: '/a.B/Stream', kind: 'bidi' }
const texts = ['one', 'two', 'three', 'four', 'five']
const head = { ':method': 'POST', ':path': method.path, te: 'trailers', 'content-type': 'application/grpc' }

/** All of them in a single DATA frame. */
const messages = Buffer.concat(
  texts.map((text) => {
    const prefix = Buffer.alloc(5)
    prefix.writeUInt32BE(text.length, 1)
    return Buffer.concat([prefix, Buffer.from(text)])
  }),
)

describe('a call that is paused and resumed by its callback while it reads what was kept for it', () => {
  it('hands a server every request before it says that there are no more', async () => {
    const story: string[] = []
    const served: ServerCall<unknown>[] = []
    const server = http2Transport().createServer()
    server.handle<unknown>(method, {
      onStart(call) {
        served.push(call)
        call.pause()
      },
      onMessage(call, message) {
        story.push(String(message))
        call.pause()
        call.resume()
      },
      onHalfClose(call) {
        story.push('the end')
        call.end()
      },
    })
    const { port } = await server.listen('127.0.0.1', 0)
    const session = connect(`http://127.0.0.1:${port}`)
    const stream = session.request(head)
    stream.end(messages)
    stream.resume()
    // Its answer comes after everything that was sent before has been read.
    await new Promise((resolve) => stream.once('finish', () => session.ping(resolve)))
    assert.deepEqual(story, [])
    served[0]?.resume()
    await once(stream, 'close')
    session.close()
    await server.close()
    assert.deepEqual(story, [...texts, 'the end'])
  })

  it('hands a client every response before its status', async () => {
    const story: string[] = []
    const server = createServer()
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.end(messages)
      stream.resume()
      // The client answers it when it has read the trailers.
      const { session } = stream
      stream.once('close', () => session?.ping(() => call.resume()))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const channel = http2Transport().createChannel({ address: `127.0.0.1:${(server.address() as AddressInfo).port}` })
    let ended = (): void => {}
    const end = new Promise<void>((resolve) => {
      ended = resolve
    })
    const call = channel.start(method, {
      onMessage(message) {
        story.push(String(message))
        call.pause()
        call.resume()
      },
      onEnd(status) {
        story.push(status.code)
        ended()
      },
    })
    call.pause()
    call.halfClose()
    await end
    channel.close()
    server.close()
    assert.deepEqual(story, [...texts, 'OK'])
  })

  it('tells a server that there are no more requests once, although it is resumed after that', async () => {
    const story: string[] = []
    const served: ServerCall<unknown>[] = []
    const server = http2Transport().createServer()
    server.handle<unknown>(method, {
      onMessage(call, message) {
        story.push(String(message))
        served.push(call)
        call.pause()
      },
      onHalfClose: () => void story.push('the end'),
    })
    const { port } = await server.listen('127.0.0.1', 0)
    const session = connect(`http://127.0.0.1:${port}`)
    const stream = session.request(head)
    stream.end(messages.subarray(0, 8))
    stream.resume()
    await new Promise((resolve) => stream.once('finish', () => session.ping(resolve)))
    served[0]?.resume()
    assert.deepEqual(story, ['one', 'the end'])
    served[0]?.end()
    await once(stream, 'close')
    session.close()
    await server.close()
  })
})
