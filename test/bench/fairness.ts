import { fileURLToPath } from 'node:url'
import { type Child, message, start } from '../support/child.ts'
import type { Durations, FairnessTask, Question } from './fairness-client.ts'
import { feathermq } from './feathermq-server.ts'
import type { Result } from './result.ts'
import { ratios, spread } from './statistics.ts'

/** Sends at once of the one that floods. */
const FLOOD = 256

const rows = [
  { what: 'send to the topic that is flooded', topic: 'flooded', handled: false, floor: 1 },
  { what: 'send to another topic', topic: 'quiet', handled: false, floor: 1 },
  { what: 'from send to handler, in another topic', topic: 'handled', handled: true, floor: 0.5 },
] as const

interface Times {
  readonly p50: number
  readonly p99: number
}

/** Of one row in one round. */
interface Told {
  readonly alone: Times
  readonly beside: Times
  readonly flood: Times
}

function launch(task: FairnessTask): Child {
  const file = fileURLToPath(new URL('fairness-client.ts', import.meta.url))
  return start(process.execPath, ['--import', 'tsx', file, JSON.stringify(task)], { ipc: true, timeout: 300_000 })
}

function times(durations: Durations): Times {
  const sorted = [...durations].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}

async function ask(client: Child, question: Question): Promise<Times> {
  const answer = message(client)
  client.process.send(question)
  return times((await answer) as Durations)
}

async function round(count: number): Promise<readonly Told[]> {
  const broker = await feathermq('commit')()
  const { endpoints } = broker
  const clients: Child[] = []
  const begin = async (task: Omit<FairnessTask, 'endpoints'>) => {
    const client = launch({ ...task, endpoints })
    clients.push(client)
    await message(client)
    return client
  }
  try {
    const quiet = await begin({ role: 'quiet', topic: 'quiet', bodyBytes: 1_024, inFlight: 1 })
    const alone: Times[] = []
    for (const { topic, handled } of rows) alone.push(await ask(quiet, { topic, handled, count }))
    const flood = await begin({ role: 'flood', topic: 'flooded', bodyBytes: 1_024, inFlight: FLOOD })
    const told: Told[] = []
    for (const [index, { topic, handled }] of rows.entries()) {
      const [beside, flooding] = await Promise.all([
        ask(quiet, { topic, handled, count }),
        ask(flood, { topic: 'flooded', handled: false, count: count * 10 }),
      ])
      told.push({ alone: alone[index] ?? beside, beside, flood: flooding })
    }
    return told
  } finally {
    for (const client of clients) {
      client.kill('SIGKILL')
      await client.ended
    }
    await broker.stop()
  }
}

/**
 * A client that does one thing after the other, alone and beside one that floods the broker with {@link FLOOD} sends at once, every send on disk. It is
 * treated fairly when a send of it waits no longer than one of the flood, and a message until it is handled no longer than two of them.
 */
export async function fairness({
  rounds,
  count,
  log,
}: {
  readonly rounds: number
  readonly count: number
  log(line: string): void
}): Promise<readonly Result[]> {
  const all: (readonly Told[])[] = []
  for (let done = 0; done < rounds; done += 1) {
    const told = await round(count)
    all.push(told)
    const texts = told.map(({ alone, beside, flood }) => [alone, beside, flood].map(({ p50 }) => p50.toFixed(2)).join(' | '))
    log(`round ${done + 1}, ms alone | beside the flood | of the flood: ${texts.join('; ')}`)
  }
  return rows.map(({ what, floor }, index) => {
    const of = (who: keyof Told, which: keyof Times) => all.map((told) => told[index]?.[who][which] ?? Number.NaN)
    const cost = (name: string, who: keyof Told) => ({
      who: name,
      cost: spread(of(who, 'p50')),
      of: 'p50',
      beside: [{ of: 'p99', cost: spread(of(who, 'p99')) }],
    })
    return {
      what,
      unit: 'ms',
      costs: [cost('one at a time, beside the flood', 'beside'), cost('the same without it', 'alone'), cost(`the flood, ${FLOOD} at once`, 'flood')],
      ratios: [{ peer: 'the flood', of: 'p50', ratio: ratios(of('beside', 'p50'), of('flood', 'p50')), floor }],
    }
  })
}
