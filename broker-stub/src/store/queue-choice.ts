import { fnv1a } from '../log/fnv1a.ts'
import type { StoredMessage } from '../log/message-log.ts'
import type { StoredTopic } from './message-store.ts'

/** Which queue of a topic a message goes to. Stores must agree on it: a message group stays in its queue when a broker is given another store. */
export class QueueChoice {
  readonly #queues: number
  readonly #byPriority: boolean
  #next = 0

  constructor({ queues, types = [] }: StoredTopic) {
    this.#queues = queues
    this.#byPriority = types.includes('PRIORITY')
  }

  /**
   * That of its message group, or the next in turn. Where queues are priorities, that of its own, the highest for all beyond (server behaviour: queue id is
   * the lesser of priority and queues - 1); a message without one has the lowest.
   */
  of({ messageGroup, priority = 0 }: StoredMessage): number {
    if (messageGroup !== undefined) return fnv1a(messageGroup) % this.#queues
    if (this.#byPriority) return Math.min(priority, this.#queues - 1)
    const chosen = this.#next
    this.#next = (chosen + 1) % this.#queues
    return chosen
  }
}
