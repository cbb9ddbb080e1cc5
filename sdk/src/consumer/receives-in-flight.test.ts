import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { gate } from '../testing-internal/expect.ts'
import { delivered, type Receive } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

/** As many messages as the receive asks for. */
function fill(receive: Receive): void {
  for (let count = 0; count < receive.request.batchSize; count += 1) receive.message(delivered({}))
  receive.end()
}

describe('receives in flight', () => {
  it('are one while a queue is empty or brings less than a batch', async () => {
    await using test = await bench()
    run(test, () => {}, { maxCachedMessages: 1_024 })
    const first = await test.server.receives.next()
    first.message(delivered({}))
    first.end()
    await turns()
    assert.equal(test.server.polls.length, 1)
    await test.clock.advance(100)
    test.server.polls[0]?.end('MESSAGE_NOT_FOUND')
    await turns()
    assert.equal(test.server.polls.length, 1)
  })

  it('become more with each full batch, up to four, and one again when the backlog is gone', async () => {
    await using test = await bench()
    run(test, () => {}, { maxCachedMessages: 1_024 })
    await test.server.receives.next()
    const counts: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const [oldest] = test.server.polls
      assert.ok(oldest !== undefined)
      fill(oldest)
      await turns()
      counts.push(test.server.polls.length)
    }
    assert.deepEqual(counts, [2, 3, 4, 4, 4])
    await test.clock.advance(100)
    for (let round = 0; round < 4; round += 1) {
      test.server.polls[0]?.end('MESSAGE_NOT_FOUND')
      await turns()
    }
    assert.equal(test.server.polls.length, 1)
    assert.deepEqual(new Set(test.server.receives.all.map(({ request }) => request.attemptId)).size, test.server.receives.all.length - 1)
  })

  it('together never ask for more than the cache has room for', async () => {
    await using test = await bench()
    const open = gate()
    const { seen } = run(test, () => open.passed, { maxCachedMessages: 80 }, 16)
    const first = await test.server.receives.next()
    fill(first)
    await seen.reaches(16)
    await turns()
    assert.deepEqual(
      test.server.polls.map(({ request }) => request.batchSize),
      [32],
      'room for 48: one whole batch, and a second one would not be whole',
    )
    fill(test.server.polls[0] as Receive)
    await turns()
    assert.deepEqual(
      test.server.polls.map(({ request }) => request.batchSize),
      [16],
    )
    fill(test.server.polls[0] as Receive)
    await turns()
    assert.equal(test.server.polls.length, 0)
    open.open()
    await turns()
    assert.ok(test.server.polls.length >= 1)
  })

  it('ask for no more bytes than the cache has room for, by the size that messages had so far', async () => {
    await using test = await bench()
    const open = gate()
    const { seen } = run(test, () => open.passed, { maxCachedMessages: 1_024, maxCachedBytes: 50_000 })
    const first = await test.server.receives.next()
    for (let count = 0; count < 8; count += 1) first.message(delivered({ body: 'x'.repeat(4_000) }))
    first.end()
    await seen.reaches(8)
    await turns()
    const [second] = test.server.polls
    assert.ok(second !== undefined)
    assert.ok(
      second.request.batchSize >= 3 && second.request.batchSize <= 4,
      `asked for ${second.request.batchSize} of about 4 kB each, with 18 kB left`,
    )
    open.open()
  })

  it('stay one in an ordered group, whatever it brings', async () => {
    await using test = await bench()
    run(test, () => {}, { maxCachedMessages: 1_024, ordered: true })
    for (let round = 0; round < 3; round += 1) {
      fill(await test.server.receives.next())
      await turns()
      assert.equal(test.server.polls.length, 1)
    }
  })

  it('are cancelled all together by close()', async () => {
    await using test = await bench()
    const { consumer } = run(test, () => {}, { maxCachedMessages: 1_024 })
    fill(await test.server.receives.next())
    await turns()
    const open = [...test.server.polls]
    assert.equal(open.length, 2)
    await consumer.close()
    assert.deepEqual(
      open.map(({ cancelled }) => cancelled),
      [true, true],
    )
  })

  it('go on when one of them fails', async () => {
    await using test = await bench()
    const { seen } = run(test, () => {}, { maxCachedMessages: 1_024 })
    fill(await test.server.receives.next())
    await turns()
    const [one, other] = test.server.polls
    one?.fail({ code: 'UNAVAILABLE', message: 'reset' })
    await turns()
    other?.message(delivered({ id: 'late' }))
    other?.end()
    await turns()
    assert.equal(seen.all.at(-1)?.messageId, 'late')
    await test.clock.advance(1_000)
    assert.equal(test.server.polls.length, 1)
  })
})
