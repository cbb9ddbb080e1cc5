import type { TopicQueues } from '../store/message-store.ts'
import { QueueSeek, type SeekTarget } from './queue-seek.ts'

/** What a seek asks of its subscription. */
export interface SeekHost {
  readonly queues: TopicQueues
  readonly cursors: () => readonly number[]
  /** Calls once something is at hand that has to be read. */
  readonly whenRead: (goOn: () => void) => void
  /** The group goes on at these offsets, by queue. */
  readonly moveTo: (offsets: readonly number[]) => void
}

type Done = (offsets: readonly number[] | undefined) => void

/** Looks for where a group is to go on, which may take reading, and moves it there at once when that is known. The last one who asks has the say. */
export class Seeking {
  readonly #host: SeekHost
  #seek: QueueSeek | undefined
  #waiting: Done[] = []
  #beginning = false

  constructor(host: SeekHost) {
    this.#host = host
  }

  /** It is not known yet where to go on: nothing is handed out meanwhile. */
  get active(): boolean {
    return this.#seek !== undefined
  }

  /** It is not known yet where the group begins at all. */
  get beginning(): boolean {
    return this.active && this.#beginning
  }

  /** A group that has not read the topic. */
  begin(target: SeekTarget): void {
    this.#beginning = true
    this.#start(target)
  }

  /** @param done Told where the group stands then, or undefined when there was no end of it: the topic or the group went. */
  move(target: SeekTarget, done: Done): void {
    this.#waiting.push(done)
    this.#start(target)
  }

  /** The topic or the group is gone, or the broker stops. */
  end(): void {
    this.#seek = undefined
    this.#tell(undefined)
  }

  #start(target: SeekTarget): void {
    this.#seek = new QueueSeek(this.#host.queues, target, this.#host.cursors())
    this.#goOn(this.#seek)
  }

  #goOn(seek: QueueSeek): void {
    if (this.#seek !== seek) return
    const offsets = seek.offsets()
    if (offsets === undefined) {
      this.#host.whenRead(() => this.#goOn(seek))
      return
    }
    this.#seek = undefined
    this.#beginning = false
    this.#host.moveTo(offsets)
    this.#tell(offsets)
  }

  #tell(offsets: readonly number[] | undefined): void {
    for (const done of this.#waiting.splice(0)) done(offsets)
  }
}
