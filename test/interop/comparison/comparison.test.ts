import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, describe, it } from 'mocha'
import { defects } from '../../../sdk/src/testing-internal/defects.ts'
import { closing } from './closing.ts'
import { consuming } from './consuming.ts'
import { type Outcome, type Outcomes, page } from './page.ts'
import type { Scenario } from './scenario.ts'
import { sending } from './sending.ts'
import { stage } from './stage.ts'
import { starting } from './starting.ts'

const scenarios: readonly Scenario[] = [...starting, ...sending, ...consuming, ...closing]
const recording = process.env['FEATHERMQ_RECORD'] === '1'
const file = new URL('outcomes.json', import.meta.url)
const written = new URL('../../../docs/comparison.md', import.meta.url)
const recorded = (): Outcomes => JSON.parse(readFileSync(file, 'utf8'))

async function play({ tls, serve, ...scenario }: Scenario): Promise<Outcome> {
  const side = async (who: 'official' | 'ours') => {
    await using on = await stage(tls)
    serve?.(on)
    return await scenario[who](on)
  }
  return { official: await side('official'), ours: await side('ours') }
}

/** Most of the time is spent in waiting for what does not happen, so that several are played at a time. */
const AT_A_TIME = 6

describe('what happens to the official Node client 1.0.8, and to ours', function () {
  this.timeout(120_000)
  const played = new Map<string, Promise<Outcome>>()
  const waiting = [...scenarios]
  const lane = async () => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) await begun(scenario).catch(() => {})
  }
  const begun = (scenario: Scenario): Promise<Outcome> => {
    const known = played.get(scenario.name)
    if (known !== undefined) return known
    const playing = play(scenario)
    played.set(scenario.name, playing)
    return playing
  }
  let lanes: Promise<unknown> | undefined

  for (const scenario of scenarios) {
    it(`${scenario.name}: as recorded`, async () => {
      lanes ??= Promise.all(Array.from({ length: AT_A_TIME }, lane))
      await Promise.race([lanes, begun(scenario)])
      const outcome = await begun(scenario)
      if (recording) return
      assert.deepEqual(outcome, recorded()[scenario.name])
    })
  }

  after('write down what was played', async () => {
    if (!recording) return
    const outcomes: Record<string, Outcome> = {}
    for (const { name } of scenarios) outcomes[name] = await begun({ name } as Scenario)
    writeFileSync(file, `${JSON.stringify(outcomes, null, 2)}\n`)
    writeFileSync(written, page(outcomes))
  })
})

describe('docs/comparison.md', () => {
  it('is what the recorded outcomes and the table of defects make, and every scenario is recorded', () => {
    assert.equal(readFileSync(written, 'utf8'), page(recorded()))
    assert.deepEqual(
      Object.keys(recorded()),
      scenarios.map(({ name }) => name),
    )
  })

  it('shows each defect that is said to have a scenario in one', () => {
    const names = defects.flatMap(([, rows]) => rows.flatMap(({ scenario }) => (scenario === undefined ? [] : [scenario])))
    assert.deepEqual(
      names.filter((name) => recorded()[name] === undefined),
      [],
    )
  })
})
