import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, before, describe, it } from 'mocha'
import { connectionsOf } from '../../support/connections.ts'

describe('the connections of a process', () => {
  const closing: { destroy(): void }[] = []
  before(function () {
    if (process.platform !== 'linux') this.skip()
  })
  afterEach(() => {
    for (const each of closing.splice(0)) each.destroy()
  })

  async function connected(listen: string, dial: string): Promise<readonly [port: number, client: Socket]> {
    const server = createServer((socket) => closing.push(socket)).listen(0, listen)
    await once(server, 'listening')
    closing.push({ destroy: () => server.close() })
    const { port } = server.address() as AddressInfo
    const client = connect({ host: dial, port })
    closing.push(client)
    await once(client, 'connect')
    return [port, client]
  }

  it('are its own to wherever they go, over IPv4 and over sockets of IPv6, and gone when they are closed', async () => {
    const [plain, client] = await connected('127.0.0.1', '127.0.0.1')
    const [mapped] = await connected('127.0.0.1', '::ffff:127.0.0.1')
    const seen = connectionsOf(process.pid)
    for (const port of [plain, mapped]) assert.ok(seen.includes(`127.0.0.1:${port}`), seen.join())
    assert.ok(!connectionsOf(process.ppid).some((peer) => peer.endsWith(`:${plain}`)), 'those of another process')
    client.destroy()
    await once(client, 'close')
    assert.ok(!connectionsOf(process.pid).includes(`127.0.0.1:${plain}`))
  })
})
