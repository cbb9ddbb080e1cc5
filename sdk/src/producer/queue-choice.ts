import { queueOf } from '@feathermq/protocol/client'
import type { Endpoint } from '../connection/endpoint.ts'
import type { Queue, Route } from '../connection/route.ts'

/** Whether an endpoint may be called now; others are for when nothing else is left. */
export interface EndpointUse {
  isUsable(endpoint: Endpoint): boolean
}

/**
 * Chooses the queue for an attempt, as the official Java client does: a message group always goes to the queue its hash names; other messages go round the
 * queues from a random start, to a broker that was not tried yet, around endpoints that are avoided while there are others.
 */
export class QueueChoice {
  #next: number

  /** @param random 0 to 1; where the round begins, so that many clients do not begin at one queue */
  constructor(random: () => number) {
    this.#next = Math.floor(random() * 0x1_0000)
  }

  /**
   * Undefined when the topic has no queue that can be written to.
   *
   * @param tried names of the brokers that this send has failed at; undefined at its first attempt
   */
  next({ writable }: Route, messageGroup: string | undefined, use: EndpointUse, tried?: ReadonlySet<string>): Queue | undefined {
    if (writable.length === 0) return undefined
    if (messageGroup !== undefined) return writable[queueOf(messageGroup, writable.length)]
    const start = this.#next
    this.#next = start + 1
    let best: Queue | undefined
    let least = Number.POSITIVE_INFINITY
    for (let step = 0; step < writable.length && least > 0; step += 1) {
      const queue = writable[(start + step) % writable.length]
      if (queue === undefined) continue
      // An endpoint that fails is worse than a broker that just had too much to do.
      const cost = (use.isUsable(queue.endpoint) ? 0 : 2) + (tried?.has(queue.broker.name) ? 1 : 0)
      if (cost < least) {
        least = cost
        best = queue
      }
    }
    return best
  }
}
