/**
 * CPU per block of fields, written and read, of our HPACK.
 *
 *   node --import tsx -C feathermq-source transport/bench/hpack.bench.ts [--rounds 9] [--blocks 100000] [--json FILE]
 *
 * The list is that of a request of ours: nine fields that are the same from call to call and three that are not. `first` is the first block of a
 * connection, tables made anew included; `repeated` is every later one. `as text` is the same list joined to one text in the way of HTTP/1.1, written to
 * bytes, and read and split again: what it costs to do next to nothing, in the same run, as a yardstick for machine and moment.
 *
 * A round measures every line once. The table shows medians, their spread (lowest to highest round) and the ratio to the yardstick.
 */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { HpackDecoder } from '../src/http2/hpack/decoder.ts'
import { type FieldMode, HpackEncoder } from '../src/http2/hpack/encoder.ts'
import { HpackOutput } from '../src/http2/hpack/output.ts'

type Field = readonly [name: string, value: string, mode: FieldMode]

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    blocks: { type: 'string', default: '100000' },
    json: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const blocks = Number(values.blocks)

const constant: readonly Field[] = [
  [':method', 'POST', 'index'],
  [':scheme', 'http', 'index'],
  [':path', '/apache.rocketmq.v2.MessagingService/SendMessage', 'index'],
  [':authority', 'broker.example.com:8081', 'index'],
  ['te', 'trailers', 'index'],
  ['content-type', 'application/grpc', 'index'],
  ['user-agent', 'grpc-node-feathermq/0.1.0', 'index'],
  ['x-mq-client-id', 'host-7f9c@4711@1@k3j9x0q2', 'index'],
  ['x-mq-language', 'NODE_JS', 'index'],
]

/** So many lists that no cache of the processor learns them, few enough to stay in memory; flat strings, as they come from elsewhere. */
const VARIANTS = 256
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')
const lists: readonly (readonly Field[])[] = Array.from({ length: VARIANTS }, (_, call) => [
  ...constant,
  ['grpc-timeout', flat(`${29_000 + call}m`), 'plain'],
  ['x-mq-date-time', flat(`20260101T00${String(call % 60).padStart(2, '0')}00Z`), 'plain'],
  ['x-mq-request-id', flat(`5f3b9c1e-77aa-4c0e-9d3b-0a1b2c3d4${String(call).padStart(3, '0')}`), 'plain'],
])
const listOf = (i: number): readonly Field[] => lists[i % VARIANTS] as readonly Field[]

const output = new HpackOutput()
const into: string[] = []
const limits = { maxListBytes: 65_536, maxFields: 128 }

function encode(encoder: HpackEncoder, list: readonly Field[]): void {
  output.reset()
  encoder.begin(output)
  for (const [name, value, mode] of list) encoder.field(name, value, mode)
}

function blockOf(encoder: HpackEncoder, list: readonly Field[]): Uint8Array {
  encode(encoder, list)
  return output.bytes.slice(0, output.length)
}

function decode(decoder: HpackDecoder, bytes: Uint8Array): void {
  into.length = 0
  decoder.decode(bytes, 0, bytes.length, into)
  if (into.length !== 24) throw new Error(`${into.length / 2} fields instead of 12`)
}

const writer = new HpackEncoder()
const reader = new HpackDecoder(limits)
const firstBlock = blockOf(writer, listOf(0))
decode(reader, firstBlock)
const laterBlocks = lists.map((list) => blockOf(writer, list))
const textBytes = Buffer.alloc(4_096)

/** Each does one block. */
const lines: Readonly<Record<string, (i: number) => void>> = {
  'as text, write and read': (i) => {
    let text = ''
    for (const [name, value] of listOf(i)) text += `${name}: ${value}\r\n`
    const end = textBytes.write(text, 'latin1')
    into.length = 0
    for (const line of textBytes.toString('latin1', 0, end).split('\r\n')) {
      const colon = line.indexOf(': ')
      into.push(line.slice(0, colon), line.slice(colon + 2))
    }
  },
  'encode, first': (i) => encode(new HpackEncoder(), listOf(i)),
  'encode, repeated': (i) => encode(writer, listOf(i)),
  'decode, first': () => decode(new HpackDecoder(limits), firstBlock),
  'decode, repeated': (i) => decode(reader, laterBlocks[i % VARIANTS] as Uint8Array),
}
const names = Object.keys(lines)

const samples: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]))
// One round more, the first: it lets the compiler come to rest and does not count.
for (let round = 0; round <= rounds; round += 1) {
  for (const name of names) {
    const nanoseconds = measure(lines[name] as (i: number) => void)
    if (round > 0) samples[name]?.push(nanoseconds)
  }
}

const size = (bytes: readonly Uint8Array[]): string => (bytes.reduce((sum, { length }) => sum + length, 0) / bytes.length).toFixed(0)
const plainSize = listOf(0).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
console.log(`Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model.trim()}), ${rounds} rounds of ${blocks} blocks`)
console.log(`12 fields of ${plainSize} B: ${size([firstBlock])} B in the first block, ${size(laterBlocks)} B in each later one\n`)
console.log('| block | CPU ns | share of text |')
console.log('|---|---|---|')
const base = median(samples[names[0] ?? ''] ?? [])
for (const name of names) {
  const own = samples[name] ?? []
  console.log(`| ${name} | ${spread(own)} | ${(median(own) / base).toFixed(2)} |`)
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ node: process.version, blocks, samples }, undefined, 2)}\n`)

/** CPU time and not the clock's: another program on the machine takes none of ours. */
function measure(one: (i: number) => void): number {
  const before = process.cpuUsage()
  for (let i = 0; i < blocks; i += 1) one(i)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / blocks
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

function spread(figures: readonly number[]): string {
  return `${median(figures).toFixed(0)} (${Math.min(...figures).toFixed(0)}–${Math.max(...figures).toFixed(0)})`
}
