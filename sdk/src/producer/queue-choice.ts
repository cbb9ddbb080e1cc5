import { queueOf } from '@feathermq/protocol'
import type { Endpoint } from '../connection/endpoint.ts'
import type { Queue, Route } from '../connection/route.ts'

/**
 * Chooses the queues to try for a message, as the official Java client does: a message group always goes to the queue its hash names; other messages go
 * round the queues from a random start, one candidate per broker, around isolated endpoints while there are others.
 */
export class QueueChoice {
  #next: number

  /** @param random 0 to 1; where the round begins, so that many clients do not begin at one queue */
  constructor(random: () => number) {
    this.#next = Math.floor(random() * 0x7fff_ffff)
  }

  /** @param most how many candidates there may be, one per attempt; empty when the topic has no writable queue */
  candidates(route: Route, messageGroup: string | undefined, most: number, isIsolated: (endpoint: Endpoint) => boolean): readonly Queue[] {
    const { writable } = route
    if (writable.length === 0) return []
    if (messageGroup !== undefined) {
      const queue = writable[queueOf(messageGroup, writable.length)]
      return queue === undefined ? [] : [queue]
    }
    const start = this.#next
    this.#next = (start + 1) % 0x7fff_ffff
    const healthy = pick(writable, start, most, (queue) => !isIsolated(queue.endpoint))
    return healthy.length > 0 ? healthy : pick(writable, start, most, () => true)
  }
}

function pick(queues: readonly Queue[], start: number, most: number, fits: (queue: Queue) => boolean): readonly Queue[] {
  const picked: Queue[] = []
  for (let step = 0; step < queues.length && picked.length < most; step += 1) {
    const queue = queues[(start + step) % queues.length]
    if (queue !== undefined && fits(queue) && !picked.some(({ broker }) => broker.name === queue.broker.name)) picked.push(queue)
  }
  return picked
}
