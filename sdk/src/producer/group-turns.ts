import { type Deferred, deferred } from '../deferred.ts'

/** The place of one or several messages in the line of their message group. */
export class Turn {
  readonly messages: number
  readonly #line: Set<Turn>
  readonly #leave: (turn: Turn) => void
  #waiter: Deferred<void> | undefined

  constructor(messages: number, line: Set<Turn>, leave: (turn: Turn) => void) {
    this.messages = messages
    this.#line = line
    this.#leave = leave
  }

  /** Resolves when everybody before it has left; undefined when nobody is before it. */
  get come(): Promise<void> | undefined {
    if (this.#isFirst) return undefined
    this.#waiter ??= deferred()
    return this.#waiter.promise
  }

  /** The next one's turn has come, or this one gave up waiting. */
  leave(): void {
    this.#leave(this)
  }

  grant(): void {
    this.#waiter?.resolve()
  }

  refuse(error: unknown): void {
    this.#waiter?.reject(error)
  }

  get #isFirst(): boolean {
    const { value } = this.#line.values().next()
    return value === this
  }
}

/**
 * Keeps sends of one message group one behind the other: the next one leaves when the answer for the one before is there. Servers work on requests beside
 * one another, and a repeated attempt comes late anyway, so that two that are under way together may be stored in any order (the official Java client leaves
 * that to its user: `sendAsync` promises no order).
 */
export class GroupTurns {
  /** In the order of arrival; a Set, so that one who gives up leaves without a search. */
  readonly #lines = new Map<string, Set<Turn>>()

  /** Messages that wait for an earlier one of their message group. */
  get waiting(): number {
    let waiting = 0
    for (const [, ...rest] of this.#lines.values()) for (const { messages } of rest) waiting += messages
    return waiting
  }

  /** Takes the next place. Synchronous, so that the order is that of the calls. */
  join(topic: string, messageGroup: string, messages: number = 1): Turn {
    const key = `${topic}\n${messageGroup}`
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = new Set()
      this.#lines.set(key, line)
    }
    const own = line
    const turn = new Turn(messages, own, (leaving) => this.#left(key, own, leaving))
    own.add(turn)
    return turn
  }

  /** Sends everybody away who waits. */
  close(error: () => unknown): void {
    for (const line of this.#lines.values()) for (const turn of line) turn.refuse(error())
  }

  #left(key: string, line: Set<Turn>, turn: Turn): void {
    if (!line.delete(turn)) return
    const { value: next } = line.values().next()
    if (next === undefined) this.#lines.delete(key)
    else next.grant()
  }
}
