import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { LogPosition, MessageLog } from '../log/message-log.ts'
import { stored } from './test-kit/stored.ts'
import { TopicQueues } from './topic-queues.ts'

const message = stored({ topic: 'orders', messageId: 'any' })
const ofGroup = (messageGroup: string) => stored({ topic: 'orders', messageId: 'any', messageGroup })

/** The queues of a topic, and what they tell the log. */
function queuesOf(count: number) {
  const told: string[] = []
  const log: MessageLog = {
    append: () => assert.fail('queues append nothing to the log'),
    read: () => assert.fail('queues read nothing from the log'),
    settle: (position) => told.push(`settle ${position}`),
    unsettle: (position) => told.push(`unsettle ${position}`),
    onRemoved: () => {},
    stats: { messages: 0, bytes: 0, maxBytes: 0 },
    close: async () => {},
  }
  const queues = new TopicQueues({ name: 'orders', types: ['NORMAL'], queues: count, origin: 'admin', createdAt: 0 }, log)
  let next: LogPosition = 100
  const append = (queueId = 0, groups = 1) => queues.append(queueId, message, next++, groups)
  return { queues, told, append }
}

describe('the queue of a message', () => {
  it('is the next one in turn for messages without a message group', () => {
    const { queues } = queuesOf(3)
    assert.deepEqual(
      Array.from({ length: 7 }, () => queues.choose(message)),
      [0, 1, 2, 0, 1, 2, 0],
    )
  })

  it('is always the same for a message group, whatever came between and whichever broker chooses', () => {
    const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), texts, (count, groups) => {
        const { queues } = queuesOf(count)
        const chosen = groups.map((group) => queues.choose(ofGroup(group)))
        queues.choose(message)
        assert.deepEqual(
          groups.toReversed().map((group) => queuesOf(count).queues.choose(ofGroup(group))),
          chosen.toReversed(),
        )
        for (const queueId of chosen) assert.ok(Number.isInteger(queueId) && queueId >= 0 && queueId < count)
      }),
    )
  })

  it('comes from FNV-1a, so that it stays where it is over versions', () => {
    // Values of its authors (Fowler, Noll, Vo: draft-eastlake-fnv, appendix C).
    const published = { '': 0x811c9dc5, a: 0xe40c292c, foobar: 0xbf9cf968 }
    for (const [group, value] of Object.entries(published)) assert.equal(queuesOf(1_000).queues.choose(ofGroup(group)), value % 1_000)
  })

  it('does not move the turn of others when it has a message group', () => {
    const { queues } = queuesOf(4)
    queues.choose(message)
    for (let index = 0; index < 5; index++) queues.choose(ofGroup(String(index)))
    assert.equal(queues.choose(message), 1)
  })

  it('is any of the queues for many message groups, about as often as any other', () => {
    const { queues } = queuesOf(4)
    const counts = [0, 0, 0, 0]
    for (let index = 0; index < 4_000; index++) {
      const chosen = queues.choose(ofGroup(`customer-${index}`))
      counts[chosen] = (counts[chosen] ?? 0) + 1
    }
    for (const count of counts) assert.ok(count > 700 && count < 1_300, String(counts))
  })
})

describe('the queues of a topic', () => {
  it('count the offsets of each queue from 0', () => {
    const { queues, append } = queuesOf(2)
    assert.equal(queues.count, 2)
    assert.deepEqual(
      [append(0), append(0), append(1), append(0)].map(({ queueId, offset }) => [queueId, offset]),
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [0, 2],
      ],
    )
    assert.deepEqual(
      [queues.range(0), queues.range(1)],
      [
        { min: 0, max: 3 },
        { min: 0, max: 1 },
      ],
    )
    assert.equal(queues.at(0, 2)?.position, 103)
    assert.equal(queues.stored, 4)
  })

  it('have nothing where nothing is', () => {
    const { queues, append } = queuesOf(1)
    append()
    for (const [queueId, offset] of [
      [0, 1],
      [0, -1],
      [0, 0.5],
      [1, 0],
      [-1, 0],
    ] as const)
      assert.equal(queues.at(queueId, offset), undefined)
    queues.remove(99)
    assert.deepEqual(queues.range(0), { min: 0, max: 1 })
    assert.equal(queues.start(0), 0)
  })

  it('tell the log that a message is settled when the last of its groups needs it no more, and not before', () => {
    const { queues, told, append } = queuesOf(1)
    const entry = append(0, 3)
    queues.settle(entry)
    queues.settle(entry)
    assert.deepEqual(told, [])
    queues.settle(entry)
    assert.deepEqual(told, ['settle 100'])
  })

  it('take settling back when a new group needs the message, and settle it again after that group', () => {
    const { queues, told, append } = queuesOf(1)
    const [settled, open, unread] = [append(0, 1), append(0, 1), append(0, 0)]
    queues.settle(settled)
    queues.join(0, 0)
    assert.deepEqual(told, ['settle 100', 'unsettle 100', 'unsettle 102'])
    assert.deepEqual(
      [settled, open, unread].map(({ pending }) => pending),
      [1, 2, 1],
    )
    for (const entry of [settled, open, unread]) queues.settle(entry)
    assert.deepEqual(told.slice(3), ['settle 100', 'settle 102'])
  })

  it('let a new group need only what is still there from its start on', () => {
    const { queues, told, append } = queuesOf(2)
    const entries = Array.from({ length: 5 }, () => append(0, 0))
    const elsewhere = append(1, 0)
    queues.remove(103)
    queues.join(0, 2)
    assert.deepEqual(
      entries.map(({ pending }) => pending),
      [0, 0, 1, 0, 1],
    )
    assert.equal(elsewhere.pending, 0)
    assert.deepEqual(told, ['unsettle 102', 'unsettle 104'])
  })

  it('start a new group at the beginning, and at the last message once any of the queue is gone', () => {
    const { queues, append } = queuesOf(2)
    assert.equal(queues.start(0), 0)
    for (let index = 0; index < 5; index++) append(0)
    append(1)
    assert.equal(queues.start(0), 0)
    queues.remove(102)
    assert.equal(queues.start(0), 4)
    assert.equal(queues.start(1), 0)
    for (let position = 100; position < 105; position++) queues.remove(position)
    assert.equal(queues.start(0), 5)
    append(0)
    assert.equal(queues.start(0), 5)
  })

  it('mark what the log dropped, also for who holds it', () => {
    const { queues, append } = queuesOf(1)
    const [first, second] = [append(), append()]
    queues.remove(101)
    assert.equal(first.removed, false)
    assert.equal(second.removed, true)
    assert.deepEqual(queues.range(0), { min: 0, max: 2 })
    queues.remove(100)
    assert.deepEqual(queues.range(0), { min: 2, max: 2 })
  })

  it('keep nothing of a dropped message but its place behind one that stays, so that memory is bounded by the log', () => {
    const { queues, append } = queuesOf(1)
    const [stays, gone] = [append(), append()]
    append()
    queues.remove(gone.position)
    const place = queues.at(0, 1)
    assert.deepEqual({ queueId: place?.queueId, offset: place?.offset, removed: place?.removed }, { queueId: 0, offset: 1, removed: true })
    assert.equal(place?.message.bytes.length, 0)
    assert.equal(queues.at(0, 0), stays)
    assert.equal(queues.at(0, 2)?.removed, false)
    assert.equal(queues.at(0, 3), undefined)
  })

  it('keep every offset when thousands at the front are gone', () => {
    const { queues, append } = queuesOf(1)
    for (let index = 0; index < 5_000; index++) append()
    for (let index = 0; index < 3_000; index++) {
      queues.remove(100 + index)
      assert.equal(queues.range(0).min, index + 1)
    }
    assert.equal(queues.at(0, 0), undefined)
    for (const offset of [3_000, 4_999]) assert.equal(queues.at(0, offset)?.position, 100 + offset)
    assert.deepEqual(queues.range(0), { min: 3_000, max: 5_000 })
    assert.equal(append().offset, 5_000)
  })

  it('keep every offset whatever is appended and removed, in whatever order', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), queueId: fc.nat(1), count: fc.integer({ min: 1, max: 1_500 }) }),
      fc.record({
        kind: fc.constant('remove' as const),
        from: fc.double({ min: 0, max: 1, noNaN: true }),
        count: fc.integer({ min: 1, max: 2_500 }),
      }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const { queues, append } = queuesOf(2)
        const model: { readonly position: LogPosition; gone: boolean }[][] = [[], []]
        const all: { readonly position: LogPosition; gone: boolean }[] = []
        for (const each of steps) {
          if (each.kind === 'append') {
            const queue = model[each.queueId] ?? []
            for (let count = 0; count < each.count; count++) {
              const { offset, position } = append(each.queueId)
              assert.equal(offset, queue.length)
              const entry = { position, gone: false }
              queue.push(entry)
              all.push(entry)
            }
          } else {
            const from = Math.floor(each.from * all.length)
            for (const entry of all.slice(from, from + each.count)) {
              queues.remove(entry.position)
              entry.gone = true
            }
          }
          for (const [queueId, queue] of model.entries()) {
            const first = queue.findIndex(({ gone }) => !gone)
            assert.deepEqual(queues.range(queueId), { min: first === -1 ? queue.length : first, max: queue.length })
            for (const [offset, { position, gone }] of queue.entries()) {
              const entry = queues.at(queueId, offset)
              if (gone) assert.ok(entry === undefined || entry.removed)
              else assert.equal(entry?.position, position)
            }
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})
