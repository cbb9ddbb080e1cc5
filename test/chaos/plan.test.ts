import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { Random } from '../support/random.ts'
import { blows, plan } from './plan.ts'

describe('the plan of a chaos test', () => {
  it('is the same for the same seed, and another for another', () => {
    const of = (seed: number) => [...plan(new Random(seed), 3, 4, 60_000)]
    assert.deepEqual(of(7), of(7))
    assert.notDeepEqual(of(7), of(8))
  })

  it('has all kinds of blows, ends in time, leaves a broker alone that is still down, and one in the routes', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 4 }), (seed, members) => {
        const until = new Map<number, number>()
        const away = new Map<number, number>()
        let now = 0
        for (const { after, blow } of plan(new Random(seed), members, 4, 20_000)) {
          now += after
          seen.add(blow.kind)
          if (!('member' in blow)) continue
          assert.ok(blow.member >= 0 && blow.member < members)
          assert.ok(now >= (until.get(blow.member) ?? 0), `${blow.kind} at ${now}`)
          if ('lasts' in blow) until.set(blow.member, now + blow.lasts)
          if (blow.kind === 'leave') away.set(blow.member, now + blow.lasts)
          assert.ok([...away.values()].filter((end) => end > now).length < members, 'nobody is left')
        }
        assert.ok(now < 20_000)
      }),
    )
    assert.deepEqual([...seen].sort(), [...blows].sort())
  })
})
