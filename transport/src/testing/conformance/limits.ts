import { strict as assert } from 'node:assert'
import { type Bench, bidi, bytes, Callee, clientStream, echo, OK, pattern, serverStream, unaryMethod, withPair } from './harness.ts'

export function limitCases(bench: Bench): void {
  const { it } = bench

  it('ends a call with RESOURCE_EXHAUSTED when its request is longer than the server takes, and takes one just as long', async () => {
    const callee = new Callee({ onMessage: (call) => call.end() })
    await withPair(
      bench,
      { unary: callee },
      async (pair) => {
        assert.equal((await pair.ask(unaryMethod, pattern(1_001)).status()).code, 'RESOURCE_EXHAUSTED')
        assert.equal(callee.messages.all.length, 0)
        assert.deepEqual(await pair.ask(unaryMethod, pattern(1_000)).status(), OK)
        assert.equal(callee.messages.all.length, 1)
      },
      { server: { maxReceiveMessageBytes: 1_000 } },
    )
  })

  it('takes 4 MiB by default and nothing more', async () => {
    await withPair(bench, { unary: echo }, async (pair) => {
      assert.equal((await pair.ask(unaryMethod, new Uint8Array(4 * 1024 * 1024 + 1)).status()).code, 'RESOURCE_EXHAUSTED')
      await pair.barrier()
    })
  })

  it('cancels a stream at its handler when a later message is too long', async () => {
    const callee = new Callee()
    await withPair(
      bench,
      { clientStream: callee },
      async (pair) => {
        const caller = pair.call(clientStream)
        caller.call.send(pattern(900))
        await callee.messages.next()
        caller.call.send(pattern(2_000))
        assert.equal((await caller.status()).code, 'RESOURCE_EXHAUSTED')
        await callee.cancels.next()
        assert.equal(callee.messages.all.length, 1)
      },
      { server: { maxReceiveMessageBytes: 1_000 } },
    )
  })

  it('ends a call with RESOURCE_EXHAUSTED when its response is longer than the client takes, and tells the server', async () => {
    const callee = new Callee({ onMessage: (call) => call.send(pattern(1_001)) })
    await withPair(
      bench,
      { serverStream: callee },
      async (pair) => {
        const caller = pair.ask(serverStream, bytes('go'))
        assert.equal((await caller.status()).code, 'RESOURCE_EXHAUSTED')
        assert.equal(caller.messages.all.length, 0)
        await callee.cancels.next()
        await pair.barrier()
      },
      { channel: { maxReceiveMessageBytes: 1_000 } },
    )
  })

  it('delivers what came before a message that is too long', async () => {
    const callee = new Callee({
      onStart: (call) => {
        call.send(pattern(1_000))
      },
      onMessage: (call) => {
        call.send(pattern(1_001))
      },
    })
    await withPair(
      bench,
      { bidi: callee },
      async (pair) => {
        const caller = pair.call(bidi)
        await caller.messages.next()
        caller.call.send(bytes('more'))
        assert.equal((await caller.status()).code, 'RESOURCE_EXHAUSTED')
        assert.equal(caller.messages.all.length, 1)
      },
      { channel: { maxReceiveMessageBytes: 1_000 } },
    )
  })
}
