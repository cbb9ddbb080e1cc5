/**
 * CPU per encoded and decoded message: this codec, protobufjs and google-protobuf.
 *
 *   node --import tsx --conditions=feathermq-source proto/bench/codec.bench.ts [--rounds 5] [--iterations 200000] [--json FILE]
 *
 * Each round measures every library once, each in a fresh process, so that noise of the machine hits all of them. The table shows medians, their spread
 * (lowest to highest round) and, round by round, how many times dearer the peers are than this codec as broker and client use it: with views. Absolute
 * figures are of this machine and moment; ratios are what to look at. The floors are for a message on its whole way, encoded once and read once: a library
 * that decodes lazily, or encodes lazily, must not look better than it is. Ends with an error when a floor does not hold.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Figures, type Operation, operations } from './codec-worker.ts'
import { codecs } from './codecs.ts'

/** How many times dearer a peer is at least, median of the rounds. */
const floors: Readonly<Record<string, number>> = { protobufjs: 2.5, 'google-protobuf': 6 }

interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** What is measured, and what is added up from that. The floors hold for sums. */
interface Line {
  readonly what: string
  readonly operations: readonly Operation[]
}

const lines: readonly Line[] = [
  ...operations.map((operation) => ({ what: operation, operations: [operation] })),
  { what: 'SendMessageRequest, there and back', operations: ['encode SendMessageRequest', 'decode SendMessageRequest'] },
  { what: 'ReceiveMessageResponse, there and back', operations: ['encode ReceiveMessageResponse', 'decode ReceiveMessageResponse'] },
]

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, iterations: { type: 'string', default: '200000' }, json: { type: 'string' } },
})
const rounds = Number(values.rounds)
const names = Object.keys(codecs)
const [ours = ''] = names

const figures = new Map<string, Figures[]>(names.map((name) => [name, []]))
for (let round = 0; round < rounds; round += 1) {
  for (const name of round % 2 === 0 ? names : [...names].reverse()) figures.get(name)?.push(await measure(name, values.iterations))
}

const results = lines.map((line) => ({
  what: line.what,
  unit: 'ns of CPU per message',
  costs: names.map((who) => ({ who, cost: spread(of(who, line)) })),
  ratios: Object.entries(floors).map(([peer, floor]) => {
    const own = of(ours, line)
    const ratio = spread(of(peer, line).map((theirs, round) => theirs / (own[round] ?? Number.NaN)))
    return { peer, ratio, ...(line.operations.length > 1 ? { floor } : {}) }
  }),
}))

console.log(`Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model.trim()}), ${rounds} interleaved rounds; median (lowest–highest)\n`)
const head = ['ns of CPU per message', ...names, ...Object.keys(floors).map((peer) => `times cheaper than ${peer}`)]
const rows = results.map(({ what, costs, ratios }) => [
  what,
  ...costs.map(({ cost }) => show(cost, 0)),
  ...ratios.map(({ ratio, floor }) => `${show(ratio, 1)}${floor === undefined ? '' : `, floor ${floor}`}`),
])
for (const row of [head, head.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`)

if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`)
for (const { what, ratios } of results) {
  for (const { peer, ratio, floor = 0 } of ratios) {
    if (ratio.median >= floor) continue
    console.error(`FLOOR BROKEN: ${what}: ${ratio.median.toFixed(2)} times cheaper than ${peer}; the floor is ${floor}`)
    process.exitCode = 1
  }
}

function of(name: string, line: Line): number[] {
  return (figures.get(name) ?? []).map((figure) => line.operations.reduce((sum, operation) => sum + figure[operation], 0))
}

async function measure(name: string, iterations: string): Promise<Figures> {
  const child = fork(fileURLToPath(new URL('./codec-worker.ts', import.meta.url)), [name, iterations])
  const answer = once(child, 'message')
  const exit = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the process of ${name} ended with ${code} before it answered`)))
  exit.catch(() => {})
  const [result] = (await Promise.race([answer, exit])) as [Figures]
  child.disconnect()
  return result
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
  return { median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 }
}

function show({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`
}
