import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { MessageRoom, type RoomUser } from './message-room.ts'
import { ManualClock } from './test-kit/manual-clock.ts'

/** Windows of 10 bytes; 100 for them, 200 beyond. */
function opened(): { readonly clock: ManualClock; readonly room: MessageRoom; readonly user: (name: string) => RoomUser; readonly story: string[] } {
  const clock = new ManualClock()
  const story: string[] = []
  const room = new MessageRoom(clock, { streamWindow: 10, unreservedBytes: 100, reservedBytes: 200, patience: 20_000 })
  const user = (name: string): RoomUser => ({
    onRoom: (rest) => void story.push(`${name} may send ${rest}`),
    onEvicted: () => void story.push(`${name} is evicted`),
  })
  return { clock, room, user, story }
}

describe('MessageRoom', () => {
  it('reserves nothing for a message of a window, and what lies beyond it for a longer one', () => {
    const { room, user } = opened()
    assert.equal(room.claim(user('short'), 10), 0)
    assert.equal(room.claim(user('long'), 150), 140)
    assert.equal(room.bytes, 160)
  })

  it('lets those wait for whom there is no room, and serves them in their order', () => {
    const { room, user, story } = opened()
    const [first, second, third, fourth] = [user('first'), user('second'), user('third'), user('fourth')]
    room.claim(first, 190)
    assert.equal(room.claim(second, 150), 'waiting')
    assert.equal(room.claim(third, 20), 'waiting', 'nobody overtakes')
    assert.equal(room.claim(fourth, 150), 'waiting')
    room.free(first)
    assert.deepEqual(story, ['second may send 140', 'third may send 10'])
    room.free(second)
    assert.deepEqual(story.slice(2), ['fourth may send 140'])
    room.free(third)
    room.free(fourth)
    assert.deepEqual([room.bytes, room.waiting], [0, 0])
  })

  it('always has room for one, however long it is', () => {
    const { room, user, story } = opened()
    const [first, second] = [user('first'), user('second')]
    assert.equal(room.claim(first, 10_000), 9_990)
    assert.equal(room.claim(second, 5_000), 'waiting')
    room.free(first)
    assert.deepEqual(story, ['second may send 4990'])
  })

  it('refuses those whose windows alone are too much, whole messages that are kept included', () => {
    const { room, user } = opened()
    for (let index = 0; index < 9; index += 1) room.claim(user('some'), 1_000)
    const kept = user('kept')
    assert.equal(room.keep(kept, 11), false)
    assert.equal(room.keep(kept, 10), true)
    assert.equal(room.claim(user('one more'), 1), 'refused')
    room.free(kept)
    assert.equal(room.claim(user('one more'), 1), 0)
  })

  it('evicts who has a reservation and does not end, while others wait, and nobody else', () => {
    const { clock, room, user, story } = opened()
    const [slow, next, last] = [user('slow'), user('next'), user('last')]
    room.claim(slow, 200)
    clock.advance(3_600_000)
    assert.deepEqual(story, [])
    room.claim(next, 200)
    room.claim(last, 200)
    clock.advance(19_999)
    assert.deepEqual(story, [])
    clock.advance(1)
    assert.deepEqual(story, ['next may send 190', 'slow is evicted'])
    clock.advance(40_000)
    assert.deepEqual(story.slice(2), ['last may send 190', 'next is evicted'])
    clock.advance(3_600_000)
    assert.equal(story.length, 4)
    room.free(slow)
    room.free(next)
    room.free(last)
    assert.deepEqual([room.bytes, clock.armed], [0, 0])
  })

  it('evicts nobody while messages become whole, however long the line is', () => {
    const { clock, room, user, story } = opened()
    const users = Array.from({ length: 9 }, (_, index) => user(String(index)))
    for (const one of users) room.claim(one, 200)
    for (const one of users) {
      clock.advance(15_000)
      room.free(one)
    }
    assert.ok(
      story.every((line) => !line.includes('evicted')),
      story.join(),
    )
  })

  it('promises no more than its bounds and one message, gives all of it back, and leaves nobody waiting while it is free', () => {
    const step = fc.record({ index: fc.nat(14), length: fc.integer({ min: 1, max: 300 }), kind: fc.constantFrom('claim', 'keep', 'free', 'free') })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { room } = opened()
        const served = new Set<number>()
        const users = Array.from({ length: 15 }, (_, index): RoomUser => ({ onRoom: () => void served.add(index), onEvicted: () => assert.fail() }))
        const busy = new Map<number, 'waiting' | 'served'>()
        let longest = 0
        for (const { index, length, kind } of steps) {
          const user = users[index]
          if (user === undefined) continue
          if (kind === 'free') {
            room.free(user)
            busy.delete(index)
          } else if (!busy.has(index)) {
            longest = Math.max(longest, length)
            if (kind === 'keep') {
              if (room.keep(user, length)) busy.set(index, 'served')
            } else {
              const answer = room.claim(user, length)
              if (answer !== 'refused') busy.set(index, answer === 'waiting' ? 'waiting' : 'served')
            }
          }
          for (const one of served) busy.set(one, 'served')
          served.clear()
          assert.ok(room.bytes <= 100 + Math.max(200, longest))
          const waits = [...busy.values()].filter((state) => state === 'waiting').length
          assert.equal(room.waiting, waits)
          assert.ok(waits === 0 || waits < busy.size, 'all wait for nobody')
        }
        for (const user of users) room.free(user)
        assert.deepEqual([room.bytes, room.waiting], [0, 0])
      }),
    )
  })
})
