import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'mocha'
import type { Method, ServerCall, ServerOptions } from '../contract.ts'
import { testAuthority } from '../testing/certificates.ts'
import { grpcJsTransport } from './transport.ts'

const method: Method = { path: '/test.Hold/Stream', kind: 'bidi' }
const authority = testAuthority()

/** Runs a client in a process of its own that does nothing but this; resolves with what it printed when it has come to its end. */
function client(script: string, onOutput: () => void = () => {}): Promise<string> {
  const imports = `import { grpcJsTransport } from ${JSON.stringify(new URL('./transport.ts', import.meta.url).href)}`
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', `${imports}\nconst method = ${JSON.stringify(method)}\n${script}`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
      onOutput()
    })
  }
  return new Promise((resolve) => child.once('close', (code) => resolve(`${output}exit ${code}`)))
}

/** A stream on which the server speaks first; the client prints what it gets. With `greeted`, something else holds the process until then. */
const openStream = (options: string, channel: string, greeted = false): string => `
  const channel = grpcJsTransport().createChannel(${channel})
  const other = ${greeted} ? setInterval(() => {}, 60_000) : undefined
  const onMessage = (message) => {
    console.log(String(Buffer.from(message)))
    clearInterval(other)
  }
  channel.start(method, { onMessage, onEnd: (status) => console.log(status.code) }, ${options})`

async function withServer(
  options: ServerOptions,
  onStart: (call: ServerCall<unknown>) => void,
  body: (port: number) => Promise<void>,
): Promise<void> {
  const server = grpcJsTransport().createServer(options)
  server.handle<unknown>(method, { onStart, onMessage: () => {} })
  const { port } = await server.listen('127.0.0.1', 0)
  try {
    await body(port)
  } finally {
    await server.close()
  }
}

const greet = (call: ServerCall<unknown>): void => void call.send(Buffer.from('open'))

describe('what holds the process of a grpc-js client', () => {
  it('is no open background call, over plaintext or TLS', async () => {
    await withServer({}, greet, async (port) => {
      const channel = `{ address: '127.0.0.1:${port}' }`
      assert.equal(await client(openStream('{ background: true, timeout: 60_000 }', channel, true)), 'open\nexit 0')
    })
    await withServer({ tls: authority.issue('127.0.0.1') }, greet, async (port) => {
      const channel = `{ address: '127.0.0.1:${port}', tls: { ca: ${JSON.stringify(authority.ca)} } }`
      assert.equal(await client(openStream('{ background: true }', channel, true)), 'open\nexit 0')
    })
  })

  it('is any other pending call, for as long as it is', async () => {
    let end = (): void => {}
    const onStart = (call: ServerCall<unknown>): void => {
      greet(call)
      end = () => call.end()
    }
    await withServer({}, onStart, async (port) => {
      const printed = await client(openStream('{}', `{ address: '127.0.0.1:${port}' }`), () => end())
      assert.equal(printed, 'open\nOK\nexit 0')
    })
  })

  it('is no background call that waits for a server that is away, but any other that does', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => probe.once('listening', resolve))
    const channel = `{ address: '127.0.0.1:${(probe.address() as AddressInfo).port}' }`
    await new Promise((resolve) => probe.close(resolve))
    const background = openStream('{ background: true, waitForReady: true, timeout: 600_000 }', channel)
    const foreground = openStream('{ waitForReady: true, timeout: 300 }', channel)
    assert.deepEqual(await Promise.all([client(background), client(foreground)]), ['exit 0', 'DEADLINE_EXCEEDED\nexit 0'])
  })
})
