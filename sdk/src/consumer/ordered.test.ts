import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { PermanentError } from '../errors.ts'
import { bench } from '../testing-internal/bench.ts'
import { EventLog } from '../testing-internal/event-log.ts'
import { failure, type Gate, gate } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

const ordered = { ordered: true }

describe('an ordered consumer', () => {
  it('asks for order in its settings', async () => {
    await using test = await bench()
    run(test, () => {}, ordered)
    await test.server.receives.next()
    const pubSub = test.server.settings.all[0]?.pubSub
    assert.ok(pubSub?.case === 'subscription')
    assert.equal(pubSub.value.fifo, true)
  })

  it('fails to start with GROUP_NOT_ORDERED and the remedy when the server says that the group is not', async () => {
    await using test = await bench()
    test.server.fifo = false
    const { running } = run(test, () => {}, ordered)
    const error = await failure(running)
    assert.deepEqual([error.code, error.group], ['GROUP_NOT_ORDERED', 'billing'])
    assert.match(error.hint ?? '', /feathermq group create billing --ordered.*mqadmin updateSubGroup .*-g billing -o true/)
    assert.equal(test.server.receives.all.length, 0)
  })

  it('is what a consumer becomes that did not ask, when the group is ordered, with one line to say so', async () => {
    await using test = await bench()
    test.server.fifo = true
    const gates = new EventLog<Gate>()
    const { seen } = run(test, () => {
      const open = gate()
      gates.push(open)
      return open.passed
    })
    await test.server.deliver(delivered({ group: 'g' }), delivered({ group: 'g' }))
    await seen.next()
    await turns()
    assert.equal(seen.all.length, 1)
    assert.equal(test.log.of('group-is-ordered').filter(({ level }) => level === 'info').length, 1)
    gates.all[0]?.open()
    await seen.next()
    gates.all[1]?.open()
  })

  it('handles one message of a message group at a time, groups and loose messages side by side', async () => {
    await using test = await bench()
    const gates = new Map<string, Gate>()
    const { seen } = run(
      test,
      (message) => {
        const open = gate()
        gates.set(message.messageId, open)
        return open.passed
      },
      ordered,
    )
    await test.server.deliver(
      ...[
        ['a1', 'a'],
        ['a2', 'a'],
        ['b1', 'b'],
        ['x1', undefined],
        ['x2', undefined],
        ['b2', 'b'],
      ].map(([id, group]) => delivered({ id: id ?? '', ...(group === undefined ? {} : { group }) })),
    )
    await turns()
    assert.deepEqual(seen.all.map(({ messageId }) => messageId).sort(), ['a1', 'b1', 'x1', 'x2'])
    gates.get('b1')?.open()
    await turns()
    assert.deepEqual(seen.all.at(-1)?.messageId, 'b2')
    gates.get('a1')?.open()
    await turns()
    assert.deepEqual(seen.all.at(-1)?.messageId, 'a2')
    for (const open of gates.values()) open.open()
  })

  it('begins with the next message of a group only when the ack of the one before is confirmed', async () => {
    await using test = await bench()
    const usual = test.server.onAck
    test.server.onAck = () => ({ status: { code: 'INTERNAL_SERVER_ERROR' }, entries: [] })
    const { seen } = run(test, () => {}, ordered)
    await test.server.deliver(delivered({ id: 'a1', group: 'a' }), delivered({ id: 'a2', group: 'a' }))
    await test.clock.advance(5_000)
    assert.deepEqual(
      seen.all.map(({ messageId }) => messageId),
      ['a1'],
    )
    test.server.onAck = usual
    await test.clock.advance(1_000)
    const acked = test.server.acks.all.flatMap(({ request }) => request.entries.map(({ messageId }) => messageId))
    assert.equal(acked.lastIndexOf('a1') < acked.indexOf('a2'), true)
    assert.equal(acked.at(-1), 'a2')
  })

  it('gives back what is behind a message whose lease is lost, and handles none of it', async () => {
    await using test = await bench()
    test.server.onAck = (request) => ({
      status: { code: 'OK' },
      entries: request.entries.map(({ messageId, receiptHandle }) => ({ messageId, receiptHandle, status: { code: 'INVALID_RECEIPT_HANDLE' } })),
    })
    const { seen } = run(test, () => {}, ordered)
    await test.server.deliver(delivered({ id: 'a1', group: 'a' }), delivered({ id: 'a2', group: 'a' }), delivered({ id: 'a3', group: 'a' }))
    await test.server.changes.take(2)
    assert.deepEqual(
      seen.all.map(({ messageId }) => messageId),
      ['a1'],
    )
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]),
      [
        ['a2', 0],
        ['a3', 0],
      ],
    )
  })

  it('tries a failed message again here, after the back-off, with the rest of its group behind it', async () => {
    await using test = await bench()
    let failures = 2
    const attempts: number[] = []
    const { seen } = run(
      test,
      (message, context) => {
        if (message.messageId !== 'a1') return
        attempts.push(context.attempt)
        assert.equal(message.attempt, context.attempt)
        failures -= 1
        if (failures >= 0) throw new Error('boom')
      },
      ordered,
    )
    await test.server.deliver(delivered({ id: 'a1', group: 'a' }), delivered({ id: 'a2', group: 'a' }), delivered({ id: 'b1', group: 'b' }))
    await turns()
    assert.deepEqual(
      seen.all.map(({ messageId }) => messageId),
      ['a1', 'b1'],
    )
    await test.clock.advance(999)
    assert.deepEqual(attempts, [1])
    await test.clock.advance(1)
    assert.deepEqual(attempts, [1, 2])
    await test.clock.advance(5_000)
    assert.deepEqual(attempts, [1, 2, 3])
    assert.equal(seen.all.at(-1)?.messageId, 'a2')
    assert.equal(test.server.changes.all.length, 0)
    assert.match(String(test.log.of('handler-failed')[0]?.fields['next']), /^here in 1s, at /)
  })

  it('makes all the attempts of the default policy of servers before a message goes to the dead-letter topic', async () => {
    await using test = await bench()
    test.server.onSettings = (settings) => ({ command: { case: 'settings', value: { ...settings, backoffPolicy: undefined } } })
    const { seen } = run(test, () => Promise.reject(new Error('boom')), ordered)
    await test.server.deliver(delivered({ id: 'a1', group: 'a' }), delivered({ id: 'a2', group: 'a' }))
    // One renewal ceiling of three hours is not enough for all 17 steps of up to an hour, so begin late.
    await test.clock.advance(3_000_000)
    assert.equal(seen.all.filter(({ messageId }) => messageId === 'a1').length, 14)
    assert.equal(test.server.deadLetters.all.length, 0)
  })

  it('moves a message to the dead-letter topic when its attempts are used up, and goes on', async () => {
    await using test = await bench()
    test.server.backoffPolicy = { maxAttempts: 3, strategy: { case: 'customizedBackoff', value: { next: [{ seconds: 1 }] } } }
    const { seen } = run(
      test,
      (message) => {
        if (message.messageId === 'a1') throw new Error('boom')
      },
      ordered,
    )
    await test.server.deliver(delivered({ id: 'a1', group: 'a' }), delivered({ id: 'a2', group: 'a' }))
    await test.clock.advance(2_000)
    const { request } = await test.server.deadLetters.next()
    assert.deepEqual([request.messageId, request.deliveryAttempt, request.maxDeliveryAttempts], ['a1', 3, 3])
    assert.deepEqual(
      seen.all.map(({ messageId }) => messageId),
      ['a1', 'a1', 'a1', 'a2'],
    )
  })

  it('dead-letters a PermanentError at once, and a body that cannot be read in its turn', async () => {
    await using test = await bench()
    const open = gate()
    run(
      test,
      async () => {
        await open.passed
        throw new PermanentError('never')
      },
      ordered,
    )
    await test.server.deliver(
      delivered({ id: 'a1', group: 'a' }),
      delivered({ id: 'a2', group: 'a', system: { bodyDigest: { type: 'MD5', checksum: 'nonsense' } } }),
    )
    await turns()
    assert.equal(test.server.deadLetters.all.length, 0)
    open.open()
    const moved = await test.server.deadLetters.take(2)
    assert.deepEqual(
      moved.map(({ request }) => request.messageId),
      ['a1', 'a2'],
    )
  })

  it('keeps order when only some bodies are compressed', async () => {
    await using test = await bench()
    const { gzipSync } = await import('node:zlib')
    const { seen } = run(test, () => {}, ordered)
    await test.server.deliver(
      ...[1, 2, 3, 4, 5, 6].map((number) => {
        const compressed = number % 2 === 1
        const text = `${number}`.repeat(50_000)
        return delivered({
          id: `a${number}`,
          group: 'a',
          body: compressed ? gzipSync(text) : text,
          system: { bodyEncoding: compressed ? 'GZIP' : 'IDENTITY' },
        })
      }),
    )
    const messages = await seen.take(6)
    assert.deepEqual(
      messages.map(({ messageId }) => messageId),
      ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'],
    )
  })

  it('takes a receive as a whole: what came before a break is asked for again with the same attempt id', async () => {
    await using test = await bench()
    const { seen } = run(test, () => {}, ordered)
    const broken = await test.server.receives.next()
    broken.message(delivered({ id: 'a1', group: 'a' }))
    broken.fail({ code: 'UNAVAILABLE', message: 'reset' })
    await test.clock.advance(1_000)
    const again = await test.server.receives.next()
    assert.equal(again.request.attemptId, broken.request.attemptId)
    assert.equal(seen.all.length, 0)
    again.message(delivered({ id: 'a1', group: 'a' }))
    again.end()
    await seen.next()
    assert.equal(seen.all.length, 1)
  })

  it('gives back what waits for its next try when it closes', async () => {
    await using test = await bench()
    const { consumer } = run(test, () => Promise.reject(new Error('boom')), ordered)
    await test.server.deliver(delivered({ id: 'a1', group: 'a' }), delivered({ id: 'a2', group: 'a' }))
    await turns()
    const closing = consumer.close()
    await test.clock.advance(2_000)
    assert.deepEqual(await closing, { drained: 0, returned: 2 })
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]),
      [
        ['a2', 0],
        ['a1', 0],
      ],
    )
  })

  it('goes on though many message groups are poisoned: no more than half of the cache waits for its next try', async () => {
    await using test = await bench()
    const { seen } = run(
      test,
      ({ messageGroup }) => {
        if (messageGroup !== 'healthy') throw new Error('boom')
      },
      { ordered: true, maxCachedMessages: 4 },
    )
    const of = (id: string, group: string) => delivered({ id, group, attempt: 16 })
    await test.server.deliver(of('a', 'ga'), of('b', 'gb'), of('c', 'gc'), of('c2', 'gc'))
    await test.server.changes.reaches(2)
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]),
      [
        ['c', 30],
        ['c2', 0],
      ],
    )
    await test.server.deliver(of('d', 'healthy'))
    await test.server.acks.next()
    await test.clock.advance(30_000)
    assert.deepEqual(
      seen.all.map(({ messageId }) => messageId),
      ['a', 'b', 'c', 'd', 'a', 'b'],
    )
  })
})
