import fc from 'fast-check'
import { describe, it } from 'mocha'
import { type Step, World, type WorldOptions } from './test-kit/world.ts'

const which = fc.oneof({ weight: 4, arbitrary: fc.nat(5) }, fc.nat(1_000))
const client = fc.constantFrom('c1', 'c2')
const group = fc.constantFrom('plain' as const, 'ordered' as const)
const seconds = (...choices: readonly number[]): fc.Arbitrary<number> => fc.constantFrom(...choices.map((count) => count * 1_000))

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      tag: fc.constantFrom('a' as const, 'b' as const),
      messageGroup: fc.constantFrom('x', 'y', undefined),
      delay: seconds(0, 0, 1, 7),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('receive' as const),
      group,
      client,
      max: fc.integer({ min: 1, max: 4 }),
      wait: seconds(0, 0, 5, 20),
      invisible: seconds(2, 10),
      autoRenew: fc.boolean(),
      attemptId: fc.constantFrom(undefined, 'r1', 'r2'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('ack' as const, 'ack' as const, 'dead-letter' as const),
      handle: which,
      elsewhere: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      handle: which,
      duration: seconds(1, 4, 30),
      suspend: fc.boolean(),
      error: fc.constantFrom(undefined, 'no', 'never'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forge' as const), handle: which, at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), receive: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), client }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('configure' as const),
      group,
      maxAttempts: fc.integer({ min: 1, max: 4 }),
      paused: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const), group, target: fc.constantFrom('first' as const, 'last' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), by: seconds(1, 2, 5, 10, 70) }) },
)

const long = process.env['FEATHERMQ_LONG'] === '1'

async function play(world: World, steps: readonly Step[]): Promise<void> {
  await world.start()
  for (const one of steps) await world.step(one)
  await world.drain()
}

describe('delivery, against a model, loses nothing, invents nothing, keeps order and attempts, refuses every stale handle, and lets nobody wait', () => {
  const check = (name: string, options: WorldOptions, steps: fc.Arbitrary<Step>, numRuns = 400): void => {
    it(name, async () => {
      const many = fc.array(steps, { maxLength: 120, size: 'max' })
      await fc.assert(
        fc.asyncProperty(many, (some) => play(new World(options), some)),
        { numRuns: long ? 50 * numRuns : numRuns },
      )
    }).timeout(long ? 3_600_000 : 60_000)
  }

  check('while its messages are in memory', {}, step)
  check('while its messages have to be read, and are durable a little later', { slow: true }, step)

  const killed = fc.oneof({ weight: 12, arbitrary: step }, fc.constant<Step>({ do: 'restart' }), fc.constant<Step>({ do: 'snapshot' }))
  check('while it is killed again and again', { durable: true }, killed)
  check('while it is killed again and again, and its messages have to be read', { slow: true, durable: true }, killed)
  check('while its messages are on a disk', { onDisk: true }, step, 100)
  check('while it is killed again and again, and its messages are on a disk', { onDisk: true, durable: true }, killed, 50)
})
