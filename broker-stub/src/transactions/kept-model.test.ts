import fc from 'fast-check'
import { describe, it } from 'mocha'
import { KeptModel, type Resolution } from './test-kit/kept-model.ts'

const RUNS = process.env['FEATHERMQ_LONG'] === '1' ? 20_000 : 100

type Command = (model: KeptModel) => Promise<void> | void
const named = (name: string, run: Command): Command => Object.assign(run, { toString: () => name })

const begin = fc.record({ size: fc.constantFrom(10, 10, 10, 50_000, 2_500_000), count: fc.integer({ min: 1, max: 3 }) }).map(({ size, count }) =>
  named(`begin(${size}, ${count})`, async (model) => {
    for (let n = 0; n < count; n++) await model.begin(size)
  }),
)
const resolution = fc.constantFrom<Resolution>('COMMIT', 'COMMIT', 'ROLLBACK')
const end = fc
  .record({ at: fc.nat(5), resolutions: fc.array(resolution, { minLength: 1, maxLength: 2 }) })
  .map(({ at, resolutions }) => named(`end(${at}, ${resolutions})`, (model) => model.end(at, resolutions)))
const delay = fc.constantFrom(500, 2_000, 20_000, 3_700_000).map((ms) => named(`delay(${ms})`, (model) => model.delay(ms)))
const recall = fc.nat(4).map((at) => named(`recall(${at})`, (model) => model.recall(at)))
const read = fc.constant(named('read', async (model) => void (await model.read())))
const advance = fc.constantFrom(10, 500, 1_100, 6_000, 31_000).map((ms) => named(`advance(${ms})`, (model) => model.advance(ms)))
const stop = fc.constant(named('stop', (model) => model.stop()))
const kind = fc.constantFrom('kill' as const, 'power' as const)
const crash = kind.map((how) => named(`crash(${how})`, (model) => model.crash(how)))
const crashIn = fc
  .record({ how: kind, path: fc.constantFrom('', '/log/', '/index/', '/timed/', '/timed/'), skip: fc.nat(12) })
  .map(({ how, path, skip }) =>
    named(`crashIn(${how}, ${path}, ${skip})`, ({ world }) => void world.disk.fault({ path, skip, times: 1 }, { crash: how })),
  )
const fail = fc
  .record({
    operation: fc.constantFrom('sync' as const, 'write' as const, 'create' as const),
    path: fc.constantFrom('/log/', '/timed/'),
    code: fc.constantFrom('EIO', 'ENOSPC'),
    skip: fc.nat(3),
  })
  .map(({ operation, path, code, skip }) =>
    named(`fail(${operation}, ${path}, ${code}, ${skip})`, (model) => {
      model.trouble()
      model.world.disk.fault({ operation, path, skip, times: 1 }, { fail: code })
    }),
  )

const command = fc.oneof(
  { weight: 8, arbitrary: begin },
  { weight: 8, arbitrary: end },
  { weight: 4, arbitrary: delay },
  { weight: 6, arbitrary: recall },
  { weight: 3, arbitrary: read },
  { weight: 4, arbitrary: advance },
  { weight: 1, arbitrary: stop },
  { weight: 2, arbitrary: crash },
  { weight: 3, arbitrary: crashIn },
  { weight: 1, arbitrary: fail },
)

describe('transactions and recalls of a durable broker, against producers that keep books', () => {
  it('show nothing before its commit, everything once after it, nothing that was rolled back or recalled, whatever ends the broker', async () => {
    const all = { committed: 0, rolledBack: 0, recalled: 0, checks: 0, seen: 0, crashes: 0 }
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(command, { maxLength: 40, size: 'max' }), async (seed, commands) => {
        const model = new KeptModel(seed)
        try {
          for (const run of commands) await model.alive(() => run(model))
          await model.finish()
        } finally {
          await model.close()
        }
        for (const name of ['committed', 'rolledBack', 'recalled', 'checks', 'seen'] as const) all[name] += model.counts[name]
        all.crashes += model.world.disk.crashes
      }),
      { numRuns: RUNS },
    )
    for (const [what, count] of Object.entries(all)) if (count < RUNS / 2) throw new Error(`${what}: ${count}, hardly any: the runs prove nothing`)
  }).timeout(RUNS * 5_000)
})
