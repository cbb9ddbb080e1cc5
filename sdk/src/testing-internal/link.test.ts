import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { Link } from './link.ts'

/** A server that sends back what it gets. */
async function echo() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, close }
}

const dial = async (port: number) => {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  await once(socket, 'connect')
  return socket
}

const answer = async (socket: Socket, text: string) => {
  socket.write(text)
  return String((await once(socket, 'data'))[0])
}

/** `once` would reject with the error that comes before. */
const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))

describe('a link', () => {
  let server: Awaited<ReturnType<typeof echo>>
  let link: Link
  beforeEach('lay it', async () => {
    server = await echo()
    link = await Link.open(server.port)
  })
  afterEach('take it up', async () => {
    await link.close()
    server.close()
  })

  it('carries bytes both ways until it is cut, and new connections after that', async () => {
    const socket = await dial(link.port)
    assert.equal(await answer(socket, 'a'), 'a')
    link.cut()
    await closed(socket)
    assert.equal(await answer(await dial(link.port), 'b'), 'b')
    assert.deepEqual([link.connected, link.open], [2, 1])
  })

  it('carries nothing while it is stalled, and all of it when that is over', async () => {
    const socket = await dial(link.port)
    assert.equal(await answer(socket, 'a'), 'a')
    link.stall()
    let came = ''
    socket.on('data', (bytes) => {
      came += bytes
    })
    socket.write('b')
    const other = await dial(link.port)
    other.write('c')
    const direct = await dial(server.port)
    await answer(direct, 'a round trip of its own is behind theirs')
    direct.destroy()
    assert.equal(came, '')
    link.heal()
    assert.equal(String((await once(other, 'data'))[0]), 'c')
    while (came === '') await once(socket, 'data')
    assert.equal(came, 'b')
  })

  it('carries nothing for ever over connections that it strands, and new ones work', async () => {
    const socket = await dial(link.port)
    assert.equal(await answer(socket, 'a'), 'a')
    link.strand()
    socket.on('data', () => assert.fail('something came'))
    socket.write('b')
    link.stall()
    link.heal()
    assert.equal(await answer(await dial(link.port), 'c'), 'c')
    assert.equal(link.open, 2)
  })

  it('leads to where the server has moved, and takes nobody while it is down', async () => {
    const moved = await echo()
    link.retarget(moved.port)
    server.close()
    assert.equal(await answer(await dial(link.port), 'a'), 'a')
    link.down()
    const refused = connect(link.port, '127.0.0.1').on('error', () => {})
    await closed(refused)
    assert.equal(link.open, 0)
    link.heal()
    assert.equal(await answer(await dial(link.port), 'b'), 'b')
    moved.close()
  })
})
