import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { DueTable } from './due-table.ts'

type Step =
  | { readonly do: 'add'; readonly due: number }
  | { readonly do: 'wait'; readonly slot: number; readonly due: number }
  | { readonly do: 'end'; readonly slot: number }
  | { readonly do: 'revive'; readonly slot: number }
  | { readonly do: 'take'; readonly now: number }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), due: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), slot: fc.nat(20), due: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), slot: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revive' as const), slot: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const), now: fc.nat(60) }) },
)

describe('the table of what is due', () => {
  it('tells what waits in the order in which it is due, through all that may happen to it', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
        const table = new DueTable()
        const model: { due: number; state: 'waiting' | 'reading' | 'gone' }[] = []
        const first = (): number => {
          let best = -1
          for (const [slot, { due, state }] of model.entries()) {
            if (state === 'waiting' && (best === -1 || due < (model[best]?.due ?? 0))) best = slot
          }
          return best
        }
        for (const step of steps) {
          if (step.do === 'add') {
            const slot = table.add(64 + model.length * 160, 160, step.due)
            assert.equal(slot, model.length)
            table.wait(slot)
            model.push({ due: step.due, state: 'waiting' })
          } else if (step.do === 'take') {
            const slot = first()
            const expected = slot !== -1 && (model[slot]?.due ?? 0) <= step.now ? slot : undefined
            assert.equal(table.take(step.now), expected)
            const entry = expected === undefined ? undefined : model[expected]
            if (entry !== undefined) entry.state = 'reading'
          } else {
            const entry = model[step.slot]
            if (entry === undefined) continue
            if (step.do === 'end') {
              table.end(step.slot)
              entry.state = 'gone'
            } else if (step.do === 'revive') {
              table.revive(step.slot)
              if (entry.state === 'gone') entry.state = 'waiting'
            } else if (entry.state !== 'gone') {
              table.wait(step.slot, step.due)
              Object.assign(entry, { due: step.due, state: 'waiting' })
            }
          }
          const slot = first()
          assert.equal(table.next(), slot === -1 ? Number.POSITIVE_INFINITY : model[slot]?.due)
          assert.equal(table.live, model.filter(({ state }) => state !== 'gone').length)
          for (const [index, { due, state }] of model.entries()) {
            assert.equal(table.state(index), state)
            assert.equal(table.due(index), due)
          }
        }
      }),
    )
  })

  it('finds an entry by its position, and only by that', () => {
    const table = new DueTable()
    const positions = [64, 256, 272, 5_000_000_000 - (5_000_000_000 % 16)]
    for (const position of positions) table.add(position, 160, 0)
    assert.deepEqual(
      positions.map((position) => table.find(position)),
      [0, 1, 2, 3],
    )
    for (const position of [0, 16, 80, 240, 288, 6_000_000_000]) assert.equal(table.find(position), undefined)
    assert.equal(table.position(3), positions[3])
  })

  it('takes 21 bytes an entry once it is trimmed', () => {
    const table = new DueTable()
    for (let index = 0; index < 10_000; index++) table.wait(table.add(64 + index * 160, 160, index))
    table.trim()
    assert.equal(table.bytes, 210_000)
    assert.equal(table.take(1e9), 0)
  })
})
