import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { ManualClock } from '../testing-internal/manual-clock.ts'
import { EndpointHealth } from './endpoint-health.ts'

function setup() {
  const clock = new ManualClock()
  return { clock, endpoint: {}, other: {}, health: new EndpointHealth<object>(clock, () => 0.5) }
}

describe('the health of endpoints', () => {
  it('is good until one fails, which says nothing of the others', () => {
    const { health, endpoint, other } = setup()
    assert.equal(health.isUsable(endpoint), true)
    health.failed(endpoint)
    assert.equal(health.isUsable(endpoint), false)
    assert.equal(health.isUsable(other), true)
  })

  it('lets one call try after a while, and only one', async () => {
    const { clock, health, endpoint } = setup()
    health.failed(endpoint)
    await clock.advance(999)
    assert.equal(health.isUsable(endpoint), false)
    await clock.advance(1)
    assert.equal(health.isUsable(endpoint), true)
    health.begin(endpoint)
    assert.equal(health.isUsable(endpoint), false)
  })

  it('is restored by the call that tried', async () => {
    const { clock, health, endpoint } = setup()
    health.failed(endpoint)
    await clock.advance(1_000)
    health.begin(endpoint)
    health.succeeded(endpoint)
    assert.equal(health.isUsable(endpoint), true)
    health.failed(endpoint)
    await clock.advance(1_000)
    assert.equal(health.isUsable(endpoint), true, 'the while has not begun anew')
  })

  it('keeps calls away for twice as long after each failed trial, a minute at most', async () => {
    const { clock, health, endpoint } = setup()
    const whiles: number[] = []
    for (let failure = 0; failure < 9; failure += 1) {
      health.begin(endpoint)
      health.failed(endpoint)
      const since = clock.monotonic()
      while (!health.isUsable(endpoint)) await clock.advance(500)
      whiles.push(clock.monotonic() - since)
    }
    assert.deepEqual(whiles, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  it('counts the failures of calls that were under way together once', async () => {
    const { clock, health, endpoint } = setup()
    for (let call = 0; call < 64; call += 1) health.failed(endpoint)
    await clock.advance(1_000)
    assert.equal(health.isUsable(endpoint), true)
  })

  it('lets the next call try when the one that tried was given up', async () => {
    const { clock, health, endpoint } = setup()
    health.failed(endpoint)
    await clock.advance(1_000)
    health.begin(endpoint)
    health.unknown(endpoint)
    assert.equal(health.isUsable(endpoint), true)
  })

  it('lets a call try at once when the endpoint was heard of, and still remembers its failures', async () => {
    const { clock, health, endpoint } = setup()
    health.failed(endpoint)
    health.seen(endpoint)
    assert.equal(health.isUsable(endpoint), true)
    health.begin(endpoint)
    health.seen(endpoint)
    assert.equal(health.isUsable(endpoint), false, 'two calls try at once')
    health.failed(endpoint)
    await clock.advance(1_999)
    assert.equal(health.isUsable(endpoint), false)
  })

  it('is never bad for ever, whatever happens', async () => {
    const happening = fc.constantFrom('begin', 'failed', 'succeeded', 'unknown', 'seen', 'wait')
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 30 }), async (happenings) => {
        const { clock, health, endpoint } = setup()
        let calls = 0
        for (const what of happenings) {
          if (what === 'wait') await clock.advance(3_000)
          else if (what === 'seen') health.seen(endpoint)
          else if (what === 'begin') {
            health.begin(endpoint)
            calls += 1
          } else if (calls > 0) {
            health[what](endpoint)
            calls -= 1
          }
        }
        while (calls > 0) {
          health.unknown(endpoint)
          calls -= 1
        }
        await clock.advance(75_000)
        assert.equal(health.isUsable(endpoint), true)
      }),
      { numRuns: 30 },
    )
  })
})
