import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, it } from 'mocha'

const root = join(import.meta.dirname, '..', '..')

/** Runs a program in a process of its own, with a client whose server is in the same process and memory. What it wrote. */
async function program(source: string): Promise<string> {
  const whole = `
    import { createRequire } from 'node:module'
    import { FeatherMQ } from '@feathermq/sdk'
    import { inMemoryTransport } from '@feathermq/transport'
    import { startBroker } from '@feathermq/broker/testing'
    const { cache } = createRequire(import.meta.url)
    const loaded = () => Object.keys(cache).some((file) => file.includes('opentelemetry'))
    const transport = inMemoryTransport()
    const broker = await startBroker({ transport })
    const roundTrip = async (telemetry) => {
      const mq = new FeatherMQ({ endpoints: broker.endpoints, transport, telemetry })
      await mq.producer().send({ topic: 'orders', body: 'hello' })
      const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
      await consumer.run((message) => { void consumer.close(); console.log(message.text()) })
      await mq.close()
    }
    ${source}
    await broker.close()
  `
  const args = ['--import', 'tsx', '--conditions', 'feathermq-source', '--input-type', 'module', '-e', whole]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, env: { ...process.env, NODE_DEBUG: '' } })
  return `${stdout}${stderr}`
}

describe('a process where nobody listens', () => {
  it('nothing of OpenTelemetry is loaded', async () => {
    assert.equal(await program('await roundTrip(); console.log(loaded())'), 'hello\nfalse\n')
  }).timeout(30_000)
})

describe('where @opentelemetry/api is not installed', () => {
  const without = `
    import Module from 'node:module'
    const resolve = Module._resolveFilename
    Module._resolveFilename = function (request, ...rest) {
      if (request === '@opentelemetry/api') throw new Error('not installed')
      return resolve.call(this, request, ...rest)
    }
  `

  it('everything works, also when another copy of it is there', async () => {
    assert.equal(
      await program(`${without} globalThis[Symbol.for('opentelemetry.js.api.1')] = { trace: {}, metrics: {} }; await roundTrip()`),
      'hello\n',
    )
  }).timeout(30_000)

  it('a provider that is given is warned about, once', async () => {
    const output = await program(`${without} await roundTrip({ tracerProvider: { getTracer() {} } })`)
    assert.match(output, /^hello\n/)
    assert.equal(output.match(/telemetry has a provider, but the package @opentelemetry\/api cannot be found/g)?.length, 1)
  }).timeout(30_000)

  it('it may be given, as programs in one file must: spans are made then', async () => {
    const spans = `
      ${without}
      const tracer = { startSpan: (name) => { console.log(name); return api.trace.wrapSpanContext(api.INVALID_SPAN_CONTEXT) } }
      api.trace.setGlobalTracerProvider({ getTracer: () => tracer })
      await roundTrip({ api })
    `
    assert.equal(await program(`import * as api from '@opentelemetry/api'; ${spans}`), 'send orders\nprocess orders\nhello\nack orders\n')
  }).timeout(30_000)
})
