import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Flush } from '../log/segments/segment-writer.ts'
import { StoreModel } from './test-kit/store-model.ts'

const long = process.env['FEATHERMQ_LONG'] === '1'

type Command = (model: StoreModel) => Promise<void> | void
const named = (name: string, run: Command): Command => Object.assign(run, { toString: () => name })

const append = fc
  .record({
    topic: fc.nat(1),
    messageGroup: fc.constantFrom(undefined, 'x', 'y'),
    size: fc.constantFrom(0, 100, 5_000, 700_000, 2_500_000),
    count: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ topic, messageGroup, size, count }) =>
    named(`append(${topic}, ${messageGroup}, ${size}, ${count})`, (model) => model.append(topic, messageGroup, size, count)),
  )
/** In this moment nothing else happens: what was appended is being written when the next command comes. */
const together = fc.array(append, { minLength: 2, maxLength: 3 }).map((some) =>
  named(`together(${some.join(', ')})`, async (model) => {
    for (const one of some) await one(model)
  }),
)
const read = fc.constant(named('read', (model) => model.check()))
const hold = fc
  .record({ topic: fc.nat(1), queue: fc.nat(1), offset: fc.nat(30) })
  .map(({ topic, queue, offset }) => named(`hold(${topic}, ${queue}, ${offset})`, (model) => model.hold(topic, queue, offset)))
const release = fc.nat(5).map((at) => named(`release(${at})`, (model) => model.release(at)))
const retain = fc.constantFrom(0, 10, 40, 80).map((hours) => named(`retain(${hours})`, (model) => model.retain(hours)))
const dropTopic = fc.nat(1).map((at) => named(`dropTopic(${at})`, (model) => model.dropTopic(at)))
const stop = fc.constant(named('stop', (model) => model.stop()))
const crash = fc.constantFrom('kill' as const, 'power' as const).map((kind) => named(`crash(${kind})`, ({ world }) => world.disk.crash(kind)))
const crashIn = fc
  .record({
    kind: fc.constantFrom('kill' as const, 'power' as const),
    path: fc.constantFrom('', '.log', '.idx', 'spare'),
    skip: fc.nat(25),
  })
  .map(({ kind, path, skip }) =>
    named(`crashIn(${kind}, ${path}, ${skip})`, ({ world }) => void world.disk.fault({ path, skip, times: 1 }, { crash: kind })),
  )
const fail = fc
  .record({
    operation: fc.constantFrom('sync' as const, 'write' as const, 'create' as const, 'rename' as const, 'remove' as const, 'syncFolder' as const),
    code: fc.constantFrom('EIO', 'ENOSPC'),
    skip: fc.nat(4),
    torn: fc.boolean(),
  })
  .map(({ operation, code, skip, torn }) =>
    named(`fail(${operation}, ${code}, ${skip})`, ({ world }) => void world.disk.fault({ operation, skip, times: 1 }, { fail: code, torn })),
  )
const retry = fc.constant(named('retry', ({ world }) => world.clock.advance(1_000)))

const command = fc.oneof(
  { weight: 8, arbitrary: append },
  { weight: 2, arbitrary: together },
  { weight: 3, arbitrary: read },
  { weight: 2, arbitrary: hold },
  { weight: 1, arbitrary: release },
  { weight: 2, arbitrary: retain },
  { weight: 1, arbitrary: dropTopic },
  { weight: 1, arbitrary: stop },
  { weight: 1, arbitrary: crash },
  { weight: 2, arbitrary: crashIn },
  { weight: 2, arbitrary: fail },
  { weight: 1, arbitrary: retry },
)

describe('a durable store, against a model', () => {
  const check = (name: string, flush: Flush, numRuns: number): void => {
    it(name, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), fc.array(command, { maxLength: 60, size: 'max' }), async (seed, commands) => {
          const model = new StoreModel(seed, flush)
          await model.open()
          for (const run of commands) {
            await model.alive(() => run(model))
            await model.settle()
          }
          model.world.disk.heal()
          await model.check()
          await model.stop()
          assert.deepEqual(model.world.disk.misuses, [])
        }),
        { numRuns },
      )
    }).timeout(long ? 3_600_000 : 120_000)
  }

  const runs = long ? 4_000 : 40
  check('keeps every message that was acknowledged, at its offset and whole, and invents none, whatever ends the process or fails', 'commit', runs)
  check('loses none without a loss of power, and invents none with one, while senders do not wait for the disk', 'os', runs / 4)
  check('does the same while it is synced every second', { interval: 1_000 }, runs / 4)
})
