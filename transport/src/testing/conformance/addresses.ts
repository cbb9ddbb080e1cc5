import { strict as assert } from 'node:assert'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Channel, Server, Transport } from '../../contract.ts'
import { type Bench, bytes, Callee, Caller, OK, serve, text, unaryMethod } from './harness.ts'

/** Where servers listen and channels go. */
export function addressCases(bench: Bench): void {
  const { it, traits } = bench

  it('goes to IPv6 addresses, in brackets', async () => {
    const transport = bench.createTransport()
    const { server, callee } = told(transport, 'x')
    const { host, port } = await server.listen('::1', 0)
    assert.equal(host, '::1')
    const channel = transport.createChannel({ address: `[::1]:${port}` })
    assert.equal(await ask(channel), 'x')
    const { peer } = await callee.starts.next()
    if (traits.sockets) assert.match(peer.address, /^\[::1\]:\d+$/)
    channel.close()
    await server.close()
  })

  it('goes to sockets in the file system, which are gone when the server closes', async () => {
    await withFolder(async (folder) => {
      const transport = bench.createTransport()
      const path = join(folder, 'server.sock')
      for (const form of [`unix:${path}`, `unix://${path}`]) {
        const { server, callee } = told(transport, 'x')
        assert.deepEqual(await server.listen(`unix:${path}`, 0), { host: `unix:${path}`, port: 0 })
        await assert.rejects(transport.createServer().listen(`unix:${path}`, 0), { code: 'EADDRINUSE' })
        const channel = transport.createChannel({ address: form })
        assert.equal(await ask(channel), 'x')
        const { peer } = await callee.starts.next()
        if (traits.sockets) assert.equal(peer.address, `unix:${path}`)
        channel.close()
        await server.close()
        assert.equal(existsSync(path), false)
      }
    })
  })

  it('ends calls with UNAVAILABLE and the path where there is no such socket', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'nobody.sock')
      const channel = bench.createTransport().createChannel({ address: `unix:${path}` })
      const status = await end(channel)
      assert.equal(status.code, 'UNAVAILABLE')
      assert.ok(status.message.includes(path), status.message)
      channel.close()
    })
  })

  it('takes the first of several addresses where a server answers, without a pause', async () => {
    const transport = bench.createTransport()
    const [one, two] = [told(transport, 'one'), told(transport, 'two')]
    const ports = [(await one.server.listen('127.0.0.1', 0)).port, (await two.server.listen('127.0.0.1', 0)).port]
    const nobody = await deserted(transport)
    const [first, second] = ports.map((port) => `127.0.0.1:${port}`)
    for (const [address, answer] of [
      [`${first},${second}`, 'one'],
      [`${second}, ${first}`, 'two'],
      [`${nobody},${second},${first}`, 'two'],
      [`${nobody},${nobody},${first}`, 'one'],
    ] as const) {
      const channel = transport.createChannel({ address })
      assert.equal(channel.address, address)
      for (let round = 0; round < 3; round += 1) assert.equal(await ask(channel), answer, address)
      channel.close()
    }
    await one.server.close()
    await two.server.close()
  })

  it('moves to another of several addresses when its server goes, and back when that one goes', async () => {
    const transport = bench.createTransport()
    const [one, two] = [told(transport, 'one'), told(transport, 'two')]
    const ports = [(await one.server.listen('127.0.0.1', 0)).port, (await two.server.listen('127.0.0.1', 0)).port]
    const channel = transport.createChannel({ address: ports.map((port) => `127.0.0.1:${port}`).join(',') })
    assert.equal(await ask(channel), 'one')
    await one.server.close()
    assert.equal(await ask(channel, true), 'two')
    const again = told(transport, 'one again')
    await again.server.listen('127.0.0.1', ports[0] ?? 0)
    assert.equal(await ask(channel), 'two')
    await two.server.close()
    assert.equal(await ask(channel, true), 'one again')
    channel.close()
    await again.server.close()
  })

  it('ends calls with UNAVAILABLE when none of several addresses answers, and comes back when one does', async () => {
    const transport = bench.createTransport()
    const addresses = [await deserted(transport), await deserted(transport)]
    const channel = transport.createChannel({ address: addresses.join(',') })
    const patient = ask(channel, true)
    const status = await end(channel)
    assert.equal(status.code, 'UNAVAILABLE')
    assert.match(status.message, /ECONNREFUSED/)
    assert.equal(channel.state, 'waiting')
    const { server } = told(transport, 'x')
    await server.listen('127.0.0.1', Number(addresses[1]?.split(':')[1]))
    assert.equal(await patient, 'x')
    assert.equal(channel.state, 'ready')
    channel.close()
    await server.close()
  })

  it('refuses what is no address', () => {
    const transport = bench.createTransport()
    const wrong = [
      '',
      ',',
      'host',
      'host:',
      ':1',
      'host:65536',
      'host:1,',
      ',host:1',
      'host:1,host',
      'a b:1',
      'http://host:1',
      '::1:1',
      '[::1]',
      'unix:',
      'unix://',
    ]
    for (const address of wrong) assert.throws(() => transport.createChannel({ address }), TypeError, address)
    for (const address of ['host:0', 'host:1', 'host:1,other:2', '[::1]:1 , unix:/path', 'unix:relative'])
      transport.createChannel({ address }).close()
  })
}

/** A server that says who it is. */
function told(transport: Transport, name: string): { readonly server: Server; readonly callee: Callee } {
  const callee = new Callee({
    onMessage: (call) => {
      call.send(bytes(name))
      call.end()
    },
  })
  return { server: serve(transport, { unary: callee }), callee }
}

function call(channel: Channel, waitForReady: boolean): Caller {
  const caller = new Caller()
  const started = channel.start(unaryMethod, caller, { waitForReady })
  started.send(bytes('who are you?'))
  started.halfClose()
  return caller
}

async function ask(channel: Channel, waitForReady = false): Promise<string> {
  const caller = call(channel, waitForReady)
  assert.deepEqual(await caller.status(), OK)
  return text(caller.messages.all[0])
}

const end = (channel: Channel) => call(channel, false).status()

/** An address where nobody listens. */
async function deserted(transport: Transport): Promise<string> {
  const server = transport.createServer()
  const { host, port } = await server.listen('127.0.0.1', 0)
  await server.close()
  return `${host}:${port}`
}

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'feathermq-'))
  try {
    await body(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
