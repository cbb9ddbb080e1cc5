import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { type Enrolled, Roll } from './roll.ts'

describe('a roll', () => {
  it('has what a set has, in the same order, whatever comes and goes', () => {
    const steps = fc.array(fc.record({ comes: fc.boolean(), which: fc.nat(40) }), { maxLength: 200 })
    fc.assert(
      fc.property(steps, (list) => {
        const members: readonly Enrolled[] = Array.from({ length: 41 }, () => ({ place: -1 }))
        const roll = new Roll<Enrolled>()
        const set = new Set<Enrolled>()
        for (const { comes, which } of list) {
          const member = members[which]
          assert.ok(member !== undefined)
          assert.equal(roll.has(member), set.has(member))
          if (!comes) assert.equal(roll.delete(member), set.delete(member))
          else if (!set.has(member)) {
            roll.add(member)
            set.add(member)
          }
          assert.equal(roll.size, set.size)
          assert.deepEqual(
            roll.all().map((each) => members.indexOf(each)),
            [...set].map((each) => members.indexOf(each)),
          )
        }
      }),
    )
  })
})
