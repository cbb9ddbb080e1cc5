import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import type { Method, ServerCall } from './contract.ts'
import { inMemoryTransport } from './in-memory/transport.ts'
import { RpcError } from './rpc-error.ts'
import { callUnary, type UnaryCallOptions, unary } from './unary.ts'

const echo: Method = { path: '/test.Echo/Echo', kind: 'unary' }
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const bytes = (value: string): Uint8Array => Buffer.from(value)

type Serve = Parameters<typeof unary>[0]

/** Serves the method once, makes `use` happen, and takes everything down. */
async function served(
  serve: Serve,
  use: (call: (message: string, options?: UnaryCallOptions, decode?: (response: Uint8Array) => string) => Promise<string>) => Promise<void>,
  errors: unknown[] = [],
): Promise<void> {
  const transport = inMemoryTransport({ poison: true })
  const server = transport.createServer({ onError: (error) => errors.push(error) })
  server.handle(echo, unary(serve))
  const { port } = await server.listen('127.0.0.1', 0)
  const channel = transport.createChannel({ address: `127.0.0.1:${port}` })
  try {
    await use((message, options, decode = text) => callUnary(channel, echo, bytes(message), decode, options))
  } finally {
    channel.close()
    await server.close()
  }
}

describe('unary', () => {
  it('answers with bytes that were returned at once', async () => {
    await served(
      (request) => bytes(text(request).toUpperCase()),
      async (call) => assert.equal(await call('hello'), 'HELLO'),
    )
  })

  it('answers with bytes that were promised', async () => {
    await served(
      async (request) => {
        const kept = text(request)
        await Promise.resolve()
        return [bytes(kept), bytes('!')]
      },
      async (call) => assert.equal(await call('hello'), 'hello!'),
    )
  })

  it('turns an RpcError, thrown or promised, into the status of the call, and keeps it from onError', async () => {
    const errors: unknown[] = []
    const refuse: Serve = (request) => {
      const error = new RpcError('NOT_FOUND', `no ${text(request)}`)
      if (text(request) === 'thrown') throw error
      return Promise.reject(error)
    }
    await served(
      refuse,
      async (call) => {
        for (const kind of ['thrown', 'promised']) {
          await assert.rejects(call(kind), (error) => error instanceof RpcError && error.code === 'NOT_FOUND' && error.details === `no ${kind}`)
        }
      },
      errors,
    )
    assert.deepEqual(errors, [])
  })

  it('turns any other error into INTERNAL without its text, and reports it to onError', async () => {
    const errors: unknown[] = []
    const broken = new Error('secret')
    await served(
      (request) => {
        if (text(request) === 'thrown') throw broken
        return Promise.reject(broken)
      },
      async (call) => {
        for (const kind of ['thrown', 'promised']) {
          await assert.rejects(call(kind), (error) => error instanceof RpcError && error.code === 'INTERNAL' && !error.message.includes('secret'))
        }
      },
      errors,
    )
    assert.deepEqual(errors, [broken, broken])
  })

  it('reports a handler that ends the call and answers as well', async () => {
    const errors: unknown[] = []
    await served(
      async (_request, call) => {
        call.end({ code: 'ABORTED', message: 'done' })
        return bytes('too late')
      },
      async (call) => assert.rejects(call('x'), { code: 'ABORTED' }),
      errors,
    )
    assert.match(String(errors[0]), /after the end/)
  })

  it('does not answer a call that was cancelled meanwhile', async () => {
    const aborted = new AbortController()
    let finish = (): void => {}
    let seen: ServerCall<undefined> | undefined
    await served(
      (_request, call) =>
        new Promise((resolve) => {
          seen = call
          finish = () => resolve(bytes('late'))
          aborted.abort(new Error('enough'))
        }),
      async (call) => {
        await assert.rejects(call('x', { signal: aborted.signal }), { message: 'enough' })
        await new Promise((resolve) => setImmediate(resolve))
        assert.equal(seen?.cancelled, true)
        finish()
        await new Promise((resolve) => setImmediate(resolve))
      },
    )
  })
})

describe('callUnary', () => {
  it('rejects with the reason of a signal that was aborted before', async () => {
    let calls = 0
    await served(
      () => {
        calls += 1
        return bytes('')
      },
      async (call) => assert.rejects(call('x', { signal: AbortSignal.abort(new Error('never')) }), { message: 'never' }),
    )
    assert.equal(calls, 0)
  })

  it('names method and address in its errors', async () => {
    await served(
      () => {
        throw new RpcError('UNAVAILABLE', 'busy')
      },
      async (call) =>
        assert.rejects(
          call('x'),
          (error) => error instanceof RpcError && /^\/test\.Echo\/Echo at 127\.0\.0\.1:\d+: UNAVAILABLE: busy$/.test(error.message),
        ),
    )
  })

  it('turns a response that cannot be decoded into INTERNAL with the cause', async () => {
    const cause = new Error('truncated')
    await served(
      (request) => Uint8Array.from(request),
      async (call) => {
        const broken = (): string => {
          throw cause
        }
        await assert.rejects(call('x', {}, broken), (error) => error instanceof RpcError && error.code === 'INTERNAL' && error.cause === cause)
      },
    )
  })

  it('rejects with INTERNAL when the server answers with no message, or with two', async () => {
    await served(
      (request, call) => {
        if (text(request) === 'two') call.send(bytes('one'))
        else call.end()
        return new Promise((resolve) => setImmediate(() => resolve(bytes('two'))))
      },
      async (call) => {
        await assert.rejects(call('none'), /without a message/)
        await assert.rejects(call('two'), /more than one/)
      },
      [],
    )
  })

  it('forgets its signal when the call is over', async () => {
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }
    await served(
      (request) => Uint8Array.from(request),
      async (call) => assert.equal(await call('x', { signal }), 'x'),
    )
    assert.equal(listeners, 0)
  })
})
