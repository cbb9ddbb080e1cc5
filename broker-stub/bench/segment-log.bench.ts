/**
 * CPU per appended message of the segment log, on real files in a temporary folder.
 *
 *   node --import tsx --conditions=feathermq-source broker-stub/bench/segment-log.bench.ts [--messages 300000] [--rounds 5] [--writers 256] [--flush commit|os]
 *
 * Every writer appends its next message when the one before is committed, messages have 1,100 bytes. CPU is user and system time of the process with all
 * its threads, garbage collection and the zeros of preallocated files included. Figures are of this machine and moment. `node --cpu-prof` in front shows
 * where it goes.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/clock.ts'
import { realFiles } from '../src/files/real-files.ts'
import type { StoredMessage } from '../src/log/message-log.ts'
import { openSegmentLog } from '../src/log/segments/segment-log.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '300000' },
    rounds: { type: 'string', default: '5' },
    writers: { type: 'string', default: '256' },
    flush: { type: 'string' },
  },
})
const messages = Number(values.messages)
const writers = Number(values.writers)

interface Figures {
  readonly cpu: number
  readonly perSecond: number
  readonly perCommit: number
}

const message: StoredMessage = {
  topic: 'bench-topic-orders',
  bytes: Uint8Array.from({ length: 1_100 }, (_, index) => (index * 31 + 7) & 0xff),
  systemPropertiesStart: 24,
  systemPropertiesEnd: 70,
  bodyStart: 76,
  bodyEnd: 1_100,
  digest: '2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12',
  messageId: '01BCD074B21F4A5C3E0A3F5D2700000A11',
  type: 'NORMAL',
  tag: 'created',
  messageGroup: undefined,
  deliverAt: undefined,
  bornHost: '10.42.7.19:51512',
  storedAt: 1_780_000_000_000,
  deadLetter: undefined,
}

const median = (figures: readonly number[]): number => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN

for (const flush of ['commit', 'os'] as const) {
  if (values.flush !== undefined && values.flush !== flush) continue
  // The first one warms the code up.
  await measure(flush, Math.ceil(messages / 4))
  const rounds: Figures[] = []
  for (let round = 0; round < Number(values.rounds); round += 1) rounds.push(await measure(flush, messages))
  const cpu = rounds.map((each) => each.cpu)
  console.log(
    `flush '${flush}': ${median(cpu).toFixed(2)} µs CPU per append (${Math.min(...cpu).toFixed(2)} … ${Math.max(...cpu).toFixed(2)}), ` +
      `${Math.round(median(rounds.map((each) => each.perSecond)))} appends/s, ${median(rounds.map((each) => each.perCommit)).toFixed(0)} per commit`,
  )
}

async function measure(flush: 'commit' | 'os', count: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'feathermq-segment-log-'))
  try {
    const log = await openSegmentLog({ files: realFiles, folder, clock: systemClock, flush }, 0, () => {})
    let appended = 0
    let committed = 0
    let commits = 0
    const append = (): void => {
      const answer = log.append({ topicId: 1, queueId: appended & 7, offset: appended >>> 3, message })
      if (answer.kind !== 'appended') throw new Error(`the log answered ${answer.kind}`)
      appended += 1
    }
    const started = systemClock.monotonic()
    const before = process.cpuUsage()
    await new Promise<void>((resolve, reject) => {
      log.onFailed((_from, _to, error) => reject(error))
      log.onCommitted(() => {
        commits += 1
        const told = appended - committed
        committed = appended
        if (committed >= count) resolve()
        else for (let writer = 0; writer < told; writer += 1) append()
      })
      for (let writer = 0; writer < writers; writer += 1) append()
    })
    const { user, system } = process.cpuUsage(before)
    const seconds = (systemClock.monotonic() - started) / 1000
    await log.close()
    return { cpu: (user + system) / appended, perSecond: appended / seconds, perCommit: appended / commits }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
