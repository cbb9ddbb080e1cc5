import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { FilterError } from './filter-error.ts'
import { Filters } from './filters.ts'
import { messageWith } from './test-kit/message-with.ts'

const sql = (expression: string) => ({ type: 'SQL', expression }) as const

describe('the filters of a broker', () => {
  it('take everything where none is asked for, and tags where no type is said', () => {
    const filters = new Filters()
    assert.equal(filters.of(undefined).matches(messageWith({})), true)
    for (const type of ['TAG', 'FILTER_TYPE_UNSPECIFIED'] as const) {
      const filter = filters.of({ type, expression: 'a || b' })
      assert.deepEqual(
        ['a', 'b', 'c', undefined].map((tag) => filter.matches(messageWith({ tag }))),
        [true, true, false, false],
      )
    }
  })

  it('compile an expression once', () => {
    const filters = new Filters()
    assert.equal(filters.of(sql('a > 1')), filters.of(sql('a > 1')))
    assert.notEqual(filters.of(sql('a > 1')), filters.of(sql('a > 2')))
  })

  it('forget the expression that was used longest ago when there are more than 256', () => {
    const filters = new Filters()
    const all = Array.from({ length: 256 }, (_, index) => filters.of(sql(`a = ${index}`)))
    assert.equal(filters.of(sql('a = 0')), all[0])
    filters.of(sql('b'))
    assert.equal(filters.of(sql('a = 0')), all[0])
    assert.equal(filters.of(sql('a = 255')), all[255])
    assert.notEqual(filters.of(sql('a = 1')), all[1])
  })

  it('refuse what makes none each time, and keep serving what does', () => {
    const filters = new Filters()
    for (const asked of [sql('('), sql(''), { type: 'TAG', expression: '||' } as const, { type: 9, expression: 'a' }]) {
      for (let turn = 0; turn < 2; turn++) assert.throws(() => filters.of(asked), FilterError)
    }
    assert.equal(filters.of(sql('TRUE')).matches(messageWith({})), true)
  })
})
