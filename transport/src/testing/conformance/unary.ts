import { strict as assert } from 'node:assert'
import { RpcError, rpcCodes } from '../../rpc-error.ts'
import {
  type Bench,
  bytes,
  Callee,
  clientStream,
  echo,
  echoMethod,
  OK,
  pattern,
  serverStream,
  text,
  unaryMethod,
  unknownMethod,
  withPair,
} from './harness.ts'

export function unaryCases(bench: Bench): void {
  const { it } = bench

  it('carries a message there and back, and tells headers, message and end in that order', async () => {
    await withPair(bench, { unary: echo }, async (pair) => {
      const caller = pair.ask(unaryMethod, bytes('hello'))
      assert.deepEqual(await caller.status(), OK)
      assert.equal(text(caller.messages.all[0]), 'hello')
      assert.deepEqual(caller.story, ['headers', 'message', 'end'])
    })
  })

  it('sends the parts of a message as one message, in both directions', async () => {
    const answer = new Callee({
      onMessage: (call, message) => {
        call.send([bytes('<'), Uint8Array.from(message), new Uint8Array(0), bytes('>')])
        call.end()
      },
    })
    await withPair(bench, { unary: answer }, async (pair) => {
      const caller = pair.ask(unaryMethod, [bytes('a'), bytes('bc'), bytes('')])
      await caller.end()
      assert.deepEqual(caller.messages.all.map(text), ['<abc>'])
    })
  })

  it('carries empty messages, also as no parts at all', async () => {
    await withPair(bench, { unary: echo }, async (pair) => {
      for (const empty of [new Uint8Array(0), [], [new Uint8Array(0)]]) {
        const caller = pair.ask(unaryMethod, empty)
        assert.deepEqual(await caller.status(), OK)
        assert.deepEqual(caller.messages.all, [new Uint8Array(0)])
      }
    })
  })

  it('carries 4 MiB unchanged, the most a server takes by default', async () => {
    await withPair(bench, { unary: echo }, async (pair) => {
      const big = pattern(4 * 1024 * 1024)
      const caller = pair.ask(unaryMethod, big)
      assert.deepEqual(await caller.status(), OK)
      assert.equal(Buffer.compare(caller.messages.all[0] as Uint8Array, big), 0)
    })
  })

  it('answers each of many calls of one tick with its own answer', async () => {
    await withPair(bench, { unary: echo }, async (pair) => {
      const callers = Array.from({ length: 200 }, (_, index) => pair.ask(unaryMethod, pattern(index * 13, index)))
      for (const [index, caller] of callers.entries()) {
        assert.deepEqual(await caller.status(), OK)
        assert.deepEqual(caller.messages.all, [pattern(index * 13, index)])
      }
    })
  })

  it('hands a single request over only after END_STREAM, and tells no half-close for it', async () => {
    for (const [name, method] of [
      ['unary', unaryMethod],
      ['serverStream', serverStream],
    ] as const) {
      const callee = new Callee({ onMessage: (call) => call.end() })
      await withPair(bench, { [name]: callee }, async (pair) => {
        const caller = pair.call(method)
        caller.call.send(bytes('request'))
        await callee.starts.next()
        await pair.barrier()
        assert.equal(callee.messages.all.length, 0)
        caller.call.halfClose()
        assert.deepEqual(await caller.status(), OK)
        assert.deepEqual(callee.messages.all.map(text), ['request'])
        assert.equal(callee.halfCloses.all.length, 0)
      })
    }
  })

  it('ends a single-request call with INTERNAL when no request comes, or two', async () => {
    for (const [name, method] of [
      ['unary', unaryMethod],
      ['serverStream', serverStream],
    ] as const) {
      const callee = new Callee()
      await withPair(bench, { [name]: callee }, async (pair) => {
        const none = pair.call(method)
        none.call.halfClose()
        assert.equal((await none.status()).code, 'INTERNAL')
        const two = pair.call(method)
        two.call.send(bytes('one'))
        two.call.send(bytes('two'))
        two.call.halfClose()
        assert.equal((await two.status()).code, 'INTERNAL')
        assert.equal(callee.messages.all.length, 0)
      })
    }
  })

  it('shows a call that it ends for the number of its requests as a cancelled one to its handler, once', async () => {
    const callee = new Callee()
    await withPair(bench, { unary: callee, serverStream: callee }, async (pair) => {
      for (const method of [unaryMethod, serverStream]) {
        for (const requests of [[], ['one', 'two']]) {
          const caller = pair.call(method)
          for (const request of requests) caller.call.send(bytes(request))
          caller.call.halfClose()
          assert.equal((await caller.status()).code, 'INTERNAL')
        }
      }
      assert.equal((await callee.cancels.take(4)).length, 4)
      await pair.barrier()
      assert.equal(callee.cancels.all.length, 4)
      assert.equal(callee.messages.all.length, 0)
    })
  })

  it('makes the status of an RpcError that a callback throws the status of the call', async () => {
    const refuse = (): never => {
      throw new RpcError('PERMISSION_DENIED', 'not you')
    }
    await withPair(bench, { unary: new Callee({ onMessage: refuse }), clientStream: new Callee({ onHalfClose: refuse }) }, async (pair) => {
      for (const method of [unaryMethod, clientStream]) {
        assert.deepEqual(await pair.ask(method, bytes('x')).status(), { code: 'PERMISSION_DENIED', message: 'not you' })
      }
    })
  })

  it('ends a call with INTERNAL when its handler throws anything else, and reports that with method and peer', async () => {
    const broken = new Error('a secret of the server')
    const reports: unknown[] = []
    const callee = new Callee({
      onMessage: () => {
        throw broken
      },
    })
    const onError = (error: unknown, call: { method: unknown; peer: { address: string } }): void => {
      reports.push(error, call.method, typeof call.peer.address)
    }
    await withPair(
      bench,
      { unary: callee },
      async (pair) => {
        const status = await pair.ask(unaryMethod, bytes('x')).status()
        assert.equal(status.code, 'INTERNAL')
        assert.doesNotMatch(status.message, /secret/)
        assert.deepEqual(reports, [broken, unaryMethod, 'string'])
      },
      { server: { onError } },
    )
  })

  it('survives an onError that throws itself', async () => {
    const callee = new Callee({
      onMessage: () => {
        throw new Error('first')
      },
    })
    const error = console.error
    const lines: unknown[][] = []
    console.error = (...line: unknown[]) => lines.push(line)
    try {
      await withPair(
        bench,
        { unary: callee },
        async (pair) => {
          assert.equal((await pair.ask(unaryMethod, bytes('x')).status()).code, 'INTERNAL')
          await pair.barrier()
        },
        {
          server: {
            onError: () => {
              throw new Error('second')
            },
          },
        },
      )
    } finally {
      console.error = error
    }
    assert.equal(lines.length, 1)
  })

  it('answers UNIMPLEMENTED for a method without a handler', async () => {
    await withPair(bench, {}, async (pair) => {
      assert.equal((await pair.ask(unknownMethod, bytes('x')).status()).code, 'UNIMPLEMENTED')
      await pair.barrier()
    })
  })

  it('carries every status code and any text with it', async () => {
    const texts = ['', 'plain', '100 % sure: 50%25', 'über 世界 🚀', 'two\r\nlines\tand\0more', '/path?query=1&b=2#c', 'x'.repeat(2_000)]
    const callee = new Callee({
      onMessage: (call, message) => {
        const [code, index] = text(message).split(' ')
        call.end({ code: rpcCodes.find((known) => known === code) ?? 'UNKNOWN', message: texts[Number(index)] ?? '' })
      },
    })
    await withPair(bench, { unary: callee }, async (pair) => {
      for (const code of rpcCodes) {
        const want = code === 'OK' ? OK : { code, message: 'plain' }
        assert.deepEqual(await pair.ask(unaryMethod, bytes(`${code} ${code === 'OK' ? 0 : 1}`)).status(), want)
      }
      for (const [index, message] of texts.entries()) {
        assert.deepEqual(await pair.ask(unaryMethod, bytes(`ABORTED ${index}`)).status(), { code: 'ABORTED', message })
      }
    })
  })

  it('replaces half surrogate pairs in a status text, which have no UTF-8 form', async () => {
    const callee = new Callee({ onMessage: (call) => call.end({ code: 'ABORTED', message: 'a\ud800b' }) })
    await withPair(bench, { unary: callee }, async (pair) => {
      assert.deepEqual(await pair.ask(unaryMethod, bytes('x')).status(), { code: 'ABORTED', message: 'a\ufffdb' })
    })
  })

  it('refuses to send a message after the end at the server, and ends a call once', async () => {
    const refused: unknown[] = []
    const callee = new Callee({
      onMessage: (call) => {
        call.end({ code: 'ABORTED', message: 'first' })
        call.end({ code: 'NOT_FOUND', message: 'second' })
        try {
          call.send(bytes('late'))
        } catch (error) {
          refused.push(error)
        }
      },
    })
    await withPair(bench, { unary: callee }, async (pair) => {
      const caller = pair.ask(unaryMethod, bytes('x'))
      assert.deepEqual(await caller.status(), { code: 'ABORTED', message: 'first' })
      await pair.barrier()
      assert.equal(refused.length, 1)
      assert.deepEqual(caller.story, ['end'])
    })
  })

  it('fails a call later as a throw would', async () => {
    const callee = new Callee()
    await withPair(bench, { unary: callee }, async (pair) => {
      const refused = pair.ask(unaryMethod, bytes('x'))
      ;(await callee.starts.next()).fail(new RpcError('NOT_FOUND', 'nothing there'))
      assert.deepEqual(await refused.status(), { code: 'NOT_FOUND', message: 'nothing there' })
      const broken = pair.ask(unaryMethod, bytes('x'))
      ;(await callee.starts.next()).fail(new Error('oops'))
      assert.equal((await broken.status()).code, 'INTERNAL')
      assert.match(String(pair.errors.splice(0)), /oops/)
    })
  })

  it('keeps what a handler leaves in call.state with that call', async () => {
    const callee = new Callee({
      onStart: (call) => {
        call.state = call.headers.get('x-name')
      },
      onMessage: (call) => {
        call.send(bytes(String(call.state)))
        call.end()
      },
    })
    await withPair(bench, { unary: callee }, async (pair) => {
      const callers = ['a', 'b', 'c'].map((name) => pair.ask(unaryMethod, bytes(''), { headers: [['x-name', name]] }))
      for (const caller of callers) await caller.end()
      assert.deepEqual(
        callers.map((caller) => text(caller.messages.all[0])),
        ['a', 'b', 'c'],
      )
    })
  })

  it('refuses handlers for one path twice, for no path, and after listen', async () => {
    await withPair(bench, {}, async (pair) => {
      assert.throws(() => pair.server.handle(unaryMethod, echo), /listen/)
      const server = pair.transport.createServer()
      server.handle(echoMethod, echo)
      assert.throws(() => server.handle(echoMethod, echo), /already/)
      assert.throws(() => server.handle({ path: 'Echo', kind: 'unary' }, echo), TypeError)
      await server.close()
    })
  })
}
