import type { StoredMessage } from '../log/message-log.ts'
import type { BucketFile } from './bucket-file.ts'
import type { Slot } from './due-table.ts'
import type { Entry, TimedKind } from './entry.ts'
import { hex, makeId } from './ids.ts'

/**
 * An entry whose time has come. Its owner has it in hand until it calls one of the functions, or ends the entry by its id; a delayed one can no more be
 * cancelled. Calling one for what is gone does nothing.
 */
export interface DueEntry {
  /** For {@link Timed.find} and what it has beside it. */
  readonly id: string
  readonly topicId: number
  readonly kind: TimedKind
  /** When it was to come, as it was put or postponed, or was to be tried again. */
  readonly dueAt: number
  /** It is where it was to go, for good: it will not come again, but for a crash before that is on the disk. */
  done(): void
  /** It could not go anywhere: it comes again after so many ms, or after a restart. */
  retry(after: number): void
  /** As {@link Timed.postpone}. */
  postpone(dueAt: number): Promise<'postponed' | 'gone'>
}

export type OnDue = (entry: DueEntry, message: StoredMessage) => void

export class EntryInHand implements DueEntry {
  readonly topicId: number
  readonly kind: TimedKind
  readonly dueAt: number
  readonly #file: BucketFile
  readonly #slot: Slot
  readonly #position: number
  readonly #check: string
  readonly #now: () => number

  constructor(file: BucketFile, slot: Slot, position: number, dueAt: number, { topicId, kind, check }: Entry, now: () => number) {
    this.#file = file
    this.#slot = slot
    this.#position = position
    this.topicId = topicId
    this.kind = kind
    this.dueAt = dueAt
    this.#check = hex(check)
    this.#now = now
  }

  get id(): string {
    return makeId({ ...this.#file.name, position: this.#position, check: this.#check })
  }

  done(): void {
    void this.#file.done(this.#slot)
  }

  retry(after: number): void {
    if (this.#file.table?.state(this.#slot) !== 'gone') this.#file.wait(this.#slot, this.#now() + after)
  }

  postpone(dueAt: number): Promise<'postponed' | 'gone'> {
    const postponed = this.#file.postpone(this.#position, dueAt)
    // Not every owner waits for it.
    postponed.catch(() => {})
    return postponed
  }
}
