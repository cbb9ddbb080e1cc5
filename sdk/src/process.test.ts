import { strict as assert } from 'node:assert'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { grpcJsTransport } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { FakeServer, type Receive } from './testing-internal/fake-server.ts'

const root = join(import.meta.dirname, '..', '..')

interface Child {
  readonly process: ChildProcess
  /** What it wrote so far. */
  output(): string
  /** Resolves when it has written this line. */
  wrote(line: string): Promise<void>
  readonly exited: Promise<number | null>
}

/** Runs a program that has `mq`, a client of the server, in a process of its own. */
function child(server: FakeServer, program: string): Child {
  const source = `
    import { FeatherMQ } from '@feathermq/sdk'
    const mq = new FeatherMQ({ endpoints: '${server.address}' })
    const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    ${program}
  `
  const run = spawn(process.execPath, ['--import', 'tsx', '--conditions', 'feathermq-source', '--input-type', 'module', '-e', source], {
    cwd: root,
    env: { ...process.env, NODE_DEBUG: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const waiting = new Set<() => void>()
  for (const stream of [run.stdout, run.stderr]) {
    stream.on('data', (bytes) => {
      output += bytes
      for (const look of waiting) look()
    })
  }
  const exited = once(run, 'exit').then(([code]) => code as number | null)
  return {
    process: run,
    output: () => output,
    wrote: (line) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!output.split('\n').includes(line)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
        void exited.then((code) => reject(new Error(`it exited with ${code} before it wrote "${line}":\n${output}`)))
      }),
    exited,
  }
}

describe('the process of a client', () => {
  it('ends by itself after a client was only made, and after it sent without being closed', async () => {
    const server = await FakeServer.start(grpcJsTransport())
    const only = child(server, '')
    const sent = child(server, `await mq.producer().send({ topic: 'orders', body: 'x' }); console.log('sent')`)
    assert.equal(await only.exited, 0, only.output())
    assert.equal(await sent.exited, 0, sent.output())
    assert.equal(sent.output(), 'sent\n')
    await server.close()
  })

  it('ends by itself after a start that failed, and after run() was closed, with nothing written', async () => {
    const server = await FakeServer.start(grpcJsTransport())
    const failing = child(
      server,
      `const other = new FeatherMQ({ endpoints: '127.0.0.1:1' })
       await other.producer().send({ topic: 'orders', body: 'x' }).catch((error) => console.log(error.code))`,
    )
    const closed = child(
      server,
      `const running = consumer.run(() => {}); setTimeout(() => consumer.close(), 300); await running; console.log('over')`,
    )
    assert.equal(await failing.exited, 0, failing.output())
    assert.equal(failing.output(), 'UNREACHABLE\n')
    assert.equal(await closed.exited, 0, closed.output())
    assert.equal(closed.output(), 'over\n')
    await server.close()
  })

  it('is held by a running consumer, also while the server is away, survives that, and consumes again', async () => {
    const server = await FakeServer.start(grpcJsTransport())
    const running = child(
      server,
      `process.on('SIGTERM', () => { consumer.close().then(() => console.log('closed')) })
       const done = consumer.run((message) => { console.log('got ' + message.text()) })
       console.log('running')
       await done`,
    )
    await server.receives.next()
    await server.close()
    await running.wrote('running')
    const reborn = await FakeServer.start(grpcJsTransport(), server.port)
    const message = (receive: Receive) => {
      receive.message({
        topic: { name: 'orders' },
        systemProperties: { messageId: 'a', receiptHandle: 'h', deliveryAttempt: 1, bodyEncoding: 'IDENTITY' },
        body: Buffer.from('hello'),
      })
      receive.end()
    }
    message(await reborn.receives.next())
    await running.wrote('got hello')
    running.process.kill('SIGTERM')
    assert.equal(await running.exited, 0, running.output())
    assert.match(running.output(), /closed\n$/)
    assert.doesNotMatch(running.output(), /Unhandled|Uncaught/i)
    await reborn.close()
  }).timeout(30_000)

  it('survives a server that resets its connections after the client was closed', async () => {
    const server = await FakeServer.start(grpcJsTransport())
    const closed = child(
      server,
      `await mq.producer().send({ topic: 'orders', body: 'x' })
       await mq.close()
       console.log('closed')
       setTimeout(() => console.log('alive'), 500)`,
    )
    await closed.wrote('closed')
    await server.close()
    assert.equal(await closed.exited, 0, closed.output())
    assert.equal(closed.output(), 'closed\nalive\n')
  })
})
