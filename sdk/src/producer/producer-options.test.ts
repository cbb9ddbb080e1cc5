import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { type ProducerOptions, producerConfig, type SendOptions } from './producer-options.ts'

describe('the options of a producer', () => {
  it('have defaults for everything', () => {
    assert.deepEqual(producerConfig({}), {
      topics: [],
      maxAttempts: 3,
      timeout: 30_000,
      retryMaybeStored: true,
      maxInFlight: { messages: 4_096, bytes: 67_108_864 },
      batch: { messages: 64, bytes: 1_048_576 },
      linger: 0,
      checkTransaction: undefined,
    })
    assert.deepEqual(producerConfig({ maxInFlight: { messages: 2 } }).maxInFlight, { messages: 2, bytes: 67_108_864 })
    assert.equal(producerConfig({ timeout: '1m', linger: '5ms' }).linger, 5)
  })

  it('are checked when the producer is made, each by a sentence with its path and its limits', async () => {
    await using test = await bench()
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{ topics: 'orders' }, /^producer\.topics must be a list of topics, not 'orders'/],
      [{ topics: ['orders', 'a b'] }, /^producer\.topics\[1\] must be the name of a topic: .*"a b".*/],
      [{ topics: ['orders'], checkTransaction: true }, /^producer\.checkTransaction must be a function, not true/],
      [{ checkTransaction: () => 'commit' }, /^producer\.topics must be the topics of the transactions to check/],
      [{ maxAttempts: 0 }, /^producer\.maxAttempts must be a whole number from 1 to 100, not 0/],
      [{ maxAttempts: '3' }, /^producer\.maxAttempts must be a whole number/],
      [{ timeout: 0 }, /^producer\.timeout must be 1ms to 1h, not 0/],
      [{ timeout: 'soon' }, /^producer\.timeout must be a number of milliseconds or a text/],
      [{ retryMaybeStored: 'no' }, /^producer\.retryMaybeStored must be true or false, not 'no'/],
      [{ maxInFlight: 10 }, /^producer\.maxInFlight must be an object, not 10/],
      [{ maxInFlight: { messages: 0 } }, /^producer\.maxInFlight\.messages must be a whole number from 1 to 1000000, not 0/],
      [{ maxInFlight: { bytes: 1.5 } }, /^producer\.maxInFlight\.bytes must be a whole number/],
      [{ maxInFlight: { count: 1 } }, /^producer\.maxInFlight\.count must be one of messages, bytes/],
      [{ batch: { messages: 1_025 } }, /^producer\.batch\.messages must be a whole number from 1 to 1024, not 1025/],
      [{ batch: [] }, /^producer\.batch must be an object, not an array/],
      [{ linger: '2s' }, /^producer\.linger must be 0ms to 1s, not '2s'/],
      [{ linger: -1 }, /^producer\.linger must be/],
      [{ maxattempts: 3 }, /^producer\.maxattempts must be written maxAttempts/],
      [{ retries: 3 }, /^producer\.retries must be one of topics, maxAttempts/],
      [null, /^producer must be an object/],
    ]
    for (const [options, text] of wrong) {
      assert.throws(() => test.mq.producer(options as ProducerOptions), { code: 'INVALID_OPTION', message: text }, JSON.stringify(options))
    }
    assert.equal(test.server.routes.all.length, 0)
  })

  it('are checked at each send too, before anything goes out', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{ timeout: '2h' }, /^send\.timeout must be 1ms to 1h, not '2h'/],
      [{ signal: {} }, /^send\.signal must be an AbortSignal, not an object/],
      [{ retries: 1 }, /^send\.retries must be one of signal, timeout/],
    ]
    for (const [options, text] of wrong) {
      const error = await failure(producer.send({ topic: 'orders', body: 'x' }, options as SendOptions))
      assert.equal(error.code, 'INVALID_OPTION')
      assert.match(error.message, text)
      assert.match((await failure(producer.send([{ topic: 'orders', body: 'x' }], options as SendOptions))).message, text)
    }
    assert.equal(test.server.routes.all.length, 0)
    assert.equal(producer.statistics().failed, 6)
  })
})
