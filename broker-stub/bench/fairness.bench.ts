/**
 * What a producer that sends one message after the other feels of another one that floods the broker: its time per send, alone, beside the flood, and beside
 * the time per send of the flood itself, which it would have to wait as long as if everybody stood in one line.
 *
 *   node --import tsx --conditions=feathermq-source broker-stub/bench/fairness.bench.ts [--seconds 5] [--flood 2000] [--size 1024] [--rounds 5]
 *
 * Broker, flood and the one that is measured are processes of their own; every send is on disk. Without a flood the broker is idle, so that all of what a
 * busy machine costs is in the ratio too: with two cores for three processes a share of it is the scheduler's, not the broker's.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { http2Transport } from '@feathermq/transport'
import { systemClock } from '../src/clock.ts'
import { RawClient, startBroker } from '../src/testing/index.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    flood: { type: 'string', default: '2000' },
    size: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '5' },
    role: { type: 'string' },
    at: { type: 'string', default: '' },
  },
})
const body = 'x'.repeat(Number(values.size))
const connect = (name: string): RawClient => new RawClient(http2Transport().createChannel({ address: values.at }), name)

interface Times {
  /** ms */
  readonly median: number
  readonly p99: number
  readonly sends: number
}

async function broker(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'feathermq-fairness-'))
  const running = await startBroker({ data, autoCreate: true })
  process.send?.(running.endpoints)
  await once(process, 'message')
  await running.close()
  rmSync(data, { recursive: true, force: true })
  process.exit(0)
}

/** So many sends in flight, until it is ended; what is refused is sent again. */
async function flood(): Promise<void> {
  const client = connect('flood')
  let answered = 0
  process.on('message', () => process.send?.(answered))
  const lane = async (): Promise<never> => {
    for (;;) {
      await client.send('flood', body)
      if (++answered === Number(values.flood)) process.send?.('flooding')
    }
  }
  await Promise.all(Array.from({ length: Number(values.flood) }, lane))
}

async function polite(): Promise<void> {
  const client = connect('polite')
  await client.send('orders', body)
  const times: number[] = []
  for (const end = systemClock.monotonic() + Number(values.seconds) * 1_000; systemClock.monotonic() < end; ) {
    const began = systemClock.monotonic()
    const code = await client.send('orders', body)
    if (code !== 'OK') throw new Error(`a send was refused: ${code}`)
    times.push(systemClock.monotonic() - began)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN
  process.send?.({ median: at(0.5), p99: at(0.99), sends: times.length } satisfies Times)
  process.exit(0)
}

const start = (role: string, at = ''): ChildProcess => fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--role', role, '--at', at])
const told = async <T>(child: ChildProcess): Promise<T> => ((await once(child, 'message')) as [T])[0]

interface Round {
  readonly alone: Times
  readonly beside: Times
  /** Time per send of the flood, ms, by Little's law. */
  readonly flooding: number
}

async function round(): Promise<Round> {
  const serving = start('broker')
  const at = await told<string>(serving)
  const alone = await told<Times>(start('polite', at))
  const flooding = start('flood', at)
  await told(flooding)
  const count = async (): Promise<number> => {
    flooding.send('count')
    return told<number>(flooding)
  }
  const before = { count: await count(), at: systemClock.monotonic() }
  const beside = await told<Times>(start('polite', at))
  const perSend = (systemClock.monotonic() - before.at) / ((await count()) - before.count)
  flooding.kill('SIGKILL')
  serving.send('end')
  await once(serving, 'exit')
  return { alone, beside, flooding: perSend * Number(values.flood) }
}

async function compare(): Promise<void> {
  const ratios = { alone: [] as number[], flood: [] as number[] }
  const sorted = (numbers: number[]): string =>
    numbers
      .sort((a, b) => a - b)
      .map((ratio) => ratio.toPrecision(2))
      .join(' ')
  const line = ({ median, p99, sends }: Times): string => `median ${median.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms (${sends} sends)`
  for (let n = 0; n < Number(values.rounds); n++) {
    const { alone, beside, flooding } = await round()
    ratios.alone.push(beside.median / alone.median)
    ratios.flood.push(beside.median / flooding)
    console.log(`alone: ${line(alone)}; beside ${values.flood} sends in flight, of which each takes ${flooding.toFixed(0)} ms: ${line(beside)}`)
  }
  console.log(`median beside the flood over that alone: ${sorted(ratios.alone)}`)
  console.log(`median beside the flood over the flood's own time per send: ${sorted(ratios.flood)}`)
}

const roles: Readonly<Record<string, () => Promise<void>>> = { broker, flood, polite }
await (roles[values.role ?? ''] ?? compare)()
