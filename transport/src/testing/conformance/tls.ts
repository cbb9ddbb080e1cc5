import { strict as assert } from 'node:assert'
import type { Channel, ChannelTls, RpcStatus, ServerTls } from '../../contract.ts'
import { testAuthority } from '../certificates.ts'
import { type Bench, bidi, bytes, Callee, Caller, echo, echoMethod, OK, serve, text, unaryMethod } from './harness.ts'

export function tlsCases(bench: Bench): void {
  const { it } = bench
  const authority = testAuthority()
  const stranger = testAuthority('Some other authority')
  const server = authority.issue('localhost', '127.0.0.1')
  const client = authority.issue('client')

  it('carries calls over TLS that trusts the given authority, and says so to the handler', async () => {
    const callee = new Callee({
      onMessage: (call) => {
        call.send(bytes(`${call.peer.encrypted}`))
        call.end()
      },
    })
    const warnings: unknown[] = []
    const onWarning = (warning: unknown): void => void warnings.push(warning)
    process.on('warning', onWarning)
    const transport = bench.createTransport()
    const secure = serve(transport, { unary: callee }, { tls: server })
    const { port } = await secure.listen('127.0.0.1', 0)
    for (const host of ['127.0.0.1', 'localhost']) {
      const channel = transport.createChannel({ address: `${host}:${port}`, tls: { ca: authority.ca } })
      const caller = new Caller()
      const call = channel.start(unaryMethod, caller)
      call.send(bytes('x'))
      call.halfClose()
      assert.deepEqual(await caller.status(), OK)
      assert.equal(text(caller.messages.all[0]), 'true')
      channel.close()
    }
    await secure.close()
    process.off('warning', onWarning)
    assert.deepEqual(
      warnings.map(String).filter((warning) => warning.includes('ServerName')),
      [],
      'a server name may not be an IP address',
    )
  })

  it('takes PEM as text and as bytes', async () => {
    const asBytes: ServerTls = { certificate: Buffer.from(server.certificate), key: Buffer.from(server.key) }
    assert.deepEqual(await ask(bench, asBytes, { ca: Buffer.from(authority.ca) }), OK)
  })

  it('refuses PEM that is none where it is given', () => {
    const transport = bench.createTransport()
    assert.throws(() => transport.createChannel({ address: 'localhost:1', tls: { ca: 'no certificate' } }), TypeError)
    assert.throws(() => transport.createChannel({ address: 'localhost:1', tls: { certificate: client.certificate } }), TypeError)
    assert.throws(() => transport.createChannel({ address: 'localhost:1', tls: { ...client, key: server.key } }), TypeError)
    assert.throws(() => transport.createServer({ tls: { certificate: 'no certificate', key: 'no key' } }), TypeError)
    assert.throws(() => transport.createServer({ tls: { ...server, clientCa: 'no certificate' } }), TypeError)
  })

  it('ends calls with UNAVAILABLE and the cause when the certificate is not trusted', async () => {
    const status = await ask(bench, server, { ca: stranger.ca })
    assert.equal(status.code, 'UNAVAILABLE')
    assert.match(status.message, /certificate/i)
  })

  it('ends calls with UNAVAILABLE and the cause when the certificate is for another name', async () => {
    const status = await ask(bench, authority.issue('elsewhere.example'), { ca: authority.ca })
    assert.equal(status.code, 'UNAVAILABLE')
    assert.match(status.message, /127\.0\.0\.1|altnames/i)
  })

  it('verifies the name that is asked for instead of the address', async () => {
    const elsewhere = authority.issue('elsewhere.example')
    assert.deepEqual(await ask(bench, elsewhere, { ca: authority.ca, serverName: 'elsewhere.example' }), OK)
    assert.equal((await ask(bench, server, { ca: authority.ca, serverName: 'elsewhere.example' })).code, 'UNAVAILABLE')
  })

  it('accepts any certificate when told to', async () => {
    assert.deepEqual(await ask(bench, stranger.issue('elsewhere.example'), { insecureSkipVerify: true }), OK)
    assert.equal((await ask(bench, stranger.issue('elsewhere.example'), {})).code, 'UNAVAILABLE')
  })

  it('asks clients for a certificate of the given authority', async () => {
    const picky: ServerTls = { ...server, clientCa: authority.ca }
    assert.deepEqual(await ask(bench, picky, { ca: authority.ca, ...client }), OK)
    assert.equal((await ask(bench, picky, { ca: authority.ca })).code, 'UNAVAILABLE')
    assert.equal((await ask(bench, picky, { ca: authority.ca, ...stranger.issue('client') })).code, 'UNAVAILABLE')
  })

  it('ends calls with UNAVAILABLE when one end speaks TLS and the other plaintext', async () => {
    assert.equal((await ask(bench, server, undefined)).code, 'UNAVAILABLE')
    assert.equal((await ask(bench, undefined, { ca: authority.ca })).code, 'UNAVAILABLE')
  })

  it('takes another certificate while it serves: new connections see it, open ones go on', async () => {
    const transport = bench.createTransport()
    const callee = new Callee({ onMessage: (call, message) => call.send(Uint8Array.from(message)), onHalfClose: (call) => call.end() })
    const secure = serve(transport, { bidi: callee }, { tls: server })
    const { port } = await secure.listen('127.0.0.1', 0)
    const channelBy = (tls: ChannelTls): Channel => transport.createChannel({ address: `127.0.0.1:${port}`, tls, connectTimeout: 2_000 })
    const before = channelBy({ ca: authority.ca })
    const caller = new Caller()
    const open = before.start(bidi, caller)
    open.send(bytes('one'))
    await caller.messages.next()

    secure.setTls({ ...stranger.issue('127.0.0.1') })
    open.send(bytes('two'))
    assert.equal(text(await caller.messages.next()), 'two')
    const codes: string[] = []
    for (const tls of [{ ca: stranger.ca }, { ca: authority.ca }]) {
      const channel = channelBy(tls)
      codes.push((await end(channel)).code)
      channel.close()
    }
    assert.deepEqual(codes, ['OK', 'UNAVAILABLE'])
    open.halfClose()
    assert.deepEqual(await caller.status(), OK)
    before.close()
    await secure.close()
  })

  it('takes another authority for the certificates of clients, or none, while it serves', async () => {
    const transport = bench.createTransport()
    const secure = serve(transport, {}, { tls: server })
    const { port } = await secure.listen('127.0.0.1', 0)
    const codeOf = async (own: object): Promise<string> => {
      const channel = transport.createChannel({ address: `127.0.0.1:${port}`, tls: { ca: authority.ca, ...own }, connectTimeout: 2_000 })
      const { code } = await end(channel)
      channel.close()
      return code
    }
    assert.equal(await codeOf({}), 'OK')
    secure.setTls({ ...server, clientCa: authority.ca })
    assert.deepEqual([await codeOf({}), await codeOf(client)], ['UNAVAILABLE', 'OK'])
    secure.setTls({ ...server, clientCa: stranger.ca })
    assert.deepEqual([await codeOf(client), await codeOf(stranger.issue('client'))], ['UNAVAILABLE', 'OK'])
    secure.setTls(server)
    assert.equal(await codeOf({}), 'OK')
    await secure.close()
  })

  it('keeps its certificate when it is given PEM that is none, and takes none where it speaks plaintext', async () => {
    const transport = bench.createTransport()
    const secure = serve(transport, {}, { tls: server })
    const { port } = await secure.listen('127.0.0.1', 0)
    for (const tls of [
      { certificate: 'no certificate', key: 'no key' },
      { ...server, key: client.key },
      { ...server, clientCa: 'none' },
    ]) {
      assert.throws(() => secure.setTls(tls), TypeError)
    }
    const channel = transport.createChannel({ address: `127.0.0.1:${port}`, tls: { ca: authority.ca } })
    assert.deepEqual(await end(channel), OK)
    channel.close()
    await secure.close()
    assert.throws(() => transport.createServer().setTls(server), /made without TLS/)
  })

  it('carries streams and 1 MiB messages over TLS', async () => {
    const transport = bench.createTransport()
    const callee = new Callee({ onMessage: (call, message) => call.send(Uint8Array.from(message)), onHalfClose: (call) => call.end() })
    const secure = serve(transport, { bidi: callee, unary: echo }, { tls: server })
    const { port } = await secure.listen('127.0.0.1', 0)
    const channel = transport.createChannel({ address: `localhost:${port}`, tls: { ca: authority.ca } })
    const caller = new Caller()
    const call = channel.start(bidi, caller)
    for (let index = 0; index < 4; index += 1) call.send(new Uint8Array(1024 * 1024).fill(index))
    call.halfClose()
    assert.deepEqual(await caller.status(), OK)
    assert.deepEqual(
      caller.messages.all.map((message) => [message.byteLength, message[7]]),
      [0, 1, 2, 3].map((index) => [1024 * 1024, index]),
    )
    channel.close()
    await secure.close()
  })
}

/** One call between a server and a channel with these; how it ends. */
async function ask(bench: Bench, serverTls: ServerTls | undefined, channelTls: ChannelTls | undefined): Promise<RpcStatus> {
  const transport = bench.createTransport()
  const server = serve(transport, {}, { tls: serverTls })
  const { port } = await server.listen('127.0.0.1', 0)
  const channel = transport.createChannel({ address: `127.0.0.1:${port}`, tls: channelTls, connectTimeout: 2_000 })
  const status = await end(channel)
  channel.close()
  await server.close()
  return status
}

/** How one call ends. */
async function end(channel: Channel): Promise<RpcStatus> {
  const caller = new Caller()
  const call = channel.start(echoMethod, caller)
  call.send(bytes('x'))
  call.halfClose()
  return await caller.status()
}
