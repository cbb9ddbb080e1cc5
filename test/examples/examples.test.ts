import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'mocha'
import { requireEnvoy } from '../mesh/support/envoy.ts'
import { type Child, describeEnd, type Ended, expectSuccess, start } from '../support/child.ts'
import { root } from '../support/repository.ts'

function example(path: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Child {
  // As users run them: against what was built.
  return start(process.execPath, ['--import', 'tsx', join(root, 'examples', path), ...args], { cwd: root, env, timeout: 60_000 })
}

/** Cells of the table's row that begins with `first`. */
function row(output: string, first: string): readonly string[] {
  const line = output.split('\n').find((candidate) => candidate.trim().split(/\s+/)[0] === first)
  return line?.trim().split(/\s+/) ?? []
}

describe('the examples', () => {
  it('are all tested here', () => {
    const folders = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== 'node_modules',
    )
    assert.deepEqual(folders.map(({ name }) => name).sort(), ['mesh', 'quickstart', 'support', 'tracing'])
  })

  it('quickstart handles the message that it sent', async () => {
    const end = await example('quickstart/quickstart.ts').ended
    expectSuccess('quickstart', end)
    const [, id = 'none'] = /^sent\s+([0-9A-F]{34})$/m.exec(end.stdout) ?? []
    assert.match(end.stdout, new RegExp(`^handled\\s+${id}: "one tea, please", attempt 1$`, 'm'))
  }).timeout(60_000)

  it('tracing draws the handler below the send, and what the handler does below that', async () => {
    const end = await example('tracing/tracing.ts').ended
    expectSuccess('tracing', end)
    const indents = ['POST /orders', 'send orders', 'process orders', 'charge the card'].map((name) =>
      end.stdout.split('\n').find((line) => line.includes(name)),
    )
    const depths = indents.map((line) => line?.indexOf('└') ?? -1)
    assert.deepEqual(depths, [2, 4, 6, 8], end.stdout)
  }).timeout(60_000)
})

describe('the demo of "npm start"', () => {
  let envoyPath: string
  before(async function () {
    envoyPath = await requireEnvoy(this)
  })

  it('ends with 0 when asked to run once, and its figures are right', async () => {
    const end = await example('mesh/demo.ts', ['--once'], { ENVOY_BIN: envoyPath }).ended
    expectSuccess('the demo', end)
    assert.deepEqual(row(end.stdout, 'orders'), ['orders', 'normal', '5', '5', '0', '5', '6'])
    assert.deepEqual(row(end.stdout, 'orders-eu'), ['orders-eu', 'normal', '3', '3', '0', '3', '3'])
    assert.deepEqual(row(end.stdout, 'payments'), ['payments', 'fifo', '6', '0', '6', '6', '6'])
    assert.deepEqual(row(end.stdout, 'payments-refunds'), ['payments-refunds', 'delayed', '2', '0', '2', '2', '2'])
    assert.match(end.stdout, /^ +send +payments +- +20000 +6$/m)
    assert.match(end.stdout, /process orders .* attempt 1, failed\n.*process orders .* attempt 2\n/)
  }).timeout(90_000)

  it('stays up until Ctrl-C, then drains and ends with 0', async () => {
    const demo = example('mesh/demo.ts', [], { ENVOY_BIN: envoyPath })
    await demo.line((line) => line.includes('Ctrl-C'))
    demo.process.kill('SIGINT')
    const end = await demo.ended
    expectSuccess('the demo', end)
    assert.match(end.stdout, /Draining/)
  }).timeout(90_000)

  const nowhere = { ENVOY_BIN: join(root, 'no', 'such', 'envoy') }

  it('says why there is no Envoy, runs the rest, and ends with 1 when asked to run once', async () => {
    const end: Ended = await example('mesh/demo.ts', ['--once'], nowhere).ended
    assert.equal(end.code, 1, `the demo ${describeEnd(end)}\n${end.stdout}${end.stderr}`)
    assert.match(end.stdout, /sidecar +none\. ENVOY_BIN is .*which does not answer/)
    assert.deepEqual(row(end.stdout, 'payments'), ['payments', 'fifo', '6', '6', '0', '6', '6'])
    assert.doesNotMatch(end.stderr, /WRONG/)
  }).timeout(90_000)
})
