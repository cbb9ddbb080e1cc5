import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Time } from '../store/memory-queues.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { SlowStore } from '../store/test-kit/slow-store.ts'
import { type Step, World } from './test-kit/world.ts'

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
  { weight: 3, arbitrary: fc.record({ do: fc.constant('change' as const), handle: which, duration: seconds(1, 4, 30), suspend: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forge' as const), handle: which, at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), receive: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), client }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('configure' as const), group, maxAttempts: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), by: seconds(1, 2, 5, 10, 70) }) },
)

const long = process.env['FEATHERMQ_LONG'] === '1'

describe('delivery, against a model', () => {
  const stores = {
    'whose messages are in memory': (time: Time) => new MemoryStore(time),
    'whose messages have to be read, and are durable a little later': (time: Time) => new SlowStore(new MemoryStore(time)),
  }
  for (const [name, storeOf] of Object.entries(stores)) {
    it(`loses nothing, invents nothing, keeps order and attempts, refuses every stale handle, and lets nobody wait for what is there: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), async (steps) => {
          const world = new World(storeOf)
          for (const one of steps) await world.step(one)
          await world.drain()
        }),
        { numRuns: long ? 20_000 : 400 },
      )
    }).timeout(long ? 3_600_000 : 60_000)
  }
})
