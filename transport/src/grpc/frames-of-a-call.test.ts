import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, it } from 'mocha'
import { FrameReader } from '../http2/frame-reader.ts'
import { frameType, PREFACE } from '../http2/protocol.ts'
import { callUnary, unary } from '../unary.ts'
import { http2Transport } from './transport.ts'

const method = { path: '/a.B/C', kind: 'unary' } as const
const names = new Map(Object.entries(frameType).map(([name, number]) => [number as number, name]))

/** Names of the frames in a stream of bytes, those of streams only. */
function framesOf(bytes: Buffer): string[] {
  const found: string[] = []
  const reader = new FrameReader(
    {
      onFrame(type, flags, id) {
        if (id > 0) found.push(`${names.get(type)}${(flags & 1) !== 0 ? ' END_STREAM' : ''}`)
        return true
      },
    },
    2 ** 24 - 1,
  )
  reader.push(bytes)
  return found
}

describe('a unary call on the wire', () => {
  it('is two frames there and three back, and nothing after its end, however many there are', async () => {
    const transport = http2Transport()
    const server = transport.createServer()
    server.handle(
      method,
      unary((request) => Uint8Array.from(request)),
    )
    const { port } = await server.listen('127.0.0.1', 0)
    const sent: Buffer[] = []
    const answered: Buffer[] = []
    const between = createServer((socket) => {
      const onward = connect(port, '127.0.0.1')
      socket.on('data', (chunk: Buffer) => sent.push(chunk))
      onward.on('data', (chunk: Buffer) => answered.push(chunk))
      socket.pipe(onward).pipe(socket)
    })
    between.listen(0, '127.0.0.1')
    await once(between, 'listening')
    const channel = transport.createChannel({ address: `127.0.0.1:${(between.address() as AddressInfo).port}` })
    for (let index = 0; index < 20; index += 1) await callUnary(channel, method, Buffer.from('hello'), (bytes) => bytes)
    channel.close()
    await server.close()
    between.close()
    await once(between, 'close')

    const there = framesOf(Buffer.concat(sent).subarray(PREFACE.length))
    const back = framesOf(Buffer.concat(answered))
    assert.deepEqual(there, Array.from({ length: 20 }, () => ['headers', 'data END_STREAM']).flat())
    assert.deepEqual(back, Array.from({ length: 20 }, () => ['headers', 'data', 'headers END_STREAM']).flat())
  })
})
