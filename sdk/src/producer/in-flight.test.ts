import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { ManualClock, turns } from '../testing-internal/manual-clock.ts'
import { InFlight, type Patience } from './in-flight.ts'

const late = () => new Error('late')
const patient: Patience = { signal: undefined, left: 60_000, late }

function setup(messages = 2, bytes = 100) {
  const clock = new ManualClock()
  const inFlight = new InFlight({ messages, bytes }, clock)
  const order: string[] = []
  const enter = (name: string, amount: number, size: number, patience: Patience = patient) =>
    inFlight.enter(amount, size, patience).then(
      () => void order.push(name),
      (error: unknown) => void order.push(`${name}: ${error instanceof Error ? error.message : String(error)}`),
    )
  return { clock, inFlight, order, enter }
}

describe('the limit of what is in flight', () => {
  it('lets in until the messages are as many as allowed, then whoever waits longest', async () => {
    const { inFlight, order, enter } = setup()
    for (const name of ['a', 'b', 'c', 'd']) void enter(name, 1, 1)
    await turns(2)
    assert.deepEqual([order, inFlight.waiting, inFlight.messages], [['a', 'b'], 2, 2])
    inFlight.leave(1, 1)
    await turns(2)
    assert.deepEqual([order, inFlight.waiting, inFlight.messages], [['a', 'b', 'c'], 1, 2])
  })

  it('counts bytes as well', async () => {
    const { inFlight, order, enter } = setup(100, 100)
    void enter('a', 1, 60)
    void enter('b', 1, 41)
    await turns(2)
    assert.deepEqual([order, inFlight.bytes], [['a'], 60])
    inFlight.leave(1, 60)
    await turns(2)
    assert.deepEqual([order, inFlight.bytes], [['a', 'b'], 41])
  })

  it('lets nothing small pass by something large that came before', async () => {
    const { inFlight, order, enter } = setup(100, 100)
    void enter('a', 1, 60)
    void enter('large', 1, 90)
    void enter('small', 1, 1)
    assert.equal(inFlight.tryEnter(1, 1), false)
    await turns(2)
    assert.deepEqual(order, ['a'])
    inFlight.leave(1, 60)
    await turns(2)
    assert.deepEqual(order, ['a', 'large', 'small'])
  })

  it('lets in what is larger than the limit when nothing else is in flight', async () => {
    const { inFlight, order, enter } = setup(2, 100)
    void enter('a', 1, 1)
    void enter('huge', 3, 1_000)
    await turns(2)
    inFlight.leave(1, 1)
    await turns(2)
    assert.deepEqual(order, ['a', 'huge'])
  })

  it('lets go who waited too long or was called off, and those behind move up', async () => {
    const { clock, inFlight, order, enter } = setup(1, 100)
    const controller = new AbortController()
    assert.equal(inFlight.tryEnter(1, 50), true)
    void enter('large', 1, 100, { signal: controller.signal, left: 60_000, late })
    void enter('hasty', 1, 1, { signal: undefined, left: 50, late })
    void enter('last', 1, 1)
    await clock.advance(50)
    assert.deepEqual([order, inFlight.waiting], [['hasty: late'], 2])
    controller.abort(new Error('enough'))
    await turns(2)
    assert.deepEqual([order, inFlight.waiting], [['hasty: late', 'large: enough'], 1])
    inFlight.leave(1, 50)
    await turns(2)
    assert.deepEqual([order.at(-1), clock.holding], ['last', 0])
  })

  it('admits who fits behind one that gave up', async () => {
    const { clock, inFlight, order, enter } = setup(2, 100)
    assert.equal(inFlight.tryEnter(1, 50), true)
    void enter('large', 1, 100, { signal: undefined, left: 50, late })
    void enter('small', 1, 1)
    await clock.advance(50)
    assert.deepEqual([order, inFlight.messages], [['large: late', 'small'], 2])
  })

  it('sends everybody away when it closes, and lets nobody in', async () => {
    const { clock, inFlight, order, enter } = setup(1, 100)
    assert.equal(inFlight.tryEnter(1, 1), true)
    for (const name of ['a', 'b']) void enter(name, 1, 1)
    inFlight.close(() => new Error('closed'))
    inFlight.leave(1, 1)
    void enter('c', 1, 1)
    await turns(2)
    assert.deepEqual([order.sort(), inFlight.waiting, inFlight.messages, clock.armed], [['a: closed', 'b: closed', 'c: closed'], 0, 0, 0])
    assert.equal(inFlight.tryEnter(1, 1), false)
  })

  it('never has more in flight than allowed, and lets everybody in who waits, in order', async () => {
    const one = fc.record({ messages: fc.integer({ min: 1, max: 4 }), bytes: fc.integer({ min: 1, max: 60 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 30 }), async (amounts) => {
        const { inFlight } = setup(4, 60)
        const entered: number[] = []
        const all = amounts.map(async ({ messages, bytes }, index) => {
          await inFlight.enter(messages, bytes, patient)
          entered.push(index)
          assert.ok(inFlight.messages <= 4 && inFlight.bytes <= 60, `${inFlight.messages} messages, ${inFlight.bytes} bytes`)
          await new Promise<void>((resolve) => setImmediate(resolve))
          inFlight.leave(messages, bytes)
        })
        await Promise.all(all)
        assert.deepEqual(
          entered,
          amounts.map((_, index) => index),
        )
        assert.deepEqual([inFlight.messages, inFlight.bytes, inFlight.waiting], [0, 0, 0])
      }),
      { numRuns: 50 },
    )
  })
})
