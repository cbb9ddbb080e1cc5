import { strict as assert } from 'node:assert'
import type { Channel, ChannelState, Transport } from '../../contract.ts'
import { type Bench, bidi, bytes, Callee, Caller, echoMethod, Inbox, OK, serve, serverStream, text, unaryMethod, withPair } from './harness.ts'

export function connectionCases(bench: Bench): void {
  const { it } = bench

  it('ends a call with UNAVAILABLE and the cause when nobody listens, later, and throws nothing', async () => {
    const { transport, port } = await deserted(bench)
    const channel = transport.createChannel({ address: `127.0.0.1:${port}` })
    for (let round = 0; round < 3; round += 1) {
      const caller = ask(channel)
      assert.deepEqual(caller.story, [])
      const status = await caller.status()
      assert.equal(status.code, 'UNAVAILABLE')
      assert.match(status.message, /ECONNREFUSED/)
      assert.equal(channel.state, 'waiting')
    }
    channel.close()
  })

  it('waits for the server where a call asks for it, while others fail', async () => {
    const { transport, port } = await deserted(bench)
    const channel = transport.createChannel({ address: `127.0.0.1:${port}` })
    const patient = ask(channel, true)
    assert.equal((await ask(channel).status()).code, 'UNAVAILABLE')
    const second = ask(channel, true)
    const server = serve(transport, {})
    await server.listen('127.0.0.1', port)
    assert.deepEqual(await patient.status(), OK)
    assert.deepEqual(await second.status(), OK)
    channel.close()
    await server.close()
  })

  it('leaves others a turn where nobody listens, though a caller tries again at once whatever it is told', async () => {
    const { transport, port } = await deserted(bench)
    const channel = transport.createChannel({ address: `127.0.0.1:${port}` })
    let turn = false
    setImmediate(() => setImmediate(() => (turn = true)))
    let calls = 0
    for (; !turn && calls < 10_000; calls += 1) assert.equal((await ask(channel).status()).code, 'UNAVAILABLE')
    assert.ok(turn, `${calls} calls fail one after the other within one turn of the event loop`)
    channel.close()
  })

  it('ends open calls with UNAVAILABLE when the server goes away, and works again when it is back on the same port', async () => {
    const callee = new Callee()
    await withPair(bench, { bidi: callee, serverStream: callee }, async (pair) => {
      const open = [pair.call(bidi), pair.ask(serverStream, bytes('poll'))]
      await callee.starts.take(2)
      await pair.server.close()
      for (const caller of open) {
        assert.equal((await caller.status()).code, 'UNAVAILABLE')
        assert.deepEqual(caller.story, ['end'])
      }
      assert.equal(callee.cancels.all.length, 2)
      assert.equal((await ask(pair.channel).status()).code, 'UNAVAILABLE')
      const again = serve(pair.transport, {})
      await again.listen(pair.host, pair.port)
      assert.deepEqual(await ask(pair.channel, true).status(), OK)
      assert.deepEqual(await ask(pair.channel).status(), OK)
      await again.close()
    })
  })

  it('tells the states of a channel in order, to those who still want to know', async () => {
    await withPair(bench, {}, async (pair) => {
      const states = new Inbox<ChannelState>()
      const unwanted: ChannelState[] = []
      pair.channel.onState((state) => states.put(state))
      const stop = pair.channel.onState((state) => unwanted.push(state))
      assert.equal(pair.channel.state, 'idle')
      stop()
      stop()
      await pair.barrier()
      assert.equal(pair.channel.state, 'ready')
      assert.deepEqual(await states.take(2), ['connecting', 'ready'])
      await pair.server.close()
      assert.notEqual(await states.next(), 'ready')
      while (pair.channel.state === 'connecting') await states.next()
      assert.ok(['idle', 'waiting'].includes(pair.channel.state))
      pair.channel.close()
      while ((await states.next()) !== 'closed');
      assert.deepEqual(unwanted, [])
    })
  })

  it('closes a server that has no calls, and again', async () => {
    const transport = bench.createTransport()
    await transport.createServer().close()
    await withPair(bench, {}, async (pair) => {
      await pair.barrier()
      const closing = pair.server.close(60_000)
      await closing
      await pair.server.close()
    })
  })

  it('lets open calls finish within the grace, and takes no new ones', async () => {
    const callee = new Callee()
    await withPair(bench, { unary: callee }, async (pair) => {
      const caller = pair.ask(unaryMethod, bytes('x'))
      const call = await callee.starts.next()
      await callee.messages.next()
      let closed = false
      const closing = pair.server.close(60_000).then(() => {
        closed = true
      })
      const other = pair.transport.createChannel({ address: `${pair.host}:${pair.port}` })
      assert.equal((await ask(other).status()).code, 'UNAVAILABLE')
      other.close()
      assert.equal(closed, false)
      assert.equal(call.cancelled, false)
      call.send(bytes('answer'))
      call.end()
      assert.deepEqual(await caller.status(), OK)
      await closing
      assert.equal(callee.cancels.all.length, 0)
    })
  })

  it('cancels what is left after the grace, with UNAVAILABLE for the caller', async () => {
    const callee = new Callee()
    await withPair(bench, { bidi: callee }, async (pair) => {
      const caller = pair.call(bidi)
      await callee.starts.next()
      await pair.server.close(20)
      assert.equal(callee.cancels.all.length, 1)
      assert.equal((await caller.status()).code, 'UNAVAILABLE')
    })
  })

  it('tells once that it closes, while open calls can still be answered', async () => {
    const callee = new Callee()
    await withPair(bench, { serverStream: callee }, async (pair) => {
      const caller = pair.ask(serverStream, bytes('endless'))
      const call = await callee.starts.next()
      await callee.messages.next()
      let told = 0
      pair.server.onClosing(() => {
        told += 1
        call.send(bytes('last words'))
        call.end()
      })
      await pair.server.close()
      await pair.server.close(1_000)
      assert.equal(told, 1)
      assert.deepEqual(await caller.status(), OK)
      assert.equal(text(caller.messages.all[0]), 'last words')
      assert.equal(callee.cancels.all.length, 0)
    })
  })

  it('closes even if those who are told of it fail, or close it themselves', async () => {
    const complaints: unknown[][] = []
    const { error } = console
    console.error = (...complaint: unknown[]) => void complaints.push(complaint)
    try {
      await withPair(bench, {}, async (pair) => {
        const nested: Promise<void>[] = []
        pair.server.onClosing(() => {
          throw new Error('no time')
        })
        pair.server.onClosing(() => void nested.push(pair.server.close()))
        await pair.server.close(3_600_000)
        await Promise.all(nested)
        assert.equal(nested.length, 1)
      })
    } finally {
      console.error = error
    }
    assert.deepEqual(
      complaints.map(([, cause]) => String(cause)),
      ['Error: no time'],
    )
  })

  it('knows which methods have handlers', async () => {
    await withPair(bench, { bidi: new Callee(), unary: new Callee() }, async (pair) => {
      assert.deepEqual(pair.server.methods(), [echoMethod, unaryMethod, bidi])
    })
  })

  it('cuts a long grace short when close is called again without one', async () => {
    const callee = new Callee()
    await withPair(bench, { bidi: callee }, async (pair) => {
      const caller = pair.call(bidi)
      await callee.starts.next()
      const patient = pair.server.close(3_600_000)
      await pair.server.close()
      await patient
      assert.equal((await caller.status()).code, 'UNAVAILABLE')
    })
  })

  it('rejects to listen where somebody listens, with the code of the system, and may then listen elsewhere', async () => {
    await withPair(bench, {}, async (pair) => {
      const second = pair.transport.createServer()
      await assert.rejects(second.listen(pair.host, pair.port), { code: 'EADDRINUSE' })
      const { host, port } = await second.listen(pair.host, 0)
      assert.equal(host, pair.host)
      assert.ok(port > 0 && port !== pair.port)
      await assert.rejects(second.listen(pair.host, 0), /listening/)
      await second.close()
    })
  })

  it('frees the port at once when it closes', async () => {
    await withPair(bench, {}, async (pair) => {
      for (let round = 0; round < 3; round += 1) {
        const server = round === 0 ? pair.server : serve(pair.transport, {})
        if (round > 0) await server.listen(pair.host, pair.port)
        assert.deepEqual(await ask(pair.channel, true).status(), OK)
        await server.close()
      }
    })
  })
}

function ask(channel: Channel, waitForReady = false): Caller {
  const caller = new Caller()
  const call = channel.start(echoMethod, caller, { waitForReady })
  call.send(bytes('hello'))
  call.halfClose()
  return caller
}

/** A port nobody listens on (any more). */
async function deserted(bench: Bench): Promise<{ transport: Transport; port: number }> {
  const transport = bench.createTransport()
  const server = transport.createServer()
  const { port } = await server.listen('127.0.0.1', 0)
  await server.close()
  return { transport, port }
}
