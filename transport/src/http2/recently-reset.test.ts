import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { RecentlyReset } from './recently-reset.ts'

describe('RecentlyReset', () => {
  it('remembers the last 1,024 and forgets the oldest first', () => {
    const recent = new RecentlyReset()
    for (let id = 1; id <= 2_047; id += 2) recent.add(id)
    assert.ok(recent.has(1))
    recent.add(2_049)
    assert.ok(!recent.has(1))
    assert.ok(recent.has(3))
    assert.ok(recent.has(2_049))
  })

  it('forgets nothing for a stream that it knows already', () => {
    const recent = new RecentlyReset()
    for (let id = 1; id <= 2_047; id += 2) recent.add(id)
    recent.add(2_047)
    assert.ok(recent.has(1))
  })

  it('does not know what was not reset', () => {
    assert.equal(new RecentlyReset().has(1), false)
  })
})
