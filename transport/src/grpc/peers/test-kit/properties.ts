import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { systemClock } from '../../../clock.ts'
import type { Runner } from '../../../testing/conformance/harness.ts'
import { narrowHabits, type Pairing, play, type Scenario, type Sort, STANDSTILL, scenarios, strictHabits, wideHabits } from './bench.ts'
import { coarseCuts, fineCuts } from './cutting-proxy.ts'
import { materialIsUntouched } from './material.ts'
import { largeCall, shakyCall, tinyCall, wideCall, wordyCall } from './plan.ts'

const long = process.env['FEATHERMQ_LONG'] === '1'
/** Given, or set by scripts/test-seed.mjs. */
export const seed: number = Number(process.env['FEATHERMQ_SEED'])

/** Each property gets so much time, ms, and at least one scenario, however slow the machine is: the rest is for another run. */
const TIME: number = long ? 20_000 : 600
const RUNS: number = long ? 2_000 : 25

const uncut = fc.constant(undefined)
const sometimes = fc.oneof(uncut, coarseCuts)

export const sorts: readonly (readonly [behaviour: string, sort: Sort])[] = [
  [
    'carries headers, trailers and statuses of all kinds letter by letter',
    { call: wordyCall, leastCalls: 1, mostCalls: 8, habits: strictHabits, cuts: sometimes },
  ],
  [
    'carries messages of all sizes byte by byte, in all four kinds of call',
    { call: wideCall, leastCalls: 1, mostCalls: 4, habits: wideHabits, cuts: sometimes },
  ],
  ['carries messages up to 8 MiB', { call: largeCall, leastCalls: 1, mostCalls: 2, habits: wideHabits, cuts: uncut }],
  [
    'keeps many calls on one connection apart, whoever pauses, resumes and breaks off',
    { call: shakyCall, leastCalls: 8, mostCalls: 40, habits: wideHabits, cuts: sometimes },
  ],
  [
    'reads what comes in segments of any size, down to single bytes, through windows of any size',
    { call: tinyCall, leastCalls: 1, mostCalls: 3, habits: narrowHabits, cuts: fineCuts },
  ],
]

/** The same properties for every pair of ends. */
export function properties({ client, server }: Pairing, { describe, it }: Runner): void {
  describe(`client ${client}, server ${server} (seed ${seed})`, () => {
    for (const [behaviour, sort] of sorts) {
      it(behaviour, async function (this: { timeout?(ms: number): void }) {
        this.timeout?.(TIME + 2 * STANDSTILL)
        const until = systemClock.monotonic() + TIME
        let played = 0
        const property = fc.asyncProperty(scenarios(sort), async (scenario: Scenario) => {
          if (played > 0 && systemClock.monotonic() > until) return
          played += 1
          await play({ client, server }, scenario)
        })
        await fc.assert(property, { seed, numRuns: RUNS, endOnFailure: true })
        assert.ok(materialIsUntouched(), 'somebody wrote into a message')
      } as () => Promise<void>)
    }
  })
}
