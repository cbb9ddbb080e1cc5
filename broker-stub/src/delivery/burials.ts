import type { TopicQueues } from '../store/message-store.ts'
import type { DeadLetterReason } from './dead-letter.ts'
import type { Burial, Engine } from './engine.ts'
import type { Lease } from './lease.ts'
import type { LeaseBook } from './lease-book.ts'
import type { SettleResult } from './types.ts'

/** When the dead-letter topic has no room, a message that should go there is tried again after this time, ms. */
const BURY_AGAIN = 1_000

/** What burials ask of their subscription. */
export interface BurialHost {
  readonly queues: TopicQueues
  readonly engine: Engine
  readonly leases: LeaseBook
  readonly groupName: () => string
  /** Calls once a message is at hand that has to be read. */
  readonly whenRead: (goOn: () => void) => void
  readonly expire: (lease: Lease) => void
  /** The message is settled, and was the first of its run or not. */
  readonly settled: (lease: Lease, first: boolean) => void
}

/** Moves what a group gives up to its dead-letter topic. A message is done with once its copy survives; until then it waits. */
export class Burials {
  readonly #host: BurialHost
  #count = 0

  constructor(host: BurialHost) {
    this.#host = host
  }

  /** Messages moved since start. */
  get count(): number {
    return this.#count
  }

  /** The message has no attempts left. `later`: it cannot be moved now, and is tried again. */
  bury(lease: Lease): 'done' | 'begun' | 'later' {
    const { queues, leases } = this.#host
    const message = queues.fetch(lease.entry)
    if (message === 'gone') {
      leases.settle(lease)
      return 'done'
    }
    if (message === 'loading') {
      const waits = leases.suspend(lease)
      this.#host.whenRead(() => {
        if (waits()) this.#host.expire(lease)
      })
      return 'later'
    }
    const burial = this.#copy(message, lease, 'attempts')
    if (burial.kind === 'full') {
      this.#again(lease)
      return 'later'
    }
    if (burial.durable === undefined) {
      this.#count++
      leases.settle(lease)
      return 'done'
    }
    this.#once(lease, burial.durable).catch(() => this.#again(lease))
    return 'begun'
  }

  /** The consumer gives the message up. `full`: nothing has changed. @returns undefined when the message has to be read first. */
  forward(lease: Lease): SettleResult | Promise<SettleResult> | undefined {
    const message = this.#host.queues.fetch(lease.entry)
    if (message === 'loading') return undefined
    if (message === 'gone') {
      this.#buried(lease)
      return 'ok'
    }
    const burial = this.#copy(message, lease, 'forwarded')
    if (burial.kind === 'full') return 'full'
    if (burial.durable === undefined) {
      this.#buried(lease)
      return 'ok'
    }
    return this.#once(lease, burial.durable).then(
      () => 'ok' as const,
      () => {
        this.#again(lease)
        return 'full' as const
      },
    )
  }

  #copy(message: Parameters<Engine['bury']>[0], { attempts, error }: Lease, reason: DeadLetterReason): Burial {
    return this.#host.engine.bury(message, this.#host.groupName(), { attempts, reason, error })
  }

  #again(lease: Lease): void {
    if (lease.state !== 'settled') this.#host.leases.putOff(lease, BURY_AGAIN)
  }

  async #once(lease: Lease, durable: Promise<void>): Promise<void> {
    this.#host.leases.bury(lease)
    await durable
    // The topic or the group may be gone, or was sent elsewhere.
    if (lease.state === 'burying') this.#buried(lease)
  }

  #buried(lease: Lease): void {
    const first = lease.lock?.run[0] === lease
    this.#count++
    this.#host.leases.settle(lease)
    this.#host.settled(lease, first)
  }
}
