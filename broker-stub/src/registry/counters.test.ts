import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { Counters } from './counters.ts'

describe('what is counted of messages sent', () => {
  const rows = (counters: Counters) => [...counters.sent()].map(({ topic, type, sizes }) => [topic, type, sizes.count, sizes.sum])

  it('has a row per topic and type while there is room, and one for all that are beyond', () => {
    const counters = new Counters(2)
    counters.countSend('a', 'NORMAL', 1)
    assert.ok(!('sum' in (counters.sentBeyond ?? {})))
    counters.countSend('a', 'FIFO', 10)
    counters.countSend('b', 'NORMAL', 100)
    counters.countSend('a', 'NORMAL', 1_000)
    assert.deepEqual(rows(counters), [
      ['a', 'NORMAL', 2, 1_001],
      ['a', 'FIFO', 1, 10],
    ])
    assert.equal(counters.sentBeyond?.sum, 100)
  })

  it('has room again when a topic is gone, and what was counted beyond stays', () => {
    const counters = new Counters(1)
    counters.countSend('a', 'NORMAL', 1)
    counters.countSend('b', 'NORMAL', 100)
    counters.forgetTopic('a')
    counters.countSend('b', 'NORMAL', 10)
    counters.countSend('a', 'NORMAL', 1_000)
    assert.deepEqual(rows(counters), [['b', 'NORMAL', 1, 10]])
    assert.equal(counters.sentBeyond?.sum, 1_100)
  })
})
