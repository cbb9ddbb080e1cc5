import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { DynamicTable } from './dynamic-table.ts'
import { SearchableTable } from './searchable-table.ts'

const contentsOf = (table: DynamicTable): string[] => table.entries().map(([name, value]) => `${name}: ${value}`)

describe('the dynamic table of HPACK (RFC 7541, 2.3.2 and 4)', () => {
  it('puts the newest entry first and counts 32 bytes beyond name and value for each', () => {
    const table = new DynamicTable(4_096)
    table.add('custom-key', 'custom-header')
    assert.equal(table.size, 55)
    table.add('a', '')
    assert.equal(table.size, 55 + 33)
    assert.deepEqual(contentsOf(table), ['a: ', 'custom-key: custom-header'])
  })

  it('evicts the oldest entries until a new one fits, to the byte', () => {
    const table = new DynamicTable(100)
    table.add('a', '1'.repeat(17)) // 50
    table.add('b', '2'.repeat(17)) // 50
    assert.equal(table.length, 2)
    table.add('c', '') // 33
    assert.deepEqual(contentsOf(table), ['c: ', `b: ${'2'.repeat(17)}`])
    table.add('d', '4'.repeat(18)) // 51
    assert.deepEqual(contentsOf(table), [`d: ${'4'.repeat(18)}`, 'c: '])
  })

  it('is empty after an entry that is larger than it, which is no error', () => {
    const table = new DynamicTable(64)
    table.add('a', '1')
    table.add('b', '2'.repeat(32))
    assert.deepEqual([table.length, table.size], [0, 0])
    table.add('b', '2'.repeat(31))
    assert.deepEqual([table.length, table.size], [1, 64])
  })

  it('evicts when its maximum falls, and holds nothing when it is 0', () => {
    const table = new DynamicTable(4_096)
    for (const name of ['a', 'b', 'c']) table.add(name, '')
    table.resize(66)
    assert.deepEqual(contentsOf(table), ['c: ', 'b: '])
    table.resize(0)
    table.add('d', '')
    assert.equal(table.length, 0)
    table.resize(33)
    table.add('e', '')
    assert.deepEqual(contentsOf(table), ['e: '])
  })

  it('lets go of the text of entries that it evicts', () => {
    const table = new DynamicTable(4_096)
    table.add('large', 'x'.repeat(1_000))
    const slot = table.slotOf(0)
    table.clear()
    assert.equal(table.valueAt(slot), '')
    assert.equal(table.slotOf(0), -1)
  })

  it('behaves like a list, whatever is added, looked for and resized, through many turns of its ring', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'content-type', 'x'.repeat(40))
    const value = fc.constantFrom('', '1', '2', '3', 'v'.repeat(20), 'v'.repeat(90))
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.record({ name, value }) },
      { weight: 1, arbitrary: fc.record({ maxSize: fc.constantFrom(0, 40, 100, 700, 4_096) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const table = new SearchableTable(4_096)
        let model: { name: string; value: string }[] = []
        let maxSize = 4_096
        const sizeOf = (entries: typeof model): number => entries.reduce((sum, entry) => sum + entry.name.length + entry.value.length + 32, 0)
        for (const one of steps) {
          if ('maxSize' in one) {
            maxSize = one.maxSize
            table.resize(maxSize)
          } else {
            table.add(one.name, one.value)
            model = [one, ...model]
          }
          while (sizeOf(model) > maxSize) model = model.slice(0, -1)
          assert.equal(table.size, sizeOf(model))
          assert.deepEqual(
            contentsOf(table),
            model.map((entry) => `${entry.name}: ${entry.value}`),
          )
          if ('maxSize' in one) continue
          const exact = model.findIndex((entry) => entry.name === one.name && entry.value === one.value)
          const named = model.findIndex((entry) => entry.name === one.name)
          assert.equal(table.find(one.name, one.value), exact >= 0 ? 62 + exact : 0)
          assert.equal(table.find(one.name, 'elsewhere'), named >= 0 ? -62 - named : 0)
          assert.equal(table.findName(one.name), named >= 0 ? 62 + named : 0)
          const old = model.at(-1)
          if (old !== undefined)
            assert.equal(table.find(old.name, old.value), 62 + model.findIndex((it) => it.name === old.name && it.value === old.value))
        }
        assert.equal(table.find('never', ''), 0)
      }),
      { numRuns: 60 },
    )
  })
})
