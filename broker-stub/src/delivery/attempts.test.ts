import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { Attempts } from './attempts.ts'
import type { Lease } from './lease.ts'
import { unownedLease } from './test-kit/unowned-lease.ts'

function inFlight(count: number): Lease[] {
  return Array.from({ length: count }, () => {
    const lease = unownedLease()
    lease.state = 'in-flight'
    return lease
  })
}

describe('receives by attempt id', () => {
  it('are replayed with the very same leases, in the same order, as often as asked', () => {
    const attempts = new Attempts()
    const leases = inFlight(3)
    attempts.record('one', leases)
    assert.deepEqual(attempts.replay('one'), leases)
    assert.deepEqual(attempts.replay('one'), leases)
    assert.equal(attempts.replay('one')[0], leases[0])
  })

  it('are not replayed under another id', () => {
    const attempts = new Attempts()
    attempts.record('one', inFlight(1))
    for (const id of ['', 'two', 'ONE', 'constructor', '__proto__']) assert.deepEqual(attempts.replay(id), [], id)
  })

  it('do not change with the list that they were recorded from', () => {
    const attempts = new Attempts()
    const leases = inFlight(2)
    attempts.record('one', leases)
    leases.pop()
    assert.equal(attempts.replay('one').length, 2)
  })

  it('leave out what is no longer in flight', () => {
    const attempts = new Attempts()
    const leases = inFlight(5)
    attempts.record('one', leases)
    const states = ['waiting', 'delayed', 'acknowledged', 'settled'] as const
    for (const [index, state] of states.entries()) (leases[index] as Lease).state = state
    assert.deepEqual(attempts.replay('one'), [leases[4]])
  })

  it('forget each lease that is over, and themselves with the last one', () => {
    const attempts = new Attempts()
    const [first, second] = inFlight(2)
    assert.ok(first !== undefined && second !== undefined)
    attempts.record('one', [first, second])
    attempts.leave(first)
    attempts.leave(first)
    assert.deepEqual(attempts.replay('one'), [second])
    assert.equal(first.attempt, undefined)
    assert.equal(attempts.size, 1)
    attempts.leave(second)
    assert.deepEqual(attempts.replay('one'), [])
    assert.equal(attempts.size, 0)
  })

  it('take a lease that belongs to none for nothing', () => {
    const attempts = new Attempts()
    attempts.record('one', inFlight(1))
    attempts.leave(unownedLease())
    assert.equal(attempts.replay('one').length, 1)
  })

  it('mean the later receive when an id is used twice, and lose it not with the leases of the earlier one', () => {
    const attempts = new Attempts()
    const [early, late] = inFlight(2)
    assert.ok(early !== undefined && late !== undefined)
    attempts.record('one', [early])
    attempts.record('one', [late])
    assert.deepEqual(attempts.replay('one'), [late])
    attempts.leave(early)
    assert.deepEqual(attempts.replay('one'), [late])
    attempts.leave(late)
    assert.equal(attempts.size, 0)
  })

  it('keep a lease for the receive that was given it last', () => {
    const attempts = new Attempts()
    const [shared, other] = inFlight(2)
    assert.ok(shared !== undefined && other !== undefined)
    attempts.record('one', [shared, other])
    attempts.record('two', [shared])
    assert.deepEqual(attempts.replay('one'), [other])
    assert.deepEqual(attempts.replay('two'), [shared])
    attempts.record('three', [other])
    assert.deepEqual(attempts.replay('one'), [])
    assert.equal(attempts.size, 2)
    for (const lease of [shared, other]) attempts.leave(lease)
    assert.equal(attempts.size, 0)
  })

  it('hold nothing for a receive that was given nothing', () => {
    const attempts = new Attempts()
    attempts.record('one', [])
    assert.equal(attempts.size, 0)
    attempts.record('one', inFlight(2))
    attempts.record('one', [])
    assert.equal(attempts.size, 0)
    assert.deepEqual(attempts.replay('one'), [])
  })
})
