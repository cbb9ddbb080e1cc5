import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { Pings } from './pings.ts'
import { uint32 } from './test-kit/frames.ts'
import { ManualClock } from './test-kit/manual-clock.ts'

describe('Pings', () => {
  it('are answered each by its own number, in any order', () => {
    const pings = new Pings(new ManualClock())
    const story: string[] = []
    const first = pings.add(100, (alive) => story.push(`first ${alive}`))
    const second = pings.add(100, (alive) => story.push(`second ${alive}`))
    assert.equal(pings.answered(uint32(0, second), 0), true)
    assert.equal(pings.answered(uint32(0, first), 0), true)
    assert.deepEqual(story, ['second true', 'first true'])
  })

  it('are not answered by anything else, nor twice', () => {
    const pings = new Pings(new ManualClock())
    let answers = 0
    const number = pings.add(100, () => {
      answers += 1
    })
    assert.equal(pings.answered(uint32(0, number + 1), 0), false)
    assert.equal(pings.answered(uint32(1, number), 0), false)
    assert.equal(pings.answered(uint32(0, 0), 0), false)
    assert.equal(pings.answered(uint32(0, number), 0), true)
    assert.equal(pings.answered(uint32(0, number), 0), false)
    assert.equal(answers, 1)
  })

  it('are given up after their time', () => {
    const clock = new ManualClock()
    const pings = new Pings(clock)
    const story: boolean[] = []
    const number = pings.add(100, (alive) => story.push(alive))
    clock.advance(99)
    assert.deepEqual(story, [])
    clock.advance(1)
    assert.deepEqual(story, [false])
    assert.equal(pings.answered(uint32(0, number), 0), false)
  })

  it('are given up with their connection, and leave no timer', () => {
    const clock = new ManualClock()
    const pings = new Pings(clock)
    const story: boolean[] = []
    pings.add(100, (alive) => story.push(alive))
    pings.add(100, (alive) => story.push(alive))
    pings.close()
    assert.deepEqual(story, [false, false])
    assert.equal(clock.armed, 0)
  })
})
