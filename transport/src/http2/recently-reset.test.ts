import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { RecentlyReset } from './recently-reset.ts'

describe('RecentlyReset', () => {
  it('knows the last 1,024 from those that were not reset', () => {
    const recent = new RecentlyReset()
    for (let id = 1; id <= 4_095; id += 4) recent.add(id)
    for (let id = 1; id <= 4_095; id += 2) assert.equal(recent.has(id), id % 4 === 1, String(id))
  })

  it('forgets the oldest, and doubts nobody up to there', () => {
    const recent = new RecentlyReset()
    for (let id = 1; id <= 4_101; id += 4) recent.add(id)
    assert.deepEqual(
      [1, 3, 5].map((id) => recent.has(id)),
      [true, true, true],
    )
    assert.deepEqual(
      [7, 9, 11].map((id) => recent.has(id)),
      [false, true, false],
    )
  })

  it('forgets nothing for a stream that it knows already', () => {
    const recent = new RecentlyReset()
    for (let id = 1; id <= 4_095; id += 4) recent.add(id)
    recent.add(4_093)
    assert.equal(recent.has(3), false)
  })

  it('does not know what was not reset', () => {
    assert.equal(new RecentlyReset().has(1), false)
  })
})
