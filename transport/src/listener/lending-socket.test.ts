import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect, createServer, type Server, Socket } from 'node:net'
import { promisify } from 'node:util'
import { describe, it } from 'mocha'
import { Inbox } from '../testing/conformance/harness.ts'
import { lendingSocket } from './lending-socket.ts'

interface Read {
  readonly text: string
  readonly buffer: Buffer
}

interface Ends {
  readonly server: Server
  /** Of each connection, in the order in which they came. */
  readonly lending: Inbox<Socket>
  readonly reads: Inbox<Read>
  connect(): Promise<Socket>
}

async function withServer(body: (ends: Ends) => Promise<void>): Promise<void> {
  const lending = new Inbox<Socket>()
  const reads = new Inbox<Read>()
  const server = createServer({ noDelay: true }, (accepted) => {
    const socket = lendingSocket(accepted, (buffer, stop) => reads.put({ text: buffer.toString('latin1', 0, stop), buffer }))
    socket.on('data', () => assert.fail('a data event'))
    lending.put(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  assert.ok(typeof bound === 'object' && bound !== null)
  try {
    await body({
      server,
      lending,
      reads,
      async connect() {
        const socket = connect(bound.port, '127.0.0.1')
        await once(socket, 'connect')
        return socket
      },
    })
  } finally {
    for (const socket of lending.all) socket.destroy()
    server.close()
    await once(server, 'close')
  }
}

describe('a socket that lends what it reads', () => {
  it('hands over all that comes to all sockets in one buffer, without data events', () =>
    withServer(async ({ reads, connect: open }) => {
      const one = await open()
      const other = await open()
      one.write('one')
      const first = await reads.next()
      other.write('other')
      const second = await reads.next()
      assert.deepEqual([first.text, second.text], ['one', 'other'])
      assert.equal(first.buffer, second.buffer)
      one.destroy()
      other.destroy()
    }))

  it('writes, tells the end of the peer, and knows whose it is', () =>
    withServer(async ({ lending, connect: open }) => {
      const peer = await open()
      const socket = await lending.next()
      assert.equal(socket.remotePort, peer.localPort)
      socket.write('hello')
      assert.equal(String((await once(peer, 'data'))[0]), 'hello')
      peer.end()
      await once(socket, 'end')
      await once(socket, 'close')
    }))

  it('counts among the connections of its server until it is closed', () =>
    withServer(async ({ server, lending, connect: open }) => {
      const count = promisify(server.getConnections.bind(server))
      const peer = await open()
      const socket = await lending.next()
      assert.equal(await count(), 1)
      socket.destroy()
      await once(socket, 'close')
      assert.equal(await count(), 0)
      peer.destroy()
    }))

  it('is the socket itself where there is no connection to take over', () => {
    const socket = new Socket()
    assert.equal(
      lendingSocket(socket, () => {}),
      socket,
    )
  })
})
