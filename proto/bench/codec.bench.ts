/**
 * CPU per encoded and decoded message: this codec, protobufjs and google-protobuf.
 *
 *   node --import tsx --conditions=feathermq-source proto/bench/codec.bench.ts [--rounds 5] [--iterations 200000] [--json FILE]
 *
 * Each round measures every library once, each in a fresh process, so that noise of the machine hits all of them. The table shows medians, their spread
 * (lowest to highest round) and, round by round, how many times dearer the peers are. Absolute figures are of this machine and moment; ratios are what to
 * look at. Ends with an error when a floor does not hold.
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

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, iterations: { type: 'string', default: '200000' }, json: { type: 'string' } },
})
const rounds = Number(values.rounds)
const names = Object.keys(codecs)
const peers = Object.keys(floors)
const ours = names.filter((name) => !peers.includes(name))

const figures = new Map<string, Figures[]>(names.map((name) => [name, []]))
for (let round = 0; round < rounds; round += 1) {
  for (const name of round % 2 === 0 ? names : [...names].reverse()) figures.get(name)?.push(await measure(name, values.iterations))
}

const results = operations.map((operation) => ({
  what: operation,
  unit: 'ns of CPU per message',
  costs: names.map((who) => ({ who, cost: spread(of(who, operation)) })),
  ratios: ours.flatMap((who) =>
    peers.map((peer) => {
      const own = of(who, operation)
      return { who, peer, ratio: spread(of(peer, operation).map((theirs, round) => theirs / (own[round] ?? Number.NaN))), floor: floors[peer] }
    }),
  ),
}))

console.log(`Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model.trim()}), ${rounds} interleaved rounds; median (lowest–highest)\n`)
console.log(`| ns of CPU per message | ${names.join(' | ')} |\n|---|${names.map(() => '---').join('|')}|`)
for (const { what, costs } of results) console.log(`| ${what} | ${costs.map(({ cost }) => show(cost, 0)).join(' | ')} |`)
console.log(`\n| times cheaper than | ${ours.flatMap((who) => peers.map((peer) => `${peer}: ${who}`)).join(' | ')} |`)
console.log(`|---|${ours.flatMap(() => peers.map(() => '---')).join('|')}|`)
for (const { what, ratios } of results) console.log(`| ${what} | ${ratios.map(({ ratio }) => show(ratio, 1)).join(' | ')} |`)

if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ node: process.version, rounds, results }, undefined, 2)}\n`)
for (const { what, ratios } of results) {
  for (const { who, peer, ratio, floor = 0 } of ratios) {
    if (ratio.median >= floor) continue
    console.error(`FLOOR BROKEN: ${what}: ${who} is ${ratio.median.toFixed(2)} times cheaper than ${peer}; the floor is ${floor}`)
    process.exitCode = 1
  }
}

function of(name: string, operation: Operation): number[] {
  return (figures.get(name) ?? []).map((figure) => figure[operation])
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
