import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { gate } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { durations, run } from '../testing-internal/running.ts'
import { delayOf, RetryAfter } from './retry-after.ts'

describe('RetryAfter', () => {
  it('brings a message back after its own time instead of the back-off of the group', async () => {
    await using test = await bench()
    run(test, () => {
      throw new RetryAfter('10s', { cause: new Error('the bank is closed') })
    })
    await test.server.deliver(delivered({ attempt: 3 }))
    await test.server.changes.next()
    assert.deepEqual(durations(test), [10_000])
    assert.match(test.log.of('handler-failed')[0]?.message ?? '', /redelivery in 10s.*: try again in 10s$/)
  })

  it('tries again here after its own time in an ordered group', async () => {
    await using test = await bench()
    let tries = 0
    run(
      test,
      () => {
        tries += 1
        if (tries === 1) throw new RetryAfter('2m')
      },
      { ordered: true },
    )
    await test.server.deliver(delivered({ group: 'g' }))
    await test.clock.advance(119_999)
    assert.equal(tries, 1)
    await test.clock.advance(1)
    assert.equal(tries, 2)
    assert.deepEqual(durations(test), [])
    assert.equal(test.server.acks.all.length, 1)
  })

  it('leaves a message of an ordered group to the server when its lease would not outlast the time', async () => {
    await using test = await bench()
    const { seen } = run(
      test,
      () => {
        throw new RetryAfter('4h')
      },
      { ordered: true },
    )
    await test.server.deliver(delivered({ id: 'a', group: 'g' }), delivered({ id: 'b', group: 'g' }))
    await test.server.changes.reaches(2)
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]),
      [
        ['a', 14_400],
        ['b', 0],
      ],
    )
    assert.equal(seen.all.length, 1, 'what is behind it must not overtake it')
  })

  it('does not add attempts: after the last one the message goes to the dead-letter topic', async () => {
    await using test = await bench()
    run(
      test,
      () => {
        throw new RetryAfter(0)
      },
      { ordered: true },
    )
    await test.server.deliver(delivered({ attempt: 17, group: 'g' }))
    await test.server.deadLetters.next()
  })

  it('is recognised across copies of the package, and takes only times that servers take', () => {
    const foreign = Object.defineProperty(new Error('x'), Symbol.for('feathermq.retry-after'), { value: 5 })
    assert.deepEqual(
      [delayOf(foreign), delayOf(new RetryAfter('2s')), delayOf(new Error('x')), delayOf('x'), delayOf(null)],
      [5, 2_000, undefined, undefined, undefined],
    )
    for (const wrong of ['13h', -1, 'soon', Number.NaN]) assert.throws(() => new RetryAfter(wrong as never), { code: 'INVALID_OPTION' })
    const cause = new Error('why')
    const error = new RetryAfter('1m', { message: 'later', cause })
    assert.deepEqual([error.message, error.cause, error.delay, error.name], ['later', cause, 60_000, 'RetryAfter'])
  })
})

describe('a lease that is extended', () => {
  it('is settled with the handle of the extension, also when the handler returns while that is under way', async () => {
    await using test = await bench()
    const answered = gate()
    const usual = test.server.onChange
    test.server.onChange = async (request, call) => {
      await answered.passed
      return await usual(request, call)
    }
    run(test, (_message, context) => {
      void context.extend('1m')
      void context.extend('2m')
    })
    await test.server.deliver(delivered({ id: 'a' }))
    await test.server.changes.next()
    answered.open()
    const ack = await test.server.acks.next()
    assert.equal(ack.request.entries[0]?.receiptHandle, 'handle-a++')
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.receiptHandle, request.invisibleDuration?.seconds]),
      [
        ['handle-a', 60],
        ['handle-a+', 120],
      ],
    )
  })

  it('is settled all the same when the extension is refused', async () => {
    await using test = await bench()
    test.server.onChange = () => ({ status: { code: 'ILLEGAL_INVISIBLE_TIME' } })
    run(test, (_message, context) => {
      context.extend('1s').catch(() => {})
    })
    await test.server.deliver(delivered({ id: 'a' }))
    await test.server.acks.next()
  })
})
