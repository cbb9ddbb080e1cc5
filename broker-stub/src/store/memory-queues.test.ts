import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { LogPosition, MessageLog } from '../log/message-log.ts'
import { stored } from '../log/test-kit/stored.ts'
import { TimingWheel } from '../schedule/timing-wheel.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import { MemoryQueues } from './memory-queues.ts'
import type { QueueEntry } from './message-store.ts'

const message = stored({ topic: 'orders', messageId: 'any' })
const ofGroup = (messageGroup: string) => stored({ topic: 'orders', messageId: 'any', messageGroup })

/** The queues of a topic, and what they tell the log, whose positions begin with 100. */
function queuesOf(count: number) {
  const told: string[] = []
  let position: LogPosition = 100
  let full = false
  const log: MessageLog = {
    append: () => (full ? { kind: 'full' } : { kind: 'appended', position: position++, durable: undefined }),
    read: () => assert.fail('queues read nothing from the log'),
    settle: (settled) => told.push(`settle ${settled}`),
    unsettle: (settled) => told.push(`unsettle ${settled}`),
    onRemoved: () => {},
    stats: { messages: 0, bytes: 0, maxBytes: 0 },
    close: async () => {},
  }
  let changes = 0
  const clock = fixedClock()
  const queues = new MemoryQueues({ id: 1, name: 'orders', queues: count }, log, { clock, wheel: new TimingWheel(clock) }, () => changes++)
  const choose = (messageGroup?: string): number => {
    const appended = queues.append(messageGroup === undefined ? message : ofGroup(messageGroup))
    return appended.kind === 'appended' ? appended.queueId : assert.fail('full')
  }
  const entries = (queueId = 0): QueueEntry[] => {
    const found: QueueEntry[] = []
    for (let entry = queues.next(queueId, 0); entry !== undefined; entry = queues.next(queueId, entry.offset + 1)) found.push(entry)
    return found
  }
  return {
    queues,
    told,
    clock,
    later: (delay: number) => ({ ...message, deliverAt: clock.now() + delay }),
    choose,
    entries,
    offsets: (queueId = 0) => entries(queueId).map(({ offset }) => offset),
    fill: () => {
      full = true
    },
    get changes() {
      return changes
    },
  }
}

describe('the queue of a message', () => {
  it('is the next one in turn for messages without a message group', () => {
    const { choose } = queuesOf(3)
    assert.deepEqual(
      Array.from({ length: 7 }, () => choose()),
      [0, 1, 2, 0, 1, 2, 0],
    )
  })

  it('is always the same for a message group, whatever came between and whichever broker chooses', () => {
    const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), texts, (count, groups) => {
        const { choose } = queuesOf(count)
        const chosen = groups.map((group) => choose(group))
        choose()
        assert.deepEqual(
          groups.toReversed().map((group) => queuesOf(count).choose(group)),
          chosen.toReversed(),
        )
        for (const queueId of chosen) assert.ok(Number.isInteger(queueId) && queueId >= 0 && queueId < count)
      }),
      { numRuns: 30 },
    )
  })

  it('comes from FNV-1a, so that it stays where it is over versions', () => {
    // Values of its authors (Fowler, Noll, Vo: draft-eastlake-fnv, appendix C).
    const published = { '': 0x811c9dc5, a: 0xe40c292c, foobar: 0xbf9cf968 }
    for (const [group, value] of Object.entries(published)) assert.equal(queuesOf(1_000).choose(group), value % 1_000)
  })

  it('does not move the turn of others when it has a message group', () => {
    const { choose } = queuesOf(4)
    choose()
    for (let index = 0; index < 5; index++) choose(String(index))
    assert.equal(choose(), 1)
  })

  it('is any of the queues for many message groups, about as often as any other', () => {
    const { choose } = queuesOf(4)
    const counts = [0, 0, 0, 0]
    for (let index = 0; index < 4_000; index++) {
      const chosen = choose(`customer-${index}`)
      counts[chosen] = (counts[chosen] ?? 0) + 1
    }
    for (const count of counts) assert.ok(count > 700 && count < 1_300, String(counts))
  })
})

describe('the queues of a topic', () => {
  it('count the offsets of each queue from 0, and say that there is something new', () => {
    const topic = queuesOf(2)
    for (let index = 0; index < 3; index++) topic.choose()
    assert.deepEqual([topic.offsets(0), topic.offsets(1)], [[0, 1], [0]])
    assert.deepEqual(
      [topic.queues.range(0), topic.queues.range(1)],
      [
        { min: 0, max: 2 },
        { min: 0, max: 1 },
      ],
    )
    assert.equal(topic.queues.next(0, 1)?.position, 102)
    assert.deepEqual(topic.queues.stored, { messages: 3, bytes: 3 * message.bytes.length })
    assert.equal(topic.changes, 3)
  })

  it('have nothing where nothing is', () => {
    const { queues, choose } = queuesOf(1)
    choose()
    for (const [queueId, offset] of [
      [0, 1],
      [1, 0],
      [-1, 0],
    ] as const)
      assert.equal(queues.next(queueId, offset), undefined)
    queues.remove(99)
    assert.deepEqual(queues.range(0), { min: 0, max: 1 })
  })

  it('take a message that the log has no room for neither into a queue nor for later', () => {
    const topic = queuesOf(1)
    topic.fill()
    assert.equal(topic.queues.append(message).kind, 'full')
    assert.equal(topic.queues.append(topic.later(1_000)).kind, 'full')
    assert.equal(topic.queues.deferred, 0)
    assert.deepEqual(topic.queues.range(0), { min: 0, max: 0 })
    assert.equal(topic.changes, 0)
  })

  it('let a message enter when its time has come by the wall clock, and not before', async () => {
    const { queues, clock, later, choose, offsets } = queuesOf(1)
    assert.equal(queues.append(later(10_000)).kind, 'deferred')
    assert.equal(queues.append(later(0)).kind, 'appended')
    choose()
    assert.deepEqual([queues.deferred, offsets()], [1, [0, 1]])
    await clock.advance(9_999)
    assert.deepEqual(offsets(), [0, 1])
    await clock.advance(20)
    assert.deepEqual([queues.deferred, offsets()], [0, [0, 1, 2]])
    assert.equal(queues.next(0, 2)?.position, 100)
    assert.deepEqual(queues.stored, { messages: 3, bytes: 2 * later(0).bytes.length + message.bytes.length })
  })

  it('need no message any more when the topic is gone, whether it has entered or not', async () => {
    const { queues, told, clock, later, choose, offsets } = queuesOf(1)
    queues.append(later(10_000))
    choose()
    queues.abandon()
    assert.deepEqual(told, ['settle 101', 'settle 100'])
    await clock.advance('1m')
    assert.deepEqual(offsets(), [0])
  })

  it('tell the log that a message is settled when the last of its groups needs it no more, and not before', () => {
    const { queues, told, choose, entries } = queuesOf(1)
    for (let index = 0; index < 3; index++) queues.join()
    choose()
    const [entry] = entries()
    assert.ok(entry !== undefined)
    queues.settle(entry)
    queues.settle(entry)
    assert.deepEqual(told, [])
    queues.settle(entry)
    assert.deepEqual(told, ['settle 100'])
  })

  it('take settling back when a new group needs the message, and settle it again after that group', () => {
    const { queues, told, choose, entries } = queuesOf(1)
    choose()
    queues.join()
    choose()
    const [first, second] = entries()
    assert.ok(first !== undefined && second !== undefined)
    queues.settle(first)
    queues.join()
    assert.deepEqual(told, ['unsettle 100', 'settle 100', 'unsettle 100'])
    queues.settle(first)
    queues.settle(second)
    queues.settle(second)
    assert.deepEqual(told.slice(3), ['settle 100', 'settle 101'])
  })

  it('let a group that leaves need nothing from its cursors on, and later messages not wait for it', () => {
    const { queues, told, choose } = queuesOf(2)
    queues.join()
    for (let index = 0; index < 5; index++) choose()
    queues.leave([2, 0])
    assert.deepEqual(told, ['settle 104', 'settle 101', 'settle 103'])
    choose()
    queues.join()
    assert.deepEqual(told.slice(3), ['unsettle 101', 'unsettle 103', 'unsettle 105', 'unsettle 104'].sort(byQueue))
  })

  it('start a new group at the beginning, and at the last message once any of the queue is gone', () => {
    const { queues, choose } = queuesOf(2)
    assert.deepEqual(queues.join(), [0, 0])
    for (let index = 0; index < 10; index++) choose()
    queues.remove(104)
    assert.deepEqual(queues.join(), [4, 0])
    for (let position = 100; position < 110; position += 2) queues.remove(position)
    assert.deepEqual(queues.join(), [5, 0])
    choose()
    assert.deepEqual(queues.join(), [5, 0])
  })

  it('let a new group need only what is still there from its start on', () => {
    const { queues, told, choose } = queuesOf(1)
    for (let index = 0; index < 5; index++) choose()
    queues.remove(101)
    queues.join()
    assert.deepEqual(told, ['unsettle 104'])
  })

  it('pass over what the log dropped, and keep nothing of it behind one that stays, so that memory is bounded by the log', () => {
    const { queues, choose, entries, offsets } = queuesOf(1)
    for (let index = 0; index < 3; index++) choose()
    const held = entries()[1]
    queues.remove(101)
    assert.deepEqual(offsets(), [0, 2])
    assert.equal(queues.next(0, 1)?.offset, 2)
    assert.deepEqual(queues.range(0), { min: 0, max: 3 })
    assert.ok(held !== undefined && entries().every((entry) => entry !== held))
    queues.remove(100)
    assert.deepEqual(queues.range(0), { min: 2, max: 3 })
  })

  it('keep every offset whatever is appended and removed, in whatever order', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 3_000 }) }),
      fc.record({
        kind: fc.constant('remove' as const),
        from: fc.double({ min: 0, max: 1, noNaN: true }),
        count: fc.integer({ min: 1, max: 2_500 }),
      }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const { queues, choose } = queuesOf(2)
        const gone: boolean[] = []
        for (const each of steps) {
          if (each.kind === 'append') {
            for (let count = 0; count < each.count; count++) {
              assert.equal(choose(), gone.length % 2)
              gone.push(false)
            }
          } else {
            const from = Math.floor(each.from * gone.length)
            for (let at = from; at < Math.min(from + each.count, gone.length); at++) {
              queues.remove(100 + at)
              gone[at] = true
            }
          }
          for (const queueId of [0, 1]) {
            const queue = gone.filter((_, at) => at % 2 === queueId)
            const left = [...queue.keys()].filter((offset) => !queue[offset])
            assert.deepEqual(queues.range(queueId), { min: left[0] ?? queue.length, max: queue.length })
            let at = 0
            for (let entry = queues.next(queueId, 0); entry !== undefined; entry = queues.next(queueId, entry.offset + 1)) {
              assert.equal(entry.offset, left[at++])
              assert.equal(entry.position, 100 + entry.offset * 2 + queueId)
            }
            assert.equal(at, left.length)
          }
        }
      }),
      { numRuns: 40 },
    )
  })
})

/** Queue 0 has the even positions. */
function byQueue(one: string, other: string): number {
  const position = (text: string) => Number(text.split(' ')[1])
  return (position(one) % 2) - (position(other) % 2) || position(one) - position(other)
}
