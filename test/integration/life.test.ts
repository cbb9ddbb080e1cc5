import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FeatherMQ, silentLogger } from '@feathermq/sdk'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type BrokerProcess, sourceBrokerCommand, startBrokerProcess } from '../support/broker-process.ts'
import { type Child, type Ended, start } from '../support/child.ts'
import { root } from '../support/repository.ts'
import { type Events, events } from '../support/stage.ts'

/** A program in a process of its own, and what it tells. */
interface Program {
  readonly child: Child
  readonly told: Events<string>
  /** Waits until it has told this; rejects, quoting its output, when it ends before. */
  tells(text: string | RegExp): Promise<string>
}

/** Nothing but what the default logger writes: one line each, level and words first (README, logging). */
function checkOutput({ stdout, stderr }: Ended): void {
  assert.equal(stdout, '')
  for (const line of stderr.split('\n').slice(0, -1)) assert.match(line, /^feathermq (warn|error) \S/)
}

describe('the life of a process that uses the SDK', () => {
  let data: string
  let broker: BrokerProcess
  const children: Child[] = []
  const clients: FeatherMQ[] = []

  async function serve(port = '0'): Promise<BrokerProcess> {
    const args = ['--http-port', '0', '--json', '--auto-create', '--data', data, '--port', port]
    const started = await startBrokerProcess(sourceBrokerCommand(args), { cwd: root, timeout: 110_000 })
    children.push(started.child)
    return started
  }

  function program(what: 'consume' | 'produce'): Program {
    const file = fileURLToPath(new URL('support/life-program.ts', import.meta.url))
    const flags = ['--conditions=feathermq-source', '--import', 'tsx']
    const child = start(process.execPath, [...flags, file, what, broker.grpc], { cwd: root, ipc: true, timeout: 60_000 })
    children.push(child)
    const told = events<string>()
    child.process.on('message', (text: string) => told.push(text))
    const ended = child.ended.then((end) => `it ended with ${end.code ?? end.signal}.\n${end.stdout}${end.stderr}`)
    return {
      child,
      told,
      async tells(wanted) {
        for (;;) {
          const text = await Promise.race([told.next(), ended.then((end) => Promise.reject(new Error(`before it told ${wanted}, ${end}`)))])
          if (typeof wanted === 'string' ? text === wanted : wanted.test(text)) return text
        }
      },
    }
  }

  function client(): FeatherMQ {
    const made = new FeatherMQ({ endpoints: broker.grpc, logger: silentLogger })
    clients.push(made)
    return made
  }

  const send = (...bodies: string[]) =>
    client()
      .producer()
      .send(bodies.map((body) => ({ topic: 'orders', body })))

  beforeEach('start a broker', async () => {
    data = await mkdtemp(join(tmpdir(), 'feathermq-life-'))
    broker = await serve()
  })
  afterEach('remove what is left', async () => {
    await Promise.all(clients.splice(0).map((each) => each.close()))
    for (const child of children.splice(0)) {
      child.kill('SIGKILL')
      await child.ended
    }
    await rm(data, { recursive: true, force: true })
  })

  it('a consumer lives on while its broker is down, killed without a word, and consumes again when that is back', async () => {
    const consumer = program('consume')
    await send('quick 1')
    await consumer.tells('handled quick 1')
    broker.child.kill('SIGKILL')
    await broker.child.ended
    await consumer.child.line((line) => line.includes('feathermq warn'))
    assert.equal(consumer.child.process.exitCode, null)

    broker = await serve(broker.grpc.split(':').at(-1))
    await send('quick 2')
    await consumer.tells('handled quick 2')
    consumer.child.process.kill('SIGTERM')
    await consumer.tells('run is over')
    const end = await consumer.child.ended
    assert.equal(end.code, 0, end.stderr)
    checkOutput(end)
  }).timeout(90_000)

  it('SIGTERM lets the handler that runs end, gives the rest back to others at once, and then the process ends, with nothing written', async () => {
    const consumer = program('consume')
    await consumer.tells('running')
    await send('slow', 'quick 1', 'quick 2')
    await consumer.tells(/^handling slow/)
    // What waits behind it in this process is the other consumer's in a moment.
    consumer.child.process.kill('SIGTERM')
    await consumer.tells('handled slow')
    await consumer.tells(/^closed, 1 drained, \d returned/)
    const end = await consumer.child.ended
    assert.deepEqual([end.code, end.stdout, end.stderr], [0, '', ''])
    assert.deepEqual((await rest(2)).sort(), ['quick 1', 'quick 2'])
  }).timeout(90_000)

  it('SIGTERM does not wait for a handler that never ends: its signal aborts, its message goes to others, twice told or not', async () => {
    const consumer = program('consume')
    await consumer.tells('running')
    await send('stuck')
    await consumer.tells('handling stuck')
    consumer.child.process.kill('SIGTERM')
    consumer.child.process.kill('SIGTERM')
    await consumer.tells('aborted stuck')
    await consumer.tells(/^closed, 0 drained, 1 returned/)
    const end = await consumer.child.ended
    assert.equal(end.code, 0, `${end.late ? 'it did not end' : ''}${end.stderr}`)
    checkOutput(end)
    assert.deepEqual(await rest(1), ['stuck'])
  }).timeout(90_000)

  it('SIGTERM while the broker is down ends the process as well', async () => {
    const consumer = program('consume')
    await send('quick')
    await consumer.tells('handled quick')
    broker.child.kill('SIGKILL')
    await broker.child.ended
    consumer.child.process.kill('SIGTERM')
    await consumer.tells(/^closed/)
    const end = await consumer.child.ended
    assert.equal(end.code, 0, end.stderr)
    checkOutput(end)
  }).timeout(90_000)

  it('a producer that only waits lets its process end, without being closed and with nothing written', async () => {
    const producer = program('produce')
    await producer.tells('sent')
    const end = await producer.child.ended
    assert.deepEqual([end.code, end.late, end.stdout, end.stderr], [0, false, '', ''])
  }).timeout(60_000)

  /** What another consumer of the group gets. */
  async function rest(count: number): Promise<string[]> {
    const consumer = client().simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    const bodies: string[] = []
    while (bodies.length < count) {
      for (const message of await consumer.receive({ max: count })) {
        bodies.push(message.text())
        await message.ack()
      }
    }
    return bodies
  }
})
