import { crypto } from '../builtins.ts'

/** What names a receive to the server. */
export interface Attempt {
  readonly id: string
  /** Receipt handles that an earlier receive under this id brought before it broke off. */
  readonly seen: ReadonlySet<string>
}

const nothing: ReadonlySet<string> = new Set()

/**
 * The attempt ids of one queue. What a server gave to a receive whose answer got lost stays leased, and auto-renewed for as long as its consumer lives: hours.
 * Asked again under the same id it gives the same messages once more (protocol: ReceiveMessageRequest.attempt_id), so an id is used until its receive has
 * been answered, also by a poller that comes later.
 */
export class AttemptIds {
  readonly #unanswered: Attempt[] = []

  next(): Attempt {
    return this.#unanswered.pop() ?? { id: crypto().randomUUID(), seen: nothing }
  }

  /** The receive brought nothing, or broke off when it had brought these. */
  unanswered({ id, seen }: Attempt, brought: readonly string[]): void {
    this.#unanswered.push({ id, seen: brought.length === 0 ? seen : new Set([...seen, ...brought]) })
  }
}
