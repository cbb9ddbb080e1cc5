import { strict as assert } from 'node:assert'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { ConcurrentIntake, OrderedIntake } from './intake.ts'

interface Item {
  readonly lane: string | undefined
  readonly number: number
}

const lanes = fc.constantFrom(undefined, 'a', 'b', 'c')
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('push' as const), lane: lanes }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('done' as const), pick: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), pick: fc.nat() }) },
  ),
  { maxLength: 200 },
)

describe('the ordered intake', () => {
  it('gives out one item of a lane at a time, in order, and loses none', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const intake = new OrderedIntake<Item>()
        const model = new Map<string, Item[]>()
        const loose = new Set<Item>()
        const inWork: Item[] = []
        let number = 0
        for (const step of script) {
          if (step.do === 'push') {
            const item = { lane: step.lane, number: number++ }
            intake.push(item)
            if (step.lane === undefined) loose.add(item)
            else model.set(step.lane, [...(model.get(step.lane) ?? []), item])
          } else if (step.do === 'take') {
            const item = intake.take()
            const free = [...model].filter(([lane, items]) => items.length > 0 && !inWork.some((busy) => busy.lane === lane))
            if (item === undefined) assert.ok(free.length === 0 && loose.size === 0, 'something could have been taken')
            else if (item.lane === undefined) assert.ok(loose.delete(item))
            else {
              assert.ok(!inWork.some((busy) => busy.lane === item.lane), 'two of one lane')
              assert.equal(model.get(item.lane)?.shift(), item, 'out of order')
            }
            if (item !== undefined) inWork.push(item)
          } else if (inWork.length > 0) {
            const item = inWork[step.pick % inWork.length] as Item
            if (step.do === 'done') {
              intake.done(item)
              inWork.splice(inWork.indexOf(item), 1)
            } else {
              const behind = item.lane === undefined ? [] : (model.get(item.lane)?.splice(0) ?? [])
              assert.deepEqual(intake.dropBehind(item), behind)
            }
          }
          const waiting = loose.size + [...model.values()].reduce((sum, items) => sum + items.length, 0)
          assert.equal(intake.waiting, waiting)
        }
        assert.equal(intake.drain().length, loose.size + [...model.values()].reduce((sum, items) => sum + items.length, 0))
        assert.equal(intake.take(), undefined)
      }),
    )
  })

  it('lets lanes take turns, so that a long one does not hold up the others', () => {
    const intake = new OrderedIntake<Item>()
    for (const lane of ['a', 'a', 'a', 'b', 'c']) intake.push({ lane, number: 0 })
    const taken: (string | undefined)[] = []
    for (let item = intake.take(); item !== undefined; item = intake.take()) {
      taken.push(item.lane)
      intake.done(item)
    }
    assert.deepEqual(taken, ['a', 'b', 'c', 'a', 'a'])
  })

  it('does not free a lane for an item that was never taken', () => {
    const intake = new OrderedIntake<Item>()
    const [first, second, third] = [1, 2, 3].map((number) => ({ lane: 'a', number })) as [Item, Item, Item]
    intake.push(first)
    intake.push(second)
    assert.equal(intake.take(), first)
    assert.deepEqual(intake.dropBehind(first), [second])
    intake.push(third)
    intake.done(second)
    assert.equal(intake.take(), undefined)
    intake.done(first)
    assert.equal(intake.take(), third)
  })

  it('takes out what is meant, whole lanes or parts of them, and goes on with the rest in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(lanes, fc.boolean()), { maxLength: 40 }), fc.nat(10), (pushes, begun) => {
        type Meant = Item & { readonly meant: boolean }
        const intake = new OrderedIntake<Meant>()
        const all: Meant[] = pushes.map(([lane, meant], number) => ({ lane, number, meant }))
        for (const item of all) intake.push(item)
        const inWork = Array.from({ length: begun }, () => intake.take()).filter((item) => item !== undefined)
        const drained = intake.drain(({ meant }) => meant)
        const rest = all.filter((item) => !item.meant && !inWork.includes(item))
        assert.deepEqual(new Set(drained), new Set(all.filter((item) => item.meant && !inWork.includes(item))))
        assert.equal(intake.waiting, rest.length)
        for (const item of inWork) intake.done(item)
        const after: Meant[] = []
        for (let item = intake.take(); item !== undefined; item = intake.take()) {
          after.push(item)
          intake.done(item)
        }
        assert.deepEqual(new Set(after), new Set(rest))
        for (const lane of ['a', 'b', 'c']) {
          const numbers = after.filter((item) => item.lane === lane).map(({ number }) => number)
          assert.deepEqual(
            numbers,
            numbers.toSorted((left, right) => left - right),
          )
        }
        for (const item of all) intake.push(item)
        assert.equal(intake.drain().length, all.length)
        assert.equal(intake.take(), undefined)
      }),
    )
  })
})

describe('the concurrent intake', () => {
  it('is first come, first served, also over many items', () => {
    const intake = new ConcurrentIntake<Item>()
    let taken = 0
    for (let number = 0; number < 5_000; number += 1) {
      intake.push({ lane: 'a', number })
      if (number % 3 === 0) assert.equal(intake.take()?.number, taken++)
    }
    while (intake.waiting > 0) assert.equal(intake.take()?.number, taken++)
    assert.equal(taken, 5_000)
  })

  it('keeps nothing of what was taken', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const intake = new ConcurrentIntake<Item>()
    for (let number = 0; number < 100; number += 1) intake.push({ lane: undefined, number })
    const taken = Array.from({ length: 99 }, () => new WeakRef(intake.take() as Item))
    // What a WeakRef was made of stays until the end of the turn.
    await setImmediate()
    collect()
    assert.equal(taken.filter((item) => item.deref() !== undefined).length, 0)
    assert.equal(intake.take()?.number, 99)
  })
})
