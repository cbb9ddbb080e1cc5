import { strict as assert } from 'node:assert'
import {
  type Bench,
  bidi,
  bytes,
  Callee,
  type Caller,
  clientStream,
  echo,
  OK,
  type Pair,
  pattern,
  serverStream,
  text,
  unaryMethod,
  withPair,
} from './harness.ts'

/** More than any implementation buffers for one call before it tells the sender to wait. */
const MOST_BUFFERED = 32 * 1024 * 1024

/** A call of the server stream whose client does not read, as both ends have it. */
async function unread(pair: Pair, callee: Callee) {
  const caller = pair.call(serverStream)
  caller.call.pause()
  caller.call.send(bytes('go'))
  caller.call.halfClose()
  const call = await callee.starts.next()
  await callee.messages.next()
  return { caller, call }
}

function assertMessages({ messages }: Caller, expected: readonly Uint8Array[]): void {
  assert.equal(messages.all.length, expected.length)
  for (const [index, message] of expected.entries()) assert.equal(Buffer.compare(messages.all[index] as Uint8Array, message), 0, `message ${index}`)
}

export function streamCases(bench: Bench): void {
  const { it } = bench

  it('delivers the messages of a server stream in order, then the end', async () => {
    const callee = new Callee({
      onMessage: (call) => {
        for (let index = 0; index < 100; index += 1) call.send(bytes(`m${index}`))
        call.end()
      },
    })
    await withPair(bench, { serverStream: callee }, async (pair) => {
      const caller = pair.ask(serverStream, bytes('go'))
      assert.deepEqual(await caller.status(), OK)
      assert.deepEqual(
        caller.messages.all.map(text),
        Array.from({ length: 100 }, (_, index) => `m${index}`),
      )
      assert.equal(caller.story.at(-1), 'end')
    })
  })

  it('ends a server stream without a message', async () => {
    await withPair(bench, { serverStream: new Callee({ onMessage: (call) => call.end() }) }, async (pair) => {
      const caller = pair.ask(serverStream, bytes('go'))
      assert.deepEqual(await caller.status(), OK)
      assert.equal(caller.messages.all.length, 0)
    })
  })

  it('delivers messages one by one as they are sent, not when the stream ends', async () => {
    const callee = new Callee()
    await withPair(bench, { serverStream: callee }, async (pair) => {
      const caller = pair.ask(serverStream, bytes('go'))
      const call = await callee.starts.next()
      await callee.messages.next()
      for (const message of ['a', 'b', 'c']) {
        call.send(bytes(message))
        assert.equal(text(await caller.messages.next()), message)
      }
      call.end()
      await caller.end()
    })
  })

  it('delivers the messages of a client stream in order, then its half-close', async () => {
    const callee = new Callee({
      onHalfClose: (call) => {
        call.send(bytes(`${callee.messages.all.length}`))
        call.end()
      },
    })
    await withPair(bench, { clientStream: callee }, async (pair) => {
      const caller = pair.call(clientStream)
      for (let index = 0; index < 100; index += 1) caller.call.send(bytes(`m${index}`))
      caller.call.halfClose()
      assert.deepEqual(await caller.status(), OK)
      assert.equal(text(caller.messages.all[0]), '100')
      assert.deepEqual(
        callee.messages.all.map(text),
        Array.from({ length: 100 }, (_, index) => `m${index}`),
      )
    })
  })

  it('half-closes a stream that never had a message', async () => {
    await withPair(bench, { clientStream: new Callee({ onHalfClose: (call) => call.end() }) }, async (pair) => {
      const caller = pair.call(clientStream)
      caller.call.halfClose()
      assert.deepEqual(await caller.status(), OK)
    })
  })

  it('plays ping-pong on a bidi stream', async () => {
    const callee = new Callee({
      onMessage: (call, message) => call.send([bytes('re: '), Uint8Array.from(message)]),
      onHalfClose: (call) => call.end(),
    })
    await withPair(bench, { bidi: callee }, async (pair) => {
      const caller = pair.call(bidi)
      for (let round = 0; round < 20; round += 1) {
        caller.call.send(bytes(`ping ${round}`))
        assert.equal(text(await caller.messages.next()), `re: ping ${round}`)
      }
      caller.call.halfClose()
      assert.deepEqual(await caller.status(), OK)
    })
  })

  it('lets a server speak first', async () => {
    const callee = new Callee({ onStart: (call) => call.send(bytes('welcome')) })
    await withPair(bench, { bidi: callee }, async (pair) => {
      const caller = pair.call(bidi)
      assert.equal(text(await caller.messages.next()), 'welcome')
      caller.call.cancel()
      await caller.end()
    })
  })

  it('lets a server end a stream while its client still sends', async () => {
    const callee = new Callee({ onMessage: (call) => call.end({ code: 'ABORTED', message: 'enough' }) })
    await withPair(bench, { bidi: callee }, async (pair) => {
      const caller = pair.call(bidi)
      for (let index = 0; index < 50; index += 1) caller.call.send(pattern(10_000, index))
      assert.deepEqual(await caller.status(), { code: 'ABORTED', message: 'enough' })
      assert.equal(caller.call.send(bytes('late')), true)
      caller.call.halfClose()
      caller.call.cancel()
      await pair.barrier()
      // Where the window is large enough for all of it, the caller may have been told to go on before the end came.
      assert.deepEqual(
        caller.story.filter((event) => event !== 'drain'),
        ['end'],
      )
      assert.equal(callee.messages.all.length, 1)
    })
  })

  it('keeps 500 messages of all sizes apart, in both directions at once', async () => {
    const callee = new Callee({
      onMessage: (call, message) => call.send(Uint8Array.from(message)),
      onHalfClose: (call) => call.end(),
    })
    await withPair(bench, { bidi: callee }, async (pair) => {
      const caller = pair.call(bidi)
      const sent = Array.from({ length: 500 }, (_, index) => pattern((index * index * 7) % 20_011, index))
      for (const message of sent) caller.call.send(message)
      caller.call.halfClose()
      assert.deepEqual(await caller.status(), OK)
      assertMessages(caller, sent)
    })
  })

  it('has read what a server only lends when that is taken back, also what waits for a client that does not read', async () => {
    const callee = new Callee()
    await withPair(bench, { serverStream: callee }, async (pair) => {
      const { caller, call } = await unread(pair, callee)
      const sizes = [0, 1, 60, 1_300, 20_000, 70_000, 1_300, 150_000, 9]
      for (const [index, size] of sizes.entries()) {
        const lent = pattern(size, index)
        const half = size >>> 1
        call.sendLent(index % 2 === 0 ? lent : [lent.subarray(0, half), lent.subarray(half)])
        lent.fill(0xee)
      }
      call.end()
      caller.call.resume()
      assert.deepEqual(await caller.status(), OK)
      assertMessages(caller, sizes.map(pattern))
    })
  })

  it('tells a server to wait when its client does not read, and to go on when it does', async () => {
    const callee = new Callee()
    await withPair(bench, { serverStream: callee }, async (pair) => {
      const { caller, call } = await unread(pair, callee)
      const message = pattern(16 * 1024)
      let sent = 0
      const fill = (): void => {
        while (sent * message.byteLength < MOST_BUFFERED) {
          sent += 1
          if (!call.send(message)) return
        }
        assert.fail(`${MOST_BUFFERED} bytes were taken for a client that reads nothing`)
      }
      // What was taken may still be moving towards the client's buffers.
      callee.during.onDrain = fill
      fill()
      await pair.barrier()
      const drainsBefore = callee.drains.all.length
      caller.call.resume()
      await callee.drains.take(drainsBefore + 1)
      callee.during.onDrain = () => {}
      const total = sent
      call.end()
      assert.deepEqual(await caller.status(), OK)
      assert.equal(caller.messages.all.length, total)
      for (const received of caller.messages.all) assert.equal(Buffer.compare(received, message), 0)
    })
  })

  it('tells a client to wait when the server does not read, and to go on when it does', async () => {
    const callee = new Callee({ onStart: (call) => call.pause(), onHalfClose: (call) => call.end() })
    await withPair(bench, { clientStream: callee }, async (pair) => {
      const caller = pair.call(clientStream)
      const call = await callee.starts.next()
      const message = pattern(16 * 1024)
      let sent = 0
      const fill = (): void => {
        while (sent * message.byteLength < MOST_BUFFERED) {
          sent += 1
          if (!caller.call.send(message)) return
        }
        assert.fail(`${MOST_BUFFERED} bytes were taken for a server that reads nothing`)
      }
      caller.during.onDrain = fill
      fill()
      await pair.barrier()
      assert.equal(callee.messages.all.length, 0)
      const drainsBefore = caller.drains.all.length
      call.resume()
      await caller.drains.take(drainsBefore + 1)
      caller.during.onDrain = () => {}
      const total = sent
      caller.call.halfClose()
      assert.deepEqual(await caller.status(), OK)
      assert.equal(callee.messages.all.length, total)
      for (const received of callee.messages.all) assert.equal(Buffer.compare(received, message), 0)
    })
  })

  it('hands over nothing between pause and resume, at either end', async () => {
    const callee = new Callee({
      onMessage: (call, message) => {
        if (text(message) === 'pause') call.pause()
      },
      onHalfClose: (call) => {
        call.send(bytes('a'))
        call.send(bytes('b'))
        call.end()
      },
    })
    await withPair(bench, { bidi: callee }, async (pair) => {
      const caller = pair.call(bidi)
      caller.during.onMessage = () => caller.call.pause()
      for (const message of ['pause', 'one', 'two']) caller.call.send(bytes(message))
      caller.call.halfClose()
      await callee.messages.next()
      await pair.barrier()
      assert.deepEqual(callee.messages.all.map(text), ['pause'])
      assert.equal(callee.halfCloses.all.length, 0)
      ;(await callee.starts.next()).resume()
      await caller.messages.next()
      await pair.barrier()
      assert.deepEqual(callee.messages.all.map(text), ['pause', 'one', 'two'])
      assert.deepEqual(caller.story, ['headers', 'message'])
      caller.call.resume()
      await caller.messages.next()
      caller.call.resume()
      assert.deepEqual(await caller.status(), OK)
      assert.deepEqual(caller.messages.all.map(text), ['a', 'b'])
    })
  })

  it('keeps 1,000 idle streams open beside other calls, and ends each', async () => {
    const callee = new Callee({ onStart: (call) => call.send(bytes('open')) })
    const idle = 1_000
    await withPair(
      bench,
      { bidi: callee, unary: echo },
      async (pair) => {
        const callers = Array.from({ length: idle }, () => pair.call(bidi, { background: true }))
        for (const caller of callers) assert.equal(text(await caller.messages.next()), 'open')
        assert.deepEqual(await pair.ask(unaryMethod, bytes('x')).status(), OK)
        for (const caller of callers) caller.call.cancel()
        for (const caller of callers) assert.equal((await caller.status()).code, 'CANCELLED')
        await callee.cancels.take(idle)
        assert.deepEqual(await pair.ask(unaryMethod, bytes('x')).status(), OK)
      },
      { server: { maxConcurrentStreams: idle + 10 } },
    )
  })

  it('lets the calls over the server\u2019s limit of streams wait for their turn', async () => {
    const callee = new Callee()
    await withPair(
      bench,
      { unary: callee },
      async (pair) => {
        const callers = Array.from({ length: 6 }, (_, index) => pair.ask(unaryMethod, bytes(`${index}`)))
        for (let served = 0; served < callers.length; served += 1) {
          const call = await callee.starts.next()
          const message = await callee.messages.next()
          assert.ok(callee.starts.all.length <= served + 2, `${callee.starts.all.length} calls are open at once`)
          call.send(message)
          call.end()
        }
        for (const [index, caller] of callers.entries()) {
          assert.deepEqual(await caller.status(), OK)
          assert.equal(text(caller.messages.all[0]), `${index}`)
        }
      },
      { server: { maxConcurrentStreams: 2 } },
    )
  })
}
