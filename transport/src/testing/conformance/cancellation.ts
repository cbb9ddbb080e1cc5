import { strict as assert } from 'node:assert'
import { type Bench, bidi, bytes, Callee, Caller, echo, echoMethod, OK, serverStream, text, unaryMethod, withPair } from './harness.ts'

export function cancellationCases(bench: Bench): void {
  const { it } = bench

  it('ends a call whose deadline passes with DEADLINE_EXCEEDED, and tells the handler', async () => {
    const callee = new Callee()
    await withPair(bench, { unary: callee }, async (pair) => {
      const caller = pair.ask(unaryMethod, bytes('x'), { timeout: 50 })
      assert.equal((await caller.status()).code, 'DEADLINE_EXCEEDED')
      const call = await callee.cancels.next()
      assert.equal(call.cancelled, true)
      assert.deepEqual(caller.story, ['end'])
    })
  })

  it('ends a call without any time left with DEADLINE_EXCEEDED, later, and without a handler', async () => {
    const callee = new Callee()
    await withPair(bench, { unary: callee }, async (pair) => {
      for (const timeout of [0, -5]) {
        const caller = pair.ask(unaryMethod, bytes('x'), { timeout })
        assert.deepEqual(caller.story, [])
        assert.equal((await caller.status()).code, 'DEADLINE_EXCEEDED')
      }
      await pair.barrier()
      assert.equal(callee.messages.all.length, 0)
    })
  })

  it('keeps deadlines while it waits for a connection', async () => {
    const transport = bench.createTransport()
    const server = transport.createServer()
    const { port } = await server.listen('127.0.0.1', 0)
    await server.close()
    const channel = transport.createChannel({ address: `127.0.0.1:${port}` })
    const caller = new Caller()
    channel.start(unaryMethod, caller, { timeout: 30, waitForReady: true })
    assert.equal((await caller.status()).code, 'DEADLINE_EXCEEDED')
    channel.close()
  })

  it('does not end a call in time', async () => {
    await withPair(bench, { unary: echo }, async (pair) => {
      assert.deepEqual(await pair.ask(unaryMethod, bytes('x'), { timeout: 10_000 }).status(), OK)
    })
  })

  it('cancels a call before it has a connection', async () => {
    const callee = new Callee()
    await withPair(bench, { unary: callee }, async (pair) => {
      const caller = pair.ask(unaryMethod, bytes('x'))
      caller.call.cancel()
      assert.deepEqual(caller.story, [])
      assert.equal((await caller.status()).code, 'CANCELLED')
      await pair.barrier()
      assert.equal(callee.messages.all.length, 0)
    })
  })

  it('leaves nothing open at the server of calls that are cancelled in the tick they start in', async () => {
    const callee = new Callee()
    await withPair(bench, { bidi: callee }, async (pair) => {
      await pair.barrier()
      const callers = Array.from({ length: 20 }, () => pair.call(bidi))
      for (const caller of callers) caller.call.cancel()
      for (const caller of callers) assert.equal((await caller.status()).code, 'CANCELLED')
      await pair.barrier()
      await callee.cancels.take(callee.starts.all.length)
      for (const call of callee.starts.all) assert.equal(call.cancelled, true)
    })
  })

  it('shows a cancelled long poll to its handler at once, and takes nothing more from it', async () => {
    const callee = new Callee()
    await withPair(bench, { serverStream: callee }, async (pair) => {
      const caller = pair.ask(serverStream, bytes('poll'), { timeout: 60_000 })
      const call = await callee.starts.next()
      await callee.messages.next()
      assert.equal(call.cancelled, false)
      caller.call.cancel()
      assert.equal((await caller.status()).code, 'CANCELLED')
      assert.equal(await callee.cancels.next(), call)
      assert.equal(call.cancelled, true)
      assert.equal(call.send(bytes('late')), true)
      call.end()
      call.end({ code: 'ABORTED', message: 'late' })
      assert.equal(call.cancelled, true)
      await pair.barrier()
      assert.equal(callee.cancels.all.length, 1)
      assert.deepEqual(caller.story, ['end'])
    })
  })

  it('cancels between two messages, from within a callback, and hands over none after', async () => {
    const callee = new Callee({
      onMessage: (call) => {
        for (let index = 0; index < 10; index += 1) call.send(bytes(`${index}`))
      },
    })
    await withPair(bench, { serverStream: callee }, async (pair) => {
      const caller = pair.call(serverStream)
      caller.during.onMessage = () => {
        if (caller.messages.all.length === 3) caller.call.cancel()
      }
      caller.call.send(bytes('go'))
      caller.call.halfClose()
      assert.equal((await caller.status()).code, 'CANCELLED')
      await callee.cancels.next()
      await pair.barrier()
      assert.deepEqual(caller.messages.all.map(text), ['0', '1', '2'])
      assert.equal(caller.story.filter((name) => name === 'end').length, 1)
    })
  })

  it('cancels from within onHeaders', async () => {
    const callee = new Callee({ onMessage: (call) => call.send(bytes('first')) })
    await withPair(bench, { serverStream: callee }, async (pair) => {
      const caller = pair.call(serverStream)
      caller.during.onHeaders = () => caller.call.cancel()
      caller.call.send(bytes('go'))
      caller.call.halfClose()
      assert.equal((await caller.status()).code, 'CANCELLED')
      await callee.cancels.next()
      assert.deepEqual(caller.story, ['headers', 'end'])
    })
  })

  it('does not tell a handler of a cancellation after its end', async () => {
    const callee = new Callee({
      onMessage: (call) => {
        call.send(bytes('answer'))
        call.end()
      },
    })
    await withPair(bench, { unary: callee }, async (pair) => {
      const caller = pair.call(unaryMethod)
      caller.during.onMessage = () => caller.call.cancel()
      caller.call.send(bytes('x'))
      caller.call.halfClose()
      await caller.status()
      caller.call.cancel()
      await pair.barrier()
      assert.equal((await callee.starts.next()).cancelled, false)
      assert.equal(callee.cancels.all.length, 0)
      assert.equal(caller.story.filter((name) => name === 'end').length, 1)
    })
  })

  it('cancels a call whose messages are not read', async () => {
    const callee = new Callee({ onMessage: (call) => call.send(bytes('answer')), onStart: (call) => call.pause() })
    await withPair(bench, { bidi: callee }, async (pair) => {
      const caller = pair.call(bidi)
      caller.call.pause()
      caller.call.send(bytes('unread'))
      await callee.starts.next()
      caller.call.cancel()
      assert.equal((await caller.status()).code, 'CANCELLED')
      await callee.cancels.next()
      assert.equal(callee.messages.all.length, 0)
    })
  })

  it('ends the calls of a channel that is closed with CANCELLED, tells their handlers, and takes no new ones', async () => {
    const callee = new Callee()
    await withPair(bench, { bidi: callee }, async (pair) => {
      const channel = pair.transport.createChannel({ address: `${pair.host}:${pair.port}` })
      const open = [pair.call(bidi, {}, channel), pair.call(bidi, { background: true }, channel)]
      await callee.starts.take(2)
      const pending = pair.call(bidi, { waitForReady: true }, channel)
      channel.close()
      channel.close()
      for (const caller of [...open, pending]) assert.equal((await caller.status()).code, 'CANCELLED')
      await callee.cancels.take(2)
      const late = pair.call(echoMethod, {}, channel)
      assert.deepEqual(late.story, [])
      assert.equal((await late.status()).code, 'CANCELLED')
      assert.equal(channel.state, 'closed')
      for (const caller of [...open, pending, late]) assert.deepEqual(caller.story, ['end'])
    })
  })
}
