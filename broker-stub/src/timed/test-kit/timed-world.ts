import type { Clock } from '../../clock.ts'
import { SimulatedDisk, type SimulatedDiskOptions } from '../../files/test-kit/simulated-files.ts'
import type { StoredMessage } from '../../log/message-log.ts'
import { stored } from '../../log/test-kit/stored.ts'
import { TimingWheel } from '../../schedule/timing-wheel.ts'
import { fixedClock } from '../../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../../testing/virtual-clock.ts'
import type { DueEntry } from '../due-entry.ts'
import type { EntryFields } from '../entry.ts'
import type { TimedEvent } from '../events.ts'
import { HOUR } from '../layout.ts'
import { openTimed } from '../opening.ts'
import type { Timed, TimedOptions } from '../timed.ts'

export const FOLDER = '/data/timed'
export const MINUTE = 60_000

export interface Came {
  readonly entry: DueEntry
  readonly message: StoredMessage
  readonly at: number
}

/** A disk, a clock whose wall time jumps, and one life of a broker after the other. */
export class TimedWorld {
  readonly disk: SimulatedDisk
  readonly virtual: VirtualClock = fixedClock()
  readonly clock: Clock
  readonly events: TimedEvent[] = []
  /** What came in this life. */
  came: Came[] = []
  #jumped: number
  #wheel: TimingWheel | undefined

  constructor(options: SimulatedDiskOptions = {}) {
    this.disk = new SimulatedDisk(options)
    // Half past an hour, so that tests know where the next one begins.
    this.#jumped = 500_000 * HOUR + 30 * MINUTE - this.virtual.now()
    this.clock = {
      now: () => this.virtual.now() + this.#jumped,
      monotonic: () => this.virtual.monotonic(),
      setTimer: (callback, delay, hold) => this.virtual.setTimer(callback, delay, hold),
    }
  }

  get now(): number {
    return this.clock.now()
  }

  /** The wall clock is set. */
  jump(ms: number): void {
    this.#jumped += ms
  }

  advance(ms: number): Promise<void> {
    return this.virtual.advance(ms)
  }

  /** The next life; nothing of the one before is called any more. */
  async open(options: Partial<TimedOptions> = {}): Promise<Timed> {
    this.#wheel?.close()
    const wheel = new TimingWheel(this.clock)
    const came: Came[] = []
    this.#wheel = wheel
    this.came = came
    return openTimed({
      files: this.disk.files,
      folder: FOLDER,
      clock: this.clock,
      wheel,
      onDue: (entry, message) => came.push({ entry, message, at: this.now }),
      onEvent: (event) => this.events.push(event),
      ...options,
    })
  }

  /** Message ids of what came in this life. */
  get ids(): string[] {
    return this.came.map(({ message }) => message.messageId)
  }

  names(): string[] {
    return this.disk.paths.map((path) => path.slice(FOLDER.length + 1)).filter((name) => name !== 'format')
  }
}

/** Puts a message of that id, and waits until it is durable. @returns the entry's id. */
export async function put(timed: Timed, messageId: string, dueAt: number, fields: Partial<EntryFields> = {}, size = 0): Promise<string> {
  const result = timed.put({ topicId: 7, kind: 'delayed', dueAt, ...fields }, message(messageId, size))
  if (result.kind !== 'put') throw new Error(`${messageId} was not taken: ${result.kind}`)
  await result.durable
  return result.id
}

export function message(messageId: string, size = 0): StoredMessage {
  const small = stored({ topic: 'orders', messageId, tag: 'a', messageGroup: undefined, type: 'DELAY' })
  if (size <= small.bytes.length) return small
  const bytes = new Uint8Array(size).fill(messageId.length)
  bytes.set(small.bytes)
  return { ...small, bytes }
}

/** The end of some turns: every microtask that waits has run, and what a turn gathers. */
export async function turns(count = 4): Promise<void> {
  for (let left = count; left > 0; left--) await new Promise((resolve) => setImmediate(resolve))
}
