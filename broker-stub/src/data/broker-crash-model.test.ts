import fc from 'fast-check'
import { describe, it } from 'mocha'
import { BrokerModel, type GroupName } from './test-kit/broker-model.ts'

const RUNS = process.env['FEATHERMQ_LONG'] === '1' ? 100_000 : 2_000

type Command = (model: BrokerModel) => Promise<void> | void
const named = (name: string, run: Command): Command => Object.assign(run, { toString: () => name })

const group = fc.constantFrom<GroupName>('billing', 'ledger')
const send = fc
  .record({ messageGroup: fc.constantFrom(undefined, 'x', 'y'), delay: fc.constantFrom(0, 0, 0, 700, 20_000), count: fc.integer({ min: 1, max: 4 }) })
  .map(({ messageGroup, delay, count }) =>
    named(`send(${messageGroup}, ${delay}, ${count})`, async (model) => {
      for (let n = 0; n < count; n++) await model.send(messageGroup, delay)
    }),
  )
const receive = fc
  .record({ of: group, max: fc.integer({ min: 1, max: 6 }), invisible: fc.constantFrom(10_000, 30_000) })
  .map(({ of, max, invisible }) => named(`receive(${of}, ${max}, ${invisible})`, async (model) => void (await model.receive(of, max, invisible))))
const acknowledge = fc
  .record({ of: group, at: fc.nat(5) })
  .map(({ of, at }) => named(`acknowledge(${of}, ${at})`, (model) => model.acknowledge(of, at)))
const change = fc
  .record({ of: group, at: fc.nat(5), invisible: fc.constantFrom(10_000, 40_000) })
  .map(({ of, at, invisible }) => named(`change(${of}, ${at}, ${invisible})`, (model) => model.change(of, at, invisible)))
const deadLetter = fc.nat(5).map((at) => named(`deadLetter(${at})`, (model) => model.deadLetter(at)))
const wrongHandle = fc
  .record({ at: fc.nat(20), word: fc.nat(9) })
  .map(({ at, word }) => named(`wrongHandle(${at}, ${word})`, (model) => model.wrongHandle(at, word)))
const advance = fc.constantFrom(10, 500, 1_100, 3_000, 10_050, 31_000).map((ms) => named(`advance(${ms})`, (model) => model.advance(ms)))
const stop = fc.constant(named('stop', (model) => model.stop()))
const kind = fc.constantFrom('kill' as const, 'power' as const)
const crash = kind.map((how) => named(`crash(${how})`, (model) => model.crash(how)))
const crashIn = fc
  .record({ how: kind, path: fc.constantFrom('', '/log/', '/state/', '/index/', '/timed/'), skip: fc.nat(20) })
  .map(({ how, path, skip }) =>
    named(`crashIn(${how}, ${path}, ${skip})`, ({ world }) => void world.disk.fault({ path, skip, times: 1 }, { crash: how })),
  )
const fail = fc
  .record({
    operation: fc.constantFrom('sync' as const, 'write' as const, 'writeNow' as const, 'create' as const, 'rename' as const, 'syncFolder' as const),
    code: fc.constantFrom('EIO', 'ENOSPC'),
    skip: fc.nat(3),
  })
  .map(({ operation, code, skip }) =>
    named(`fail(${operation}, ${code}, ${skip})`, (model) => {
      model.trouble()
      model.world.disk.fault({ operation, skip, times: 1 }, { fail: code })
    }),
  )

const command = fc.oneof(
  { weight: 8, arbitrary: send },
  { weight: 8, arbitrary: receive },
  { weight: 6, arbitrary: acknowledge },
  { weight: 2, arbitrary: change },
  { weight: 1, arbitrary: deadLetter },
  { weight: 3, arbitrary: wrongHandle },
  { weight: 4, arbitrary: advance },
  { weight: 1, arbitrary: stop },
  { weight: 2, arbitrary: crash },
  { weight: 2, arbitrary: crashIn },
  { weight: 1, arbitrary: fail },
)

describe('a durable broker, against clients that keep books', () => {
  it('loses no message that was acknowledged, invents none, is never early, keeps order, counts attempts, and refuses every wrong handle, whatever ends it', async () => {
    const all = { delivered: 0, acknowledged: 0, refusedHandles: 0, crashes: 0 }
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(command, { maxLength: 40, size: 'max' }), async (seed, commands) => {
        const model = new BrokerModel(seed)
        try {
          for (const run of commands) await model.alive(() => run(model))
          await model.finish()
        } finally {
          await model.close()
        }
        for (const name of ['delivered', 'acknowledged', 'refusedHandles'] as const) all[name] += model.counts[name]
        all.crashes += model.world.disk.crashes
      }),
      { numRuns: RUNS },
    )
    for (const [what, count] of Object.entries(all)) if (count < RUNS / 2) throw new Error(`${what}: ${count}, hardly any: the runs prove nothing`)
  }).timeout(RUNS * 1_000)
})
