/**
 * CPU per unary call of each transport, server and client in processes of their own.
 *
 *   node --import tsx -C feathermq-source transport/bench/unary.bench.ts [--rounds 5] [--calls 10000] [--in-flight 1,64] [--json FILE]
 *
 * Each round measures every variant once, in fresh processes, so that noise of the machine hits all of them; the table shows medians, their spread
 * (lowest to highest round) and the ratio to the first variant. Absolute figures are of this machine and moment; ratios are what to look at.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Answer, Order } from './unary-worker.ts'
import { variants } from './variants.ts'

/** A SendMessage with a 1 KiB body, and its answer. */
const REQUEST_BYTES = 1_229
const RESPONSE_BYTES = 100

interface Sample {
  readonly variant: string
  readonly inFlight: number
  readonly round: number
  /** CPU µs per call. */
  readonly server: number
  readonly client: number
  /** Calls per second and latencies in ms, for orientation only. */
  readonly rate: number
  readonly p50: number
  readonly p99: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    calls: { type: 'string', default: '10000' },
    'in-flight': { type: 'string', default: '1,64' },
    variants: { type: 'string', default: Object.keys(variants).join(',') },
    json: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const names = values.variants.split(',')
const loads = values['in-flight'].split(',').map(Number)

const samples: Sample[] = []
for (const inFlight of loads) {
  // Lone calls wait for the system more than they compute; fewer of them tell as much.
  const calls = inFlight === 1 ? Math.ceil(Number(values.calls) / 4) : Number(values.calls)
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of names) samples.push(await measure(variant, inFlight, calls, round))
  }
}

console.log(
  `Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model.trim()}), ${rounds} rounds, request ${REQUEST_BYTES} B, response ${RESPONSE_BYTES} B\n`,
)
console.log('| variant | in flight | server µs/call | client µs/call | sum | ratio | calls/s | p50 ms | p99 ms |')
console.log('|---|---|---|---|---|---|---|---|---|')
for (const inFlight of loads) {
  const sumOf = (variant: string): number => median(of(variant, inFlight).map(({ server, client }) => server + client))
  const base = sumOf(names[0] ?? '')
  for (const variant of names) {
    const own = of(variant, inFlight)
    const cells = [
      spread(own.map(({ server }) => server)),
      spread(own.map(({ client }) => client)),
      sumOf(variant).toFixed(1),
      (base / sumOf(variant)).toFixed(2),
      median(own.map(({ rate }) => rate)).toFixed(0),
      median(own.map(({ p50 }) => p50)).toFixed(2),
      median(own.map(({ p99 }) => p99)).toFixed(2),
    ]
    console.log(`| ${variant} | ${inFlight} | ${cells.join(' | ')} |`)
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ node: process.version, samples }, undefined, 2)}\n`)

function of(variant: string, inFlight: number): Sample[] {
  return samples.filter((sample) => sample.variant === variant && sample.inFlight === inFlight)
}

async function measure(variant: string, inFlight: number, calls: number, round: number): Promise<Sample> {
  const server = worker()
  const client = worker()
  try {
    const { port = 0 } = await order(server, { do: 'serve', variant, responseBytes: RESPONSE_BYTES })
    await order(client, { do: 'connect', variant, port, requestBytes: REQUEST_BYTES, inFlight })
    await order(client, { do: 'run', calls: Math.ceil(calls / 2) })
    const before = [await cpu(server), await cpu(client)] as const
    const { wall = 0, p50 = 0, p99 = 0 } = await order(client, { do: 'run', calls })
    const after = [await cpu(server), await cpu(client)] as const
    return {
      variant,
      inFlight,
      round,
      server: (after[0] - before[0]) / calls,
      client: (after[1] - before[1]) / calls,
      rate: (calls / wall) * 1_000,
      p50,
      p99,
    }
  } finally {
    server.disconnect()
    client.disconnect()
  }
}

function worker(): ChildProcess {
  return fork(fileURLToPath(new URL('./unary-worker.ts', import.meta.url)))
}

async function order(child: ChildProcess, what: Order): Promise<Answer> {
  child.send(what)
  const [answer] = (await once(child, 'message')) as [Answer]
  if (answer.error !== undefined) throw new Error(`${what.do}: ${answer.error}`)
  return answer
}

async function cpu(child: ChildProcess): Promise<number> {
  return (await order(child, { do: 'cpu' })).cpu ?? 0
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

function spread(figures: readonly number[]): string {
  return `${median(figures).toFixed(1)} (${Math.min(...figures).toFixed(1)}–${Math.max(...figures).toFixed(1)})`
}
