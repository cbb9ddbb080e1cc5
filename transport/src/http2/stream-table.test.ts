import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { homeOf, StreamTable } from './stream-table.ts'

interface Numbered {
  readonly id: number
}

function agree(table: StreamTable<Numbered>, model: ReadonlyMap<number, Numbered>): void {
  assert.equal(table.size, model.size)
  assert.deepEqual(
    table.values().sort((a, b) => a.id - b.id),
    [...model.values()].sort((a, b) => a.id - b.id),
  )
}

/** Neighbours, and ids that many hashes would put at one place. */
const id = fc.oneof(
  fc.nat(60),
  fc.nat(60).map((number) => number * 2 ** 20 + 1),
  fc.nat(0x7fff_ffff),
)

describe('StreamTable', () => {
  it('is like a map, whatever is set and deleted in which order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(id, fc.constantFrom('set', 'set', 'delete', 'clear')), { maxLength: 300 }), (steps) => {
        const table = new StreamTable<Numbered>()
        const model = new Map<number, Numbered>()
        for (const [index, [number, action]] of steps.entries()) {
          if (action === 'set') {
            const stream = { id: number }
            table.set(number, stream)
            model.set(number, stream)
          } else if (action === 'delete') {
            table.delete(number)
            model.delete(number)
          } else if (index % 50 === 0) {
            table.clear()
            model.clear()
          }
          for (const [asked] of steps) assert.equal(table.get(asked), model.get(asked))
        }
        agree(table, model)
      }),
      { numRuns: 200 },
    )
  })

  it('grows to thousands and shrinks again, with an old one among them all the time', () => {
    const table = new StreamTable<Numbered>()
    const model = new Map<number, Numbered>()
    const set = (number: number): void => {
      const stream = { id: number }
      table.set(number, stream)
      model.set(number, stream)
    }
    set(1)
    for (let number = 3; number < 20_000; number += 2) set(number)
    agree(table, model)
    for (let number = 3; number < 20_000; number += 2) {
      table.delete(number)
      model.delete(number)
      assert.equal(table.get(number), undefined)
      assert.equal(table.get(1), model.get(1))
    }
    agree(table, model)
  })

  it('spreads ids that follow each other, whatever the secret factor is', () => {
    const factors = [
      1,
      3,
      0xffff_ffff,
      0xffff_fffd,
      0x8000_0001,
      0x10_0001,
      ...Array.from({ length: 200 }, (_, index) => (Math.imul(index, 0x2545_f491) | 1) >>> 0),
    ]
    for (const factor of factors) {
      const places = new Uint8Array(2 ** 13)
      let steps = 0
      for (let id = 1; id < 8_000; id += 2) {
        let at = homeOf(id, 13, factor)
        for (; places[at] === 1; at = (at + 1) % places.length) steps += 1
        places[at] = 1
      }
      assert.ok(steps < 3 * 4_000, `${steps / 4_000} steps for each with the factor ${factor}`)
    }
  })
})
