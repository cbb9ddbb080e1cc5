import { strict as assert } from 'node:assert'
import type { SendMessageResponseInit } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { turns } from '../testing-internal/manual-clock.ts'

const ordered = (body: string, messageGroup = 'g') => ({ topic: 'orders', body, messageGroup })

/** A server that answers sends when the test says so, by the body of their message. */
function held({ server }: Bench) {
  const usual = server.onSend
  const open = new Map<string, (response?: SendMessageResponseInit) => void>()
  server.onSend = (request, call) =>
    new Promise<SendMessageResponseInit>((resolve) => {
      const body = Buffer.from(request.messages[0]?.body ?? []).toString()
      open.set(body, (response) => resolve(response ?? (usual(request, call) as SendMessageResponseInit)))
    })
  return {
    async answer(body: string, response?: SendMessageResponseInit): Promise<void> {
      open.get(body)?.(response)
      open.delete(body)
      await turns()
    },
    get open() {
      return [...open.keys()]
    },
  }
}

describe('sends of one message group', () => {
  it('leave one behind the other, those of other groups beside them', async () => {
    await using test = await bench()
    const server = held(test)
    const producer = test.mq.producer()
    const sending = Promise.all([ordered('a1', 'a'), ordered('a2', 'a'), ordered('b1', 'b'), ordered('a3', 'a')].map((each) => producer.send(each)))
    await turns()
    assert.deepEqual(server.open, ['a1', 'b1'])
    assert.equal(producer.statistics().waiting, 2)
    await server.answer('a1')
    assert.deepEqual(server.open, ['b1', 'a2'])
    await server.answer('b1')
    await server.answer('a2')
    await server.answer('a3')
    await sending
    assert.equal(producer.statistics().waiting, 0)
  })

  it('keep their order when the first has to be tried again', async () => {
    await using test = await bench()
    const usual = test.server.onSend
    const stored: string[] = []
    test.server.onSend = (request, call) => {
      if (test.server.sends.all.length === 1) return { status: { code: 'TOO_MANY_REQUESTS' }, entries: [] }
      stored.push(Buffer.from(request.messages[0]?.body ?? []).toString())
      return usual(request, call)
    }
    const producer = test.mq.producer()
    const sending = Promise.all([producer.send(ordered('1')), producer.send(ordered('2'))])
    await test.clock.advance(1_000)
    await sending
    assert.deepEqual(stored, ['1', '2'])
  })

  it('have the order of the calls also where the route of the topic is not known yet', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    const first = producer.send(ordered('1'))
    // Its continuation and a call that finds the route known may meet in one turn.
    const other = test.server.settings.next().then(() => producer.send(ordered('2')))
    await Promise.all([first, other])
    assert.deepEqual(
      test.server.sends.all.map(({ request }) => Buffer.from(request.messages[0]?.body ?? []).toString()),
      ['1', '2'],
    )
  })

  it('go on after one that failed: who called for it was told', async () => {
    await using test = await bench()
    const server = held(test)
    const producer = test.mq.producer()
    const first = failure(producer.send(ordered('1')))
    const second = producer.send(ordered('2'))
    await turns()
    await server.answer('1', { status: { code: 'FORBIDDEN' }, entries: [] })
    assert.equal((await first).code, 'FORBIDDEN')
    await server.answer('2')
    await second
  })

  it('stand in line with those of lists', async () => {
    await using test = await bench()
    const server = held(test)
    const producer = test.mq.producer()
    const sending = Promise.all([
      producer.send(ordered('1')),
      producer.send([ordered('2'), ordered('3'), ordered('x', 'other')]),
      producer.send(ordered('4')),
    ])
    await turns()
    assert.deepEqual(server.open, ['1', 'x'])
    assert.equal(producer.statistics().waiting, 3)
    for (const body of ['1', '2', '3', '4']) {
      await server.answer(body)
      if (body !== '4') assert.ok(server.open.includes(String(Number(body) + 1)), `${server.open}`)
    }
    await server.answer('x')
    await sending
  })

  it('wait no longer than their time, and leave the line to those behind them', async () => {
    await using test = await bench()
    const server = held(test)
    const producer = test.mq.producer()
    const controller = new AbortController()
    const first = producer.send(ordered('1'))
    const late = failure(producer.send(ordered('2'), { timeout: 1_000 }))
    const reason = new Error('enough')
    const aborted = assert.rejects(producer.send(ordered('3'), { signal: controller.signal }), reason)
    const last = producer.send(ordered('4'))
    await test.clock.advance(1_000)
    assert.match((await late).message, /was not sent within 1000 ms: it waited for an earlier message of its message group/)
    controller.abort(reason)
    await aborted
    await turns()
    assert.deepEqual(server.open, ['1'])
    await server.answer('1')
    await server.answer('4')
    await Promise.all([first, last])
  })

  it('are refused when the producer has closed', async () => {
    await using test = await bench()
    held(test)
    const producer = test.mq.producer()
    producer.send(ordered('1')).catch(() => {})
    const waiting = failure(producer.send(ordered('2')))
    await turns()
    const closing = producer.close({ drain: 0 })
    await test.clock.advance(0)
    assert.equal((await waiting).code, 'CLIENT_CLOSED')
    await test.clock.advance(10_000)
    await closing
  })
})
