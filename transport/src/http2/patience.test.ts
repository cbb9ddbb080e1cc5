import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { Patience } from './patience.ts'
import { ManualClock } from './test-kit/manual-clock.ts'

function waiting(): {
  readonly clock: ManualClock
  readonly patience: Patience
  readonly await: (which: number) => void
  readonly lost: () => number
} {
  const clock = new ManualClock()
  let awaited = -1
  let lost = 0
  const patience = new Patience(
    clock,
    100,
    () => awaited,
    () => {
      lost += 1
    },
  )
  return {
    clock,
    patience,
    await(which) {
      awaited = which
      patience.watch()
    },
    lost: () => lost,
  }
}

describe('Patience', () => {
  it('is lost when a thing takes its time', () => {
    const { clock, await: begin, lost } = waiting()
    begin(0)
    clock.advance(99)
    assert.equal(lost(), 0)
    clock.advance(1)
    assert.equal(lost(), 1)
    assert.equal(clock.armed, 0)
  })

  it('is not lost over many things that each take less, without a pause between them', () => {
    const { clock, await: begin, lost } = waiting()
    for (let index = 0; index < 100; index += 1) {
      begin(index)
      clock.advance(60)
    }
    assert.equal(lost(), 0)
    clock.advance(140)
    assert.equal(lost(), 1)
  })

  it('has no timer while nothing is awaited, once the last one has run out', () => {
    const { clock, await: begin, lost } = waiting()
    begin(-1)
    assert.equal(clock.armed, 0)
    begin(0)
    begin(-1)
    clock.advance(1_000)
    assert.equal(lost(), 0)
    assert.equal(clock.armed, 0)
  })

  it('has one timer, and none after cancel', () => {
    const { clock, patience, await: begin, lost } = waiting()
    for (let index = 0; index < 10; index += 1) begin(index)
    assert.equal(clock.armed, 1)
    patience.cancel()
    assert.equal(clock.armed, 0)
    clock.advance(1_000)
    assert.equal(lost(), 0)
  })
})
