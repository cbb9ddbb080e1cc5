import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { type Enrolled, Roll } from './roll.ts'

describe('Roll', () => {
  it('has those that were added and not deleted, like a set', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean())), (steps) => {
        const members: readonly Enrolled[] = Array.from({ length: 21 }, () => ({ place: -1 }))
        const roll = new Roll<Enrolled>()
        const model = new Set<Enrolled>()
        for (const [index, add] of steps) {
          const member = members[index]
          if (member === undefined) continue
          if (!add) assert.equal(roll.delete(member), model.delete(member))
          else if (!model.has(member)) {
            roll.add(member)
            model.add(member)
          }
          assert.equal(roll.size, model.size)
          assert.deepEqual(new Set(roll.all()), model)
        }
      }),
    )
  })

  it('lets its members be deleted while all of them are gone through', () => {
    const roll = new Roll<Enrolled>()
    for (let count = 0; count < 10; count += 1) roll.add({ place: -1 })
    for (const member of roll.all()) assert.equal(roll.delete(member), true)
    assert.equal(roll.size, 0)
  })

  it('does not delete a member of another roll that stands at the same place', () => {
    const [one, other] = [new Roll<Enrolled>(), new Roll<Enrolled>()]
    const stranger: Enrolled = { place: -1 }
    one.add({ place: -1 })
    other.add(stranger)
    assert.equal(one.delete(stranger), false)
    assert.deepEqual([one.size, other.size], [1, 1])
  })
})
