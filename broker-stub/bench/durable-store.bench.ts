/**
 * What stored messages cost that nobody reads: time to open the store after a clean stop and after a kill, and memory, over the number of messages.
 *
 *   node --import tsx --conditions=feathermq-source broker-stub/bench/durable-store.bench.ts [--messages 100000,1000000] [--size 1024] [--folder /tmp]
 *
 * On real files; each step is a process of its own, so that its memory is its own. A million messages of 1 KiB take 1.3 GB there. Figures are of this
 * machine and moment.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/clock.ts'
import { realFiles } from '../src/files/real-files.ts'
import type { StoredMessage } from '../src/log/message-log.ts'
import { type DurableStore, openDurableStore } from '../src/store/durable-store.ts'
import type { StoredTopic, TopicQueues } from '../src/store/message-store.ts'
import type { StoreEvent } from '../src/store/store-event.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100000,1000000' },
    size: { type: 'string', default: '1024' },
    folder: { type: 'string', default: tmpdir() },
    step: { type: 'string' },
    count: { type: 'string', default: '0' },
  },
})
/** Messages whose senders wait at the same time. */
const AT_ONCE = 2_000
const MIB = 1024 * 1024
const topic: StoredTopic = { id: 1, name: 'bench-orders', queues: 8 }

interface Figures {
  /** Bytes. */
  readonly rss: number
  readonly heap: number
  /** Time until the store is open, ms. */
  readonly open: number
  readonly walked: number
  /** CPU of the process without what it takes to start, µs per message. */
  readonly cpu: number
}

const message: StoredMessage = {
  topic: topic.name,
  bytes: new Uint8Array(Number(values.size)).fill(7),
  systemPropertiesStart: 0,
  systemPropertiesEnd: 0,
  bodyStart: 0,
  bodyEnd: Number(values.size),
  digest: '0123456789ABCDEF0123456789ABCDEF01234567',
  messageId: '01020304050607080910111213141516AB',
  type: 'NORMAL',
  tag: 'paid',
  messageGroup: undefined,
  deliverAt: undefined,
  bornHost: '10.0.0.1:54321',
  storedAt: systemClock.now(),
  deadLetter: undefined,
}

async function fill(queues: TopicQueues, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    let last: Promise<void> | undefined
    for (let i = 0; i < Math.min(AT_ONCE, count - sent); i++) {
      const answer = queues.append(message)
      if (answer.kind !== 'appended') throw new Error(`the store answered ${answer.kind}`)
      last = answer.durable
    }
    await last
  }
}

/** Of each queue the first, the middle and the last message, which are far from each other on disk. */
async function look(store: DurableStore): Promise<void> {
  let changed = (): void => {}
  const queues = store.openTopic(topic, () => changed())
  const settled = <T>(ask: () => T | 'loading'): Promise<T> =>
    new Promise((resolve) => {
      changed = () => {
        const answer = ask()
        if (answer !== 'loading') resolve(answer)
      }
      changed()
    })
  for (let queueId = 0; queueId < queues.count; queueId++) {
    const { min, max } = queues.range(queueId)
    for (const offset of max === 0 ? [] : [min, Math.floor((min + max) / 2), max - 1]) {
      const entry = await settled(() => queues.next(queueId, offset))
      if (entry === undefined || (await settled(() => queues.fetch(entry))) === 'gone') throw new Error(`there is no message at ${offset}`)
    }
  }
}

async function step(name: string, folder: string, count: number): Promise<void> {
  const events: StoreEvent[] = []
  const before = process.cpuUsage()
  const store = await openDurableStore({ files: realFiles, folder, clock: systemClock, topics: [topic], onEvent: (event) => events.push(event) })
  const opened = events.find((event) => event.kind === 'opened')
  if (name === 'open') await look(store)
  else {
    await fill(
      store.openTopic(topic, () => {}),
      count,
    )
  }
  if (name === 'fill, stop') await store.close()
  const { user, system } = process.cpuUsage(before)
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const figures: Figures = {
    rss,
    heap: heapUsed + external,
    open: opened?.durationMs ?? 0,
    walked: opened?.walked ?? 0,
    cpu: (user + system) / Math.max(1, count),
  }
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.kill(process.pid, 'SIGKILL'))
}

function run(name: string, folder: string, count: number): Promise<Figures> {
  const args = ['--expose-gc', '--import', 'tsx', '--conditions=feathermq-source', import.meta.filename]
  const options = ['--step', name, '--folder', folder, '--count', String(count), '--size', values.size]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...args, ...options], (error, stdout, stderr) => {
      if (stdout.includes('{')) resolve(JSON.parse(stdout) as Figures)
      else reject(new Error(stderr, { cause: error }))
    })
  })
}

if (values.step !== undefined) {
  await step(values.step, values.folder, Number(values.count))
} else {
  const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`
  const base = mkdtempSync(join(values.folder, 'feathermq-bench-'))
  try {
    const empty = await run('open', join(base, 'empty'), 0).catch(() => undefined)
    if (empty !== undefined) console.log(`nothing stored: rss ${mib(empty.rss)}`)
    for (const count of values.messages.split(',').map(Number)) {
      for (const end of ['stop', 'kill']) {
        const folder = join(base, `${end}-${count}`)
        const filled = await run(`fill, ${end}`, folder, count)
        const { open, walked, rss, heap } = await run('open', folder, 0)
        console.log(
          `${count} messages, ${end}: opened in ${open.toFixed(0)} ms (${walked} records walked), rss ${mib(rss)}, heap and buffers ${mib(heap)}; ` +
            `while they were stored ${filled.cpu.toFixed(1)} µs CPU each, then rss ${mib(filled.rss)}`,
        )
        rmSync(folder, { recursive: true })
      }
    }
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
