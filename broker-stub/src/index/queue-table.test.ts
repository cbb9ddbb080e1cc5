import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { QueueTable, queueKey, topicOf } from './queue-table.ts'

describe('table of queues', () => {
  it('finds the same queues as a Map, and sorts them by topic and queue', () => {
    const command = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), topic: fc.nat(30), queue: fc.nat(6) }),
      fc.record({ kind: fc.constant('remove' as const), topic: fc.nat(30), queue: fc.constant(0) }),
    )
    fc.assert(
      fc.property(fc.array(command, { maxLength: 300 }), fc.boolean(), (commands, release) => {
        const table = new QueueTable()
        const model = new Map<number, number>()
        for (const [step, { kind, topic, queue }] of commands.entries()) {
          if (kind === 'add') {
            const key = queueKey(topic, queue)
            const slot = table.add(key)
            assert.equal(model.has(key) ? model.get(key) : 0, table.max(slot))
            table.setMax(slot, step + 1)
            model.set(key, step + 1)
          } else {
            const slots = table.removeTopic(topic)
            if (release) table.release(slots)
            for (const key of [...model.keys()]) if (topicOf(key) === topic) model.delete(key)
          }
        }
        assert.equal(table.size, model.size)
        for (const [key, max] of model) assert.equal(table.max(table.find(key)), max)
        for (let topic = 0; topic <= 30; topic++) assert.equal(table.find(queueKey(topic, 3)) >= 0, model.has(queueKey(topic, 3)))
        const { keys, slots } = table.sorted()
        assert.deepEqual(
          [...keys],
          [...model.keys()].sort((a, b) => a - b),
        )
        assert.deepEqual(
          [...slots].map((slot) => table.key(slot)),
          [...keys],
        )
      }),
    )
  })

  it('gives a slot again only after it was released', () => {
    const table = new QueueTable()
    const first = table.add(queueKey(1, 0))
    const slots = table.removeTopic(1)
    assert.deepEqual(slots, [first])
    assert.notEqual(table.add(queueKey(2, 0)), first)
    table.release(slots)
    assert.equal(table.add(queueKey(3, 0)), first)
    assert.equal(table.max(first), 0)
  })

  it('tells topics with large ids apart', () => {
    const table = new QueueTable()
    const keys = [queueKey(2 ** 32 - 1, 65535), queueKey(2 ** 32 - 2, 65535), queueKey(2 ** 31, 0), queueKey(0, 65535)]
    for (const key of keys) table.setMax(table.add(key), key)
    for (const key of keys) assert.equal(table.max(table.find(key)), key)
    assert.equal(table.find(queueKey(2 ** 32 - 1, 65534)), -1)
  })

  it('takes less than 80 bytes for each of 40,000 queues', () => {
    const table = new QueueTable()
    for (let topic = 0; topic < 10_000; topic++) for (let queue = 0; queue < 4; queue++) table.add(queueKey(topic, queue))
    table.sorted()
    assert.ok(table.bytes / table.size < 80, `${table.bytes / table.size} bytes a queue`)
  })
})
