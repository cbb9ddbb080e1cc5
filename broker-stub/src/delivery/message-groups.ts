import type { StoredMessage } from '../log/message-log.ts'
import type { Fetched, QueueEntry } from '../store/message-store.ts'
import type { Burials } from './burials.ts'
import type { Engine } from './engine.ts'
import type { Lease } from './lease.ts'
import type { LeaseBook } from './lease-book.ts'
import { MessageGroupLock } from './message-group-lock.ts'
import type { SubscriptionJournal } from './subscription-journal.ts'
import type { TakenUp } from './take-up.ts'
import type { Waiter } from './waiter.ts'

/** What message groups ask of their subscription. */
export interface MessageGroupsHost {
  readonly engine: Engine
  readonly leases: LeaseBook
  readonly burials: Burials
  readonly journal: SubscriptionJournal
  readonly fetch: (entry: QueueEntry) => Fetched
  /** The receive that the message goes to, if any. */
  readonly takerOf: (message: StoredMessage) => Waiter | undefined
  readonly hand: (lease: Lease, waiter: Waiter, message: StoredMessage) => void
  /** Messages that may still be handed out to those who wait. */
  readonly room: () => number
  /** It has no attempts left. */
  readonly exhausted: (lease: Lease) => boolean
  /** There is something to hand out. */
  readonly wake: () => void
}

/**
 * The message groups of one subscription. Their messages are handed out as runs: while a run's first message is unsettled and invisible, nothing more of
 * that message group is; acknowledgements take effect in order; when the first message becomes visible again, the whole rest of the run comes with it.
 */
export class MessageGroups {
  readonly #host: MessageGroupsHost
  #locks = new Map<string, MessageGroupLock>()
  /** Those that have something to hand out. */
  #free: MessageGroupLock[] = []
  /** Which receive a message group goes to within the present dispatch. */
  readonly #takers = new Map<MessageGroupLock, Waiter>()
  #parked = 0

  constructor(host: MessageGroupsHost) {
    this.#host = host
  }

  /** Messages that were taken from their queues and wait behind others of their message group. */
  get parked(): number {
    return this.#parked
  }

  /** No more may be parked. */
  get full(): boolean {
    return this.#parked >= this.#host.engine.limits.parked
  }

  /** Message groups of which something waits behind what is handed out. */
  get held(): number {
    let held = 0
    for (const { state, waiting } of this.#locks.values()) if (state === 'held' && waiting.length > 0) held++
    return held
  }

  /** All that are parked now. */
  parkedLeases(): readonly Lease[] {
    return [...this.#locks.values()].flatMap((lock) => lock.waiting.filter((lease) => lease.parked))
  }

  /** What may be handed out. */
  ready(): readonly Lease[] {
    return this.#free.flatMap((lock) => lock.waiting)
  }

  /** Has what there was before a restart; {@link goOn} once what has ended of it is dealt with. */
  restore({ locks, parked }: TakenUp): void {
    this.#locks = locks
    this.#parked = parked
  }

  goOn(): void {
    for (const lock of this.#locks.values()) this.advance(lock)
  }

  // ── handing out ──

  /** Hands out what message groups that have become free hold. */
  takeFree(): void {
    if (this.#free.length === 0) return
    const { leases, takerOf, hand } = this.#host
    const free = this.#free
    this.#free = []
    let room = this.#host.room()
    for (const lock of free) {
      const message = room > 0 ? this.#firstOf(lock) : undefined
      const taker = message === undefined || message === 'loading' ? undefined : takerOf(message)
      if (message === 'loading') room--
      if (taker === undefined) {
        if (lock.waiting.length > 0) this.#free.push(lock)
        continue
      }
      lock.listed = false
      lock.state = 'held'
      while (!taker.full && !leases.crowded) {
        const next = this.#firstOf(lock)
        if (next === undefined || next === 'loading' || !taker.request.filter.matches(next)) break
        hand(this.#shift(lock), taker, next)
        room--
      }
      if (lock.waiting.length === 0) this.#takers.set(lock, taker)
    }
  }

  /** The message that waits first; what cannot be read any more is passed over, and a lock that has nothing then is gone. */
  #firstOf(lock: MessageGroupLock): StoredMessage | 'loading' | undefined {
    for (let lease = lock.waiting[0]; lease !== undefined; lease = lock.waiting[0]) {
      const message = this.#host.fetch(lease.entry)
      if (message !== 'gone') return message
      this.#host.leases.settle(this.#shift(lock))
    }
    if (lock.run.length === 0) {
      lock.listed = false
      this.#locks.delete(lock.key)
    }
    return undefined
  }

  /** Takes the first that waits: it is parked no longer. */
  #shift(lock: MessageGroupLock): Lease {
    const lease = lock.waiting.shift() as Lease
    if (lease.parked) this.#parked--
    lease.parked = false
    return lease
  }

  /** Hands out the message at a cursor or parks it; false when it has to stay. */
  take(entry: QueueEntry, messageGroup: string, message: StoredMessage): boolean {
    const { leases, hand, takerOf, journal } = this.#host
    const lock = this.#locks.get(messageGroup)
    if (lock === undefined) {
      const taker = takerOf(message)
      if (taker === undefined) return false
      const fresh = new MessageGroupLock(messageGroup)
      fresh.state = 'held'
      this.#locks.set(messageGroup, fresh)
      this.#takers.set(fresh, taker)
      hand(leases.open(entry, fresh), taker, message)
      return true
    }
    const taker = this.#takers.get(lock)
    if (taker !== undefined && !taker.full && taker.request.filter.matches(message) && !leases.crowded) {
      hand(leases.open(entry, lock), taker, message)
      return true
    }
    if (this.full) return false
    this.#takers.delete(lock)
    const parked = leases.open(entry, lock)
    parked.parked = true
    lock.waiting.push(parked)
    this.#parked++
    journal.parked(parked)
    return true
  }

  /** The dispatch is over: who took of a message group has no claim to the rest. */
  dispatched(): void {
    this.#takers.clear()
  }

  // ── the end of a delivery ──

  /** The lease's time is over. */
  expire(lease: Lease, lock: MessageGroupLock): void {
    if (lock.run[0] === lease) this.returnRun(lock)
    // Behind an unsettled message it only waits for that one; its handle is dead, so no replay may show it.
    else this.#host.leases.attempts.leave(lease)
  }

  /** Everything handed out of a message group waits again, in order; what has no attempts left goes to the dead-letter topic. */
  returnRun(lock: MessageGroupLock): void {
    const { leases, burials, exhausted } = this.#host
    const returned: Lease[] = []
    for (const lease of [...lock.run]) {
      if (lease.state === 'burying') continue
      if (exhausted(lease)) {
        if (lease.state === 'acknowledged') leases.settle(lease)
        // No room: the rest stays behind it and is looked at when it is tried again.
        else if (burials.bury(lease) === 'later') break
        continue
      }
      lock.run.splice(lock.run.indexOf(lease), 1)
      leases.recall(lease)
      returned.push(lease)
    }
    lock.waiting.unshift(...returned)
    this.#release(lock)
  }

  /** After the first message of a run went: what was acknowledged behind it counts now, and what lapsed behind it is visible now. */
  advance(lock: MessageGroupLock): void {
    while (lock.run[0]?.state === 'acknowledged') this.#host.leases.settle(lock.run[0])
    const first = lock.run[0]
    if (first?.state === 'burying') return
    if (first !== undefined && first.timer === -1) this.returnRun(lock)
    else this.#release(lock)
  }

  /** Frees the lock when nothing of it is handed out. */
  #release(lock: MessageGroupLock): void {
    if (lock.run.length > 0) return
    lock.state = 'free'
    if (lock.waiting.length === 0) {
      this.#locks.delete(lock.key)
      return
    }
    if (!lock.listed) {
      lock.listed = true
      this.#free.push(lock)
    }
    this.#host.wake()
  }

  /** Forgets all of them; their leases are dropped elsewhere. */
  clear(): void {
    this.#locks.clear()
    this.#free = []
    this.#takers.clear()
    this.#parked = 0
  }
}
