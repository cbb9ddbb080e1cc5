// The programme of `npm run bench`: see scripts/bench.mjs for its options.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../support/repository.ts'
import { clients } from './clients.ts'
import { fairness } from './fairness.ts'
import { filter } from './filter.ts'
import { codec, transport } from './programmes.ts'
import { brokenFloors, type Result } from './result.ts'
import { rocketmq } from './rocketmq.ts'
import { type Comparison, compare } from './rounds.ts'
import { type Scaling, scaling } from './scaling.ts'
import { circumstances, type Section, tables, update } from './table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    among: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    write: { type: 'boolean' },
  },
})
const rounds = values.quick === true ? 1 : Number(values.rounds)
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: a whole number from 1`)
if (values.write === true && rounds < 5) throw new Error('--write needs at least 5 rounds: a table of fewer says nothing about its spread')
const scale = values.quick === true ? 0.1 : 1
const words = values.among === undefined ? [] : values.among.split(',')
if (words.length > 0 && (values.only !== 'rocketmq' || values.write === true))
  throw new Error('--among goes with --only rocketmq and without --write')
const messages = (count: number) => Math.ceil(count * scale)
const log = (line: string) => console.log(`  ${line}`)

const shared = { bodyBytes: 1_024, transport: 'http2' } as const
const sends: readonly Comparison[] = [
  {
    what: 'send 1 KiB, 64 in flight',
    task: { ...shared, what: 'send', inFlight: 64, count: messages(16_000) },
    warmUp: { ours: messages(64_000), official: messages(8_000) },
  },
  {
    what: 'send 1 KiB, 1 in flight',
    task: { ...shared, what: 'send', inFlight: 1, count: messages(4_000) },
    warmUp: { ours: messages(16_000), official: messages(4_000) },
  },
]
const receiving = {
  task: { ...shared, what: 'receive', inFlight: 1, count: messages(16_000) },
  warmUp: { ours: messages(96_000), official: messages(16_000) },
  floor: 4,
} as const
const receives: readonly Comparison[] = [
  { what: 'receive 32 and acknowledge each, 1 KiB', ...receiving },
  { ...receiving, what: 'receive 32 and acknowledge each, 1 KiB, SDK and broker on grpc-js', task: { ...receiving.task, transport: 'grpc-js' } },
]

async function compareAll(comparisons: readonly Comparison[]): Promise<Result[]> {
  const results: Result[] = []
  for (const comparison of comparisons) results.push(await compare(comparison, rounds, log))
  return results
}

/** What `scaling` has to say beside results with bounds. */
let scaled: Scaling | undefined

const benchmarks: Readonly<Record<string, () => Promise<readonly Result[]>>> = {
  codec: () => codec({ rounds, iterations: messages(200_000) }),
  transport: () => transport({ rounds, scale }),
  send: () => compareAll(sends),
  receive: () => compareAll(receives),
  fairness: () => fairness({ rounds, count: messages(300), log }),
}
/** Those that take too long to be asked for in passing, and the part of the page that is theirs. */
const alone: Readonly<Record<string, { readonly section: Section; readonly run: () => Promise<readonly Result[]> }>> = {
  rocketmq: { section: 'bench-rocketmq', run: () => rocketmq({ rounds, among: words, messages, log }) },
  filter: { section: 'bench-filter', run: () => filter({ rounds, messages, log }) },
  clients: { section: 'bench-clients', run: () => clients({ rounds, messages, log }) },
  scaling: {
    section: 'bench-scaling',
    async run() {
      scaled = await scaling({ rounds, sizes: values.quick === true ? 'quick' : values.full === true ? 'full' : 'usual', log })
      return scaled.results
    },
  },
}
const single = values.only === undefined ? undefined : alone[values.only]
if (values.write === true && values.only !== undefined && single === undefined) throw new Error('--write needs all benchmarks: drop --only')
const names = values.only === undefined ? Object.keys(benchmarks) : [values.only]
const results: Result[] = []
for (const name of names) {
  const benchmark = benchmarks[name] ?? alone[name]?.run
  if (benchmark === undefined) throw new Error(`--only ${name}: there are ${Object.keys({ ...benchmarks, ...alone }).join(', ')}`)
  console.log(`${name}:`)
  results.push(...(await benchmark()))
}

const when = { rounds, date: new Date().toISOString().slice(0, 10) }
const text = [...(scaled === undefined ? [] : [circumstances(when), scaled.text]), ...(results.length === 0 ? [] : [tables(results, when)])].join(
  '\n\n',
)
console.log(`\n${text}\n`)
const broken = values.quick === true ? [] : brokenFloors(results)
for (const sentence of broken) console.error(`FLOOR BROKEN: ${sentence}`)
if (values.write === true) {
  const page = join(root, 'docs/benchmarks.md')
  writeFileSync(page, update(readFileSync(page, 'utf8'), text, single?.section ?? 'bench'))
  if (scaled !== undefined) {
    const folder = join(root, 'docs/plots')
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    for (const [name, plot] of scaled.plots) writeFileSync(join(folder, name), plot)
  }
  console.log('docs/benchmarks.md is written.')
}
process.exitCode = broken.length > 0 ? 1 : 0
