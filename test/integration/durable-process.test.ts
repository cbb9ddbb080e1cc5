import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FeatherMQ, type Message, silentLogger } from '@feathermq/sdk'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type BrokerProcess, sourceBrokerCommand, startBrokerProcess } from '../support/broker-process.ts'
import { start } from '../support/child.ts'
import { root } from '../support/repository.ts'

describe('feathermq serve --data', () => {
  let data: string
  const living: BrokerProcess[] = []
  const clients: FeatherMQ[] = []
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'feathermq-data-'))
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    for (const { child } of living.splice(0)) {
      child.kill('SIGKILL')
      await child.ended
    }
    await rm(data, { recursive: true, force: true })
  })

  const args = (...more: string[]): string[] => ['--http-port', '0', '--json', '--auto-create', '--data', data, ...more]

  async function broker(port = '0'): Promise<BrokerProcess> {
    const started = await startBrokerProcess(sourceBrokerCommand(args('--port', port)), { cwd: root, timeout: 110_000 })
    living.push(started)
    return started
  }

  function client({ grpc }: BrokerProcess): FeatherMQ {
    const made = new FeatherMQ({ endpoints: grpc, logger: silentLogger })
    clients.push(made)
    return made
  }

  /** What it logged about opening its data. */
  async function opened({ child }: BrokerProcess): Promise<{ readonly walked: number }> {
    return JSON.parse(await child.line((line) => line.includes('"data-opened"'))) as { walked: number }
  }

  it('that is killed in the middle of sends, receives and acknowledgements: what was promised is there, what was in flight comes back at its time', async () => {
    const first = await broker()
    const mq = client(first)
    const stored = new Set<string>()
    const tried = new Set<string>()
    const acknowledged = new Set<string>()
    /** Received and not acknowledged, or nobody knows; with the moment before the receive. */
    const held = new Map<string, number>()
    const unsure = new Set<string>()
    const lives = { now: true }

    const producer = mq.producer()
    const produce = async (name: string): Promise<void> => {
      for (let n = 0; lives.now; n++) {
        const body = `${name}${n}`
        tried.add(body)
        await producer.send({ topic: 'orders', body }).then(
          () => stored.add(body),
          () => {},
        )
      }
    }
    const consume = async (every: number, keepFrom: number): Promise<void> => {
      const consumer = mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
      while (lives.now) {
        const before = Date.now()
        const messages: readonly Message[] = await consumer.receive({ max: 8, wait: '5s', invisible: '10s' }).catch(() => [])
        for (const [index, message] of messages.entries()) {
          const body = message.text()
          assert.equal(message.attempt, 1, body)
          held.set(body, before)
          if (index % every === keepFrom) continue
          await message.ack().then(
            () => {
              acknowledged.add(body)
              held.delete(body)
            },
            () => unsure.add(body),
          )
        }
      }
    }
    const work = [...['a', 'b', 'c', 'd'].map(produce), consume(4, 3), consume(4, 2)]
    while (acknowledged.size < 300) await new Promise((resolve) => setImmediate(resolve))
    first.child.kill('SIGKILL')
    lives.now = false
    await first.child.ended
    await mq.close()
    await Promise.all(work)
    const missing = new Set([...stored].filter((body) => !acknowledged.has(body) && !unsure.has(body)))
    assert.ok(held.size > 0 && missing.size > 0, `${held.size} held, ${missing.size} to come`)

    const second = await broker()
    assert.ok((await opened(second)).walked > 0)
    const consumer = client(second).simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    const seen = new Set<string>()
    while (missing.size > 0) {
      const messages = await consumer.receive({ max: 32, wait: '15s', invisible: '60s' })
      assert.ok(messages.length > 0, `${missing.size} never came: ${[...missing].slice(0, 5)}`)
      for (const message of messages) {
        const body = message.text()
        assert.ok(tried.has(body), `${body} was never sent`)
        assert.ok(!acknowledged.has(body), `${body} was acknowledged and came again`)
        const since = held.get(body)
        if (since !== undefined && !unsure.has(body)) {
          assert.ok(Date.now() >= since + 10_000, `${body} came while its lease ran`)
          assert.equal(message.attempt, 2, body)
        } else assert.ok(message.attempt <= 2, `${body}: attempt ${message.attempt}`)
        assert.ok(!seen.has(message.messageId), `${body} came twice`)
        seen.add(message.messageId)
        missing.delete(body)
        await message.ack()
      }
    }
  }).timeout(100_000)

  it('that is told to end: the next start walks nothing, and goes on', async () => {
    const first = await broker()
    const producer = client(first).producer()
    for (let n = 0; n < 20; n++) await producer.send({ topic: 'orders', body: `m${n}` })
    await Promise.all(clients.splice(0).map((one) => one.close()))
    first.child.kill('SIGTERM')
    assert.equal((await first.child.ended).code, 0)
    const second = await broker()
    assert.equal((await opened(second)).walked, 0)
    const consumer = client(second).simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    assert.equal((await consumer.receive({ max: 32, wait: '5s', invisible: '30s' })).length, 20)
  }).timeout(60_000)

  it('on a directory that another one uses: it ends with 2 and says by whom, and the other one does not notice', async () => {
    const first = await broker()
    const [program, more] = sourceBrokerCommand(args('--port', '0'))
    const { code, stderr } = await start(program, more, { cwd: root, timeout: 30_000 }).ended
    assert.equal(code, 2)
    assert.match(
      stderr,
      new RegExp(
        `^feathermq: the data directory ${data} is in use: cannot lock ${data}: process ${first.pid} uses it, as ${data}/lock\\.\\d+ says \\(LOCKED\\); stop that broker, or choose another directory with --data$`,
        'm',
      ),
    )
    await client(first).producer().send({ topic: 'orders', body: 'm' })
  }).timeout(60_000)

  it('on a port that is taken: it ends, and the directory is free', async () => {
    const first = await broker()
    const other = join(data, 'other')
    const [program, more] = sourceBrokerCommand(['--port', first.grpc.slice(first.grpc.lastIndexOf(':') + 1), '--http-port', '0', '--data', other])
    const { code, late, stderr } = await start(program, more, { cwd: root, timeout: 30_000 }).ended
    assert.deepEqual([code, late], [2, false], stderr)
    data = other
    await broker()
    data = join(other, '..')
  }).timeout(60_000)
})
