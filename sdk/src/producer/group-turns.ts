import { type Deferred, deferred } from '../deferred.ts'

/** Who waits for one message group. Linked, not a list: who gives up leaves without a search, and the first one goes without moving the others. */
interface Line {
  readonly key: string
  first: Turn | undefined
  last: Turn | undefined
}

/** The place of one or several messages in the line of their message group. */
export class Turn {
  readonly messages: number
  readonly line: Line
  before: Turn | undefined
  behind: Turn | undefined
  readonly #leave: (turn: Turn) => void
  #waiter: Deferred<void> | undefined

  constructor(messages: number, line: Line, leave: (turn: Turn) => void) {
    this.messages = messages
    this.line = line
    this.#leave = leave
  }

  /** Resolves when everybody before it has left; undefined when nobody is before it. */
  get come(): Promise<void> | undefined {
    if (this.line.first === this) return undefined
    this.#waiter ??= deferred()
    return this.#waiter.promise
  }

  /** The next one's turn has come, or this one gave up waiting. Idempotent. */
  leave(): void {
    this.#leave(this)
  }

  grant(): void {
    this.#waiter?.resolve()
  }

  refuse(error: unknown): void {
    this.#waiter?.reject(error)
  }
}

/**
 * Keeps sends of one message group one behind the other: the next one leaves when the answer for the one before is there. Servers work on requests beside
 * one another, and a repeated attempt comes late anyway, so that two that are under way together may be stored in any order (the official Java client leaves
 * that to its user: `sendAsync` promises no order).
 */
export class GroupTurns {
  readonly #lines = new Map<string, Line>()

  /** Messages that wait for an earlier one of their message group. */
  get waiting(): number {
    let waiting = 0
    for (const { first } of this.#lines.values()) for (let turn = first?.behind; turn !== undefined; turn = turn.behind) waiting += turn.messages
    return waiting
  }

  /** Takes the next place. Synchronous, so that the order is that of the calls. */
  join(topic: string, messageGroup: string, messages: number = 1): Turn {
    const key = `${topic}\n${messageGroup}`
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = { key, first: undefined, last: undefined }
      this.#lines.set(key, line)
    }
    const turn = new Turn(messages, line, (leaving) => this.#left(leaving))
    turn.before = line.last
    if (line.last === undefined) line.first = turn
    else line.last.behind = turn
    line.last = turn
    return turn
  }

  /** Sends everybody away who waits. */
  close(error: () => unknown): void {
    for (const { first } of this.#lines.values()) for (let turn = first; turn !== undefined; turn = turn.behind) turn.refuse(error())
  }

  #left(turn: Turn): void {
    const { line, before, behind } = turn
    const isFirst = line.first === turn
    // It has left before.
    if (!isFirst && before === undefined) return
    if (isFirst) line.first = behind
    if (line.last === turn) line.last = before
    if (before !== undefined) before.behind = behind
    if (behind !== undefined) behind.before = before
    turn.before = undefined
    turn.behind = undefined
    if (line.first === undefined) this.#lines.delete(line.key)
    else if (isFirst) line.first.grant()
  }
}
