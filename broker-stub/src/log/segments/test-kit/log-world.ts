import assert from 'node:assert/strict'
import { SimulatedDisk, type SimulatedDiskOptions } from '../../../files/test-kit/simulated-files.ts'
import { fixedClock } from '../../../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../../../testing/virtual-clock.ts'
import type { SegmentLogEvent } from '../events.ts'
import type { LogRecord, RecordHead } from '../record.ts'
import { openSegmentLog, type SegmentLog } from '../segment-log.ts'
import { StoredRecord } from '../stored-record.ts'
import { tagHash } from '../tag-hash.ts'
import type { SegmentLogOptions } from '../types.ts'
import { assertSame } from './messages.ts'

export const MIB: number = 1024 * 1024

export interface Appended {
  readonly record: LogRecord
  readonly position: number
  readonly length: number
  fate: 'waits' | 'committed' | 'failed'
}

export interface Found {
  readonly head: RecordHead
  readonly position: number
  readonly length: number
}

/** One life of the log: from opening it to its close or the end of its process. */
export interface Life {
  readonly log: SegmentLog
  /** What was told when it was opened. */
  readonly found: readonly Found[]
  readonly appended: Appended[]
  readonly events: SegmentLogEvent[]
}

/** A log on a simulated disk, in as many lives as the test wants. */
export class LogWorld {
  readonly disk: SimulatedDisk
  readonly clock: VirtualClock = fixedClock()
  readonly folder = 'data/log'

  constructor(options: SimulatedDiskOptions = {}) {
    this.disk = new SimulatedDisk(options)
  }

  async open(options: Partial<SegmentLogOptions> = {}, from = 0): Promise<Life> {
    const found: Found[] = []
    const events: SegmentLogEvent[] = []
    const log = await openSegmentLog(
      {
        files: this.disk.files,
        folder: this.folder,
        clock: this.clock,
        segmentSize: 8 * MIB,
        onEvent: (event) => events.push(event),
        ...options,
      },
      from,
      (head, position, length) => found.push({ head, position, length }),
    )
    const life: Life = { log, found, appended: [], events }
    const { crashes } = this.disk
    log.onCommitted((upTo) => {
      if (this.disk.crashes !== crashes) return
      for (const each of life.appended) if (each.fate === 'waits' && each.position < upTo) each.fate = 'committed'
    })
    log.onFailed((from, to) => {
      if (this.disk.crashes !== crashes) return
      for (const each of life.appended) {
        if (each.position < from || each.position >= to) continue
        assert.equal(each.fate, 'waits', 'a message failed after its commit was told')
        each.fate = 'failed'
      }
    })
    return life
  }

  get segmentFiles(): string[] {
    return this.disk.paths.filter((path) => path.endsWith('.log'))
  }
}

/** @throws when the log does not take it. */
export function append(life: Life, record: LogRecord): Appended {
  const answer = life.log.append(record)
  assert.ok(answer.kind === 'appended', `the log answered ${JSON.stringify(answer)}`)
  const appended: Appended = { record, position: answer.position, length: answer.length, fate: 'waits' }
  life.appended.push(appended)
  return appended
}

/** Until what was appended is committed, or has failed. */
export async function settled({ log, appended }: Life): Promise<void> {
  const last = appended.at(-1)
  if (last?.fate === 'waits') await log.committed(last.position).catch(() => {})
}

export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** As a reader does it: from memory, or after loading. */
export async function readMessage(log: SegmentLog, position: number, length: number): Promise<StoredRecord | 'damaged' | 'gone'> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = log.read(position, length)
    if (answer !== undefined) return answer
    // Where the disk does not give the block that it lies in, it is read alone and not kept.
    const alone = await log.load(position, length)
    if (alone !== undefined) return alone
  }
  throw new Error(`the message at ${position} is not in memory after it was loaded`)
}

export async function assertReads(log: SegmentLog, { position, length, record }: Appended): Promise<void> {
  const message = await readMessage(log, position, length)
  assert.ok(message instanceof StoredRecord, `the message at ${position} is ${message instanceof StoredRecord ? 'there' : message}`)
  assertSame(message, record.message)
  const { topicId, queueId, offset, relocated } = message
  assert.deepEqual({ topicId, queueId, offset, relocated }, pick(record))
}

export function assertHead({ head }: Found, record: LogRecord): void {
  const { storedAt, tag, keptAs } = record.message
  assert.deepEqual(head, { ...pick(record), storedAt, tagHash: tagHash(tag), keptAs })
}

function pick({ topicId, queueId, offset, relocated }: LogRecord) {
  return { topicId, queueId, offset, relocated: relocated === true }
}
