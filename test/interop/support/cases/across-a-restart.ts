import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type BrokerProcess, sourceBrokerCommand, startBrokerProcess } from '../../../support/broker-process.ts'
import type { OfficialMessage } from '../../../support/official/calls.ts'
import { bytes, type OfficialStage, text } from '../official-stage.ts'

/** What a client that is told nothing has to find out by itself, its endpoint being the same, must be found out within this time, ms. */
const PATIENCE = 40_000

const ends = [
  ['is stopped', 'SIGTERM'],
  ['is killed', 'SIGKILL'],
] as const

/** The first answer of a call that fails while the broker is not there, or not found again yet. */
async function atLast<T>(call: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + PATIENCE; ; ) {
    try {
      return await call()
    } catch (error) {
      if (Date.now() > until) throw error
      await pause(100)
    }
  }
}

/**
 * What official clients find of a durable broker that ends and is started again at the same endpoint while they live.
 *
 * @param transactions The client has them, and can be asked about them soon after it lost its connection.
 */
export function acrossARestart({ producer, simple, push }: OfficialStage, { transactions }: { readonly transactions: boolean }): void {
  describe('with a durable broker', () => {
    let data: string
    let living: BrokerProcess | undefined
    beforeEach(async () => {
      data = await mkdtemp(join(tmpdir(), 'feathermq-data-'))
    })
    afterEach(async () => {
      living?.child.kill('SIGKILL')
      await living?.child.ended
      living = undefined
      await rm(data, { recursive: true, force: true })
    })

    async function broker(port = '0'): Promise<BrokerProcess> {
      const args = ['--port', port, '--http-port', '0', '--json', '--auto-create', '--data', data]
      living = await startBrokerProcess(sourceBrokerCommand(args), { timeout: 110_000 })
      return living
    }

    for (const [ended, signal] of ends) {
      it(`that ${ended} and starts again under them: all that was sent comes, what was acknowledged does not, leases and delays run on`, async () => {
        const first = await broker()
        const endpoints = first.grpc
        const from = await producer(endpoints, 'orders')
        const puller = await simple({ endpoints, group: 'audit', topic: 'orders', wait: 1_000 })
        const pushed = await push({ endpoints, group: 'billing', topic: 'orders' })
        /** What the other group has to get, and what it got, with the attempt that it got last. */
        const sent = new Set<string>()
        const handled = new Set<string>()
        const send = async (body: string, more: { readonly deliverAt?: number; readonly transaction?: 'check' } = {}): Promise<void> => {
          await from.send({ topic: 'orders', body: bytes(body), properties: { answer: 'commit' }, ...more })
          sent.add(body)
        }

        for (let n = 0; n < 8; n++) await send(`before-${n}`)
        const second = Math.ceil(Date.now() / 1_000) * 1_000
        const due = { down: second + 2_000, later: second + 9_000 }
        await send('due while it is down', { deliverAt: due.down })
        await send('due later', { deliverAt: due.later })
        if (transactions) await send('a half', { transaction: 'check' })

        const early: OfficialMessage[] = []
        const held = new Map<string, number>()
        while (early.length < 8) {
          const at = Date.now()
          const messages = await puller.receive(8 - early.length, 14_000)
          for (const message of messages) held.set(text(message.body), at)
          early.push(...messages)
        }
        const [acked, ackedLater, ...left] = early as [OfficialMessage, OfficialMessage, ...OfficialMessage[]]
        await puller.ack(acked)
        const busy = await pushed.next()
        for (let n = 1; n < 8; n++) {
          const { message, answer } = await pushed.next()
          handled.add(text(message.body))
          answer(true)
        }

        first.child.kill(signal)
        const { code, stderr } = await first.child.ended
        if (signal === 'SIGTERM') assert.equal(code, 0, stderr)
        while (Date.now() < due.down) await pause(due.down - Date.now())
        await broker(endpoints.slice(endpoints.lastIndexOf(':') + 1))

        // What was in hand when it ended is good for what it was before.
        busy.answer(true)
        handled.add(text(busy.message.body))
        await atLast(() => puller.ack(ackedLater))
        await atLast(async () => {
          await from.send({ topic: 'orders', body: bytes('after') })
        })
        sent.add('after')

        const missing = new Set([...sent].filter((body) => body !== text(acked.body) && body !== text(ackedLater.body)))
        const attempts = new Map<string, number>()
        for (const until = Date.now() + PATIENCE; missing.size > 0; ) {
          assert.ok(Date.now() < until, `${[...missing]} never came`)
          for (const message of await atLast(() => puller.receive(16, 60_000))) {
            const body = text(message.body)
            const at = Date.now()
            assert.ok(missing.delete(body), `${body} came again, or was never sent`)
            attempts.set(body, message.attempt)
            if (body === 'due while it is down') assert.ok(at >= due.down)
            if (body === 'due later') assert.ok(at >= due.later, `${due.later - at} ms too early`)
            const since = held.get(body)
            if (since !== undefined) assert.ok(at >= since + 14_000, `${body} came while its lease ran`)
            await puller.ack(message)
          }
        }
        for (const [body, attempt] of attempts) assert.equal(attempt, left.some((one) => text(one.body) === body) ? 2 : 1, body)

        while (handled.size < sent.size) {
          const { message, answer } = await pushed.next()
          const body = text(message.body)
          assert.ok(sent.has(body) && !handled.has(body), `${body} came again, or was never sent`)
          assert.equal(message.attempt, 1, body)
          handled.add(body)
          answer(true)
        }
        assert.equal(pushed.unread, 0)
      }).timeout(110_000)
    }
  })
}
