import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Lease } from './lease.ts'
import { Slots } from './slots.ts'
import { unownedLease } from './test-kit/unowned-lease.ts'

function take(slots: Slots, count: number): Lease[] {
  return Array.from({ length: count }, () => {
    const lease = unownedLease()
    slots.take(lease)
    return lease
  })
}

describe('the slots of a subscription', () => {
  it('lead to the lease that took them, until it frees them', () => {
    const slots = new Slots()
    const leases = take(slots, 3)
    assert.deepEqual(
      leases.map(({ slot }) => slot),
      [0, 1, 2],
    )
    for (const lease of leases) assert.equal(slots.at(lease.slot), lease)
    assert.equal(slots.used, 3)
    const [, second] = leases
    assert.ok(second !== undefined)
    slots.free(second)
    assert.equal(second.slot, -1)
    assert.equal(slots.at(1), undefined)
    assert.equal(slots.used, 2)
  })

  it('are empty where no slot is', () => {
    const slots = new Slots()
    take(slots, 1)
    for (const slot of [-1, 1, 0.5, Number.NaN, 2 ** 53]) {
      assert.equal(slots.at(slot), undefined, String(slot))
      slots.remember(slot, 1, 1, 1_000)
      assert.equal(slots.wasAcknowledged(slot, 1, 1, 0), false, String(slot))
    }
  })

  it('are used again from the one that was freed first, and grow only when all are taken', () => {
    const slots = new Slots()
    const leases = take(slots, 4)
    for (const index of [2, 0, 3]) slots.free(leases[index] as Lease)
    assert.deepEqual(
      take(slots, 5).map(({ slot }) => slot),
      [2, 0, 3, 4, 5],
    )
  })

  it('give each delivery a generation that the slot never had, whoever held it before', () => {
    const slots = new Slots()
    const seen = new Set<number>()
    for (let holder = 0; holder < 5; holder++) {
      const [lease] = take(slots, 1)
      assert.ok(lease !== undefined && lease.slot === 0)
      for (let delivery = 0; delivery < 3; delivery++) seen.add(slots.nextGeneration(lease.slot))
      slots.free(lease)
    }
    assert.equal(seen.size, 15)
    assert.ok(!seen.has(0), 'a lease that was never delivered has generation 0')
  })

  it('remember an acknowledgement until its lease would have ended, for that generation alone', () => {
    const slots = new Slots()
    const [lease] = take(slots, 1)
    assert.ok(lease !== undefined)
    const generation = slots.nextGeneration(0)
    assert.equal(slots.wasAcknowledged(0, 1, generation, 0), false)
    slots.remember(0, 1, generation, 500)
    slots.free(lease)
    assert.equal(slots.wasAcknowledged(0, 1, generation, 499), true)
    assert.equal(slots.wasAcknowledged(0, 1, generation, 500), false)
    assert.equal(slots.wasAcknowledged(0, 1, generation - 1, 0), false)
    assert.equal(slots.wasAcknowledged(0, 1, generation + 1, 0), false)
    assert.equal(slots.wasAcknowledged(1, 1, generation, 0), false)
  })

  it('still remember it when another message has the slot, until that one is acknowledged', () => {
    const slots = new Slots()
    const [first] = take(slots, 1)
    assert.ok(first !== undefined)
    const before = slots.nextGeneration(0)
    slots.remember(0, 1, before, 500)
    slots.free(first)
    take(slots, 1)
    const now = slots.nextGeneration(0)
    assert.equal(slots.wasAcknowledged(0, 1, before, 100), true)
    assert.equal(slots.wasAcknowledged(0, 1, now, 100), false)
    slots.remember(0, 1, now, 900)
    assert.equal(slots.wasAcknowledged(0, 1, before, 100), false)
    assert.equal(slots.wasAcknowledged(0, 1, now, 800), true)
  })

  it('behave like a queue of free numbers whatever is taken and freed, thousands of times', () => {
    // Bursts, so that the line of free slots becomes long enough to be cut.
    const bursts = fc.array(fc.tuple(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 1_500 }), fc.nat()), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(bursts, (rounds) => {
        const slots = new Slots()
        const held: Lease[] = []
        const free: number[] = []
        let size = 0
        for (const [takes, frees, where] of rounds) {
          for (let count = 0; count < takes; count++) {
            const lease = unownedLease()
            slots.take(lease)
            assert.equal(lease.slot, free.shift() ?? size++)
            held.push(lease)
          }
          for (let count = 0; count < frees && held.length > 0; count++) {
            const [lease] = held.splice((where + count * 7) % held.length, 1)
            assert.ok(lease !== undefined)
            free.push(lease.slot)
            slots.free(lease)
          }
          assert.equal(slots.used, held.length)
          for (const lease of held) assert.equal(slots.at(lease.slot), lease)
        }
      }),
      { numRuns: 50 },
    )
  })
})
