import type { QueueEntry, TopicQueues } from '../store/message-store.ts'
import { Attempts } from './attempts.ts'
import type { FreeSlotRecord, LeaseRecord } from './durable/subscription-record.ts'
import type { Engine } from './engine.ts'
import { inOrder, Lease, type LeaseOwner } from './lease.ts'
import type { MessageGroupLock } from './message-group-lock.ts'
import type { HandleParts } from './receipt-handle.ts'
import { Slots } from './slots.ts'
import type { SubscriptionJournal } from './subscription-journal.ts'
import type { ReceiveRequest } from './types.ts'

/**
 * The leases of one subscription, and every way in which one goes from a state to the next: slots and generations, timers, renewal, replays, counts.
 * What the change means for others, the message group or those who wait, is the subscription's.
 */
export class LeaseBook {
  readonly #subscription: number
  readonly #queues: TopicQueues
  readonly #engine: Engine
  readonly #owner: LeaseOwner
  /** Something may be handed out that was kept back because too much was in flight. */
  readonly #onRoom: () => void
  readonly #journal: SubscriptionJournal
  readonly #slots = new Slots()
  readonly attempts: Attempts = new Attempts()
  #inFlight = 0
  #delayed = 0

  constructor(subscription: number, queues: TopicQueues, engine: Engine, owner: LeaseOwner, journal: SubscriptionJournal, onRoom: () => void) {
    this.#subscription = subscription
    this.#queues = queues
    this.#engine = engine
    this.#owner = owner
    this.#journal = journal
    this.#onRoom = onRoom
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get delayed(): number {
    return this.#delayed
  }

  /** As many messages as may be are in flight. */
  get crowded(): boolean {
    return this.#inFlight >= this.#engine.limits.inFlight
  }

  /** All that were handed out and are not settled. */
  all(): readonly Lease[] {
    return this.#slots.leases()
  }

  /** A message that waits within this group. */
  open(entry: QueueEntry, lock?: MessageGroupLock): Lease {
    const lease = new Lease(entry, this.#owner)
    lease.lock = lock
    return lease
  }

  hand(lease: Lease, request: ReceiveRequest): void {
    const { clock, limits, renewed } = this.#engine
    if (lease.slot === -1) this.#slots.take(lease)
    lease.state = 'in-flight'
    lease.attempts++
    lease.uncounted = false
    lease.clientId = request.clientId
    lease.autoRenew = request.autoRenew
    lease.invisible = request.autoRenew ? limits.renewedInvisible : request.invisible
    this.#runUntil(lease, clock.monotonic() + (request.autoRenew ? limits.renewCeiling : request.invisible))
    if (request.autoRenew) renewed.add(lease)
    this.#rename(lease)
    lease.lock?.run.push(lease)
    this.#inFlight++
  }

  /** What one receive was given. */
  attempt(id: string, leases: readonly Lease[]): void {
    const before = this.attempts.record(id, leases)
    for (const { slot } of [...before, ...leases]) this.#journal.slot(slot)
  }

  /** Its next return does not count as an attempt. */
  uncount(lease: Lease): void {
    lease.uncounted = true
    this.#journal.slot(lease.slot)
  }

  /** Why the consumer gave it back; the last reason is kept. */
  blame(lease: Lease, error: string): void {
    lease.error = error
    this.#journal.slot(lease.slot)
  }

  /** Takes a lease back: its message waits again. */
  recall(lease: Lease): void {
    this.stop(lease)
    this.attempts.leave(lease)
    if (lease.uncounted) lease.attempts--
    lease.uncounted = false
    lease.state = 'waiting'
    this.#journal.slot(lease.slot)
  }

  /** Ends what runs for a lease: timer, renewal, counts. */
  stop(lease: Lease): void {
    if (lease.timer !== -1) this.#engine.wheel.cancel(lease.timer)
    lease.timer = -1
    if (lease.autoRenew) this.#engine.renewed.delete(lease)
    lease.autoRenew = false
    if (lease.state === 'in-flight') {
      if (this.crowded) this.#onRoom()
      this.#inFlight--
    } else if (lease.state === 'delayed') this.#delayed--
  }

  /** Acknowledged behind a message with which it would return. */
  acknowledge(lease: Lease): void {
    this.stop(lease)
    this.attempts.leave(lease)
    lease.state = 'acknowledged'
    this.#journal.slot(lease.slot)
  }

  /** Moves the end of a lease to `duration` ms from now. Handles from before are dead. */
  change(lease: Lease, duration: number, suspend: boolean): void {
    // A consumer whose lease the broker renews has no other reason to change it than to give the message back.
    const back = lease.autoRenew || lease.state === 'delayed'
    this.stop(lease)
    // A replay shows what is still held; a lease that was only extended is.
    if (back) this.attempts.leave(lease)
    lease.state = back ? 'delayed' : 'in-flight'
    if (back) this.#delayed++
    else this.#inFlight++
    lease.uncounted = suspend
    lease.invisible = duration
    this.#runUntil(lease, this.#engine.clock.monotonic() + duration)
    this.#rename(lease)
  }

  /** Nobody holds the message any more; its owner is told in `duration` ms. Handles from before are dead. */
  putOff(lease: Lease, duration: number): void {
    this.#hold(lease)
    this.#runUntil(lease, this.#engine.clock.monotonic() + duration)
  }

  /** {@link putOff} until somebody says otherwise. */
  #hold(lease: Lease): void {
    this.stop(lease)
    this.attempts.leave(lease)
    lease.state = 'delayed'
    this.#delayed++
    this.#rename(lease)
  }

  /** Nobody holds the message any more, and its owner waits for something; handles from before are dead. @returns whether it still does so. */
  suspend(lease: Lease): () => boolean {
    this.#hold(lease)
    const { generation } = lease
    return () => lease.state === 'delayed' && lease.timer === -1 && lease.generation === generation
  }

  /** A copy is on its way to the dead-letter topic. */
  bury(lease: Lease): void {
    this.stop(lease)
    this.attempts.leave(lease)
    lease.state = 'burying'
  }

  /** The client that held this renewed lease is gone: the message comes back a little later. */
  lose(lease: Lease): void {
    const { clock, wheel, limits, renewed } = this.#engine
    if (!lease.autoRenew) return
    renewed.delete(lease)
    lease.autoRenew = false
    if (lease.timer !== -1) wheel.cancel(lease.timer)
    this.#runUntil(lease, clock.monotonic() + limits.lostClientReturn)
  }

  /** Done with the message for good. */
  settle(lease: Lease): void {
    const { lock, slot } = lease
    if (slot !== -1) this.#slots.remember(slot, lease.epoch, lease.generation, lease.deadline)
    this.drop(lease)
    if (lock === undefined) return
    const index = lock.run.indexOf(lease)
    if (index !== -1) lock.run.splice(index, 1)
  }

  /** The group needs the message no more, or will come to it anew: its handle is dead. */
  drop(lease: Lease): void {
    const { slot } = lease
    this.stop(lease)
    this.attempts.leave(lease)
    lease.state = 'settled'
    // What was never handed out has none.
    if (slot === -1) this.#journal.unparked(lease.entry)
    else {
      this.#slots.free(lease)
      this.#journal.slot(slot)
    }
    this.#queues.settle(lease.entry)
  }

  /** The subscription is over. */
  abandon(lease: Lease): void {
    this.stop(lease)
    lease.state = 'settled'
    this.#queues.settle(lease.entry)
  }

  /** The delivery that a handle stands for: every part must fit, and its lease must run. */
  live(parts: HandleParts): Lease | undefined {
    const lease = this.#slots.at(parts.slot)
    if (lease === undefined || lease.epoch !== parts.epoch || lease.generation !== parts.generation) return undefined
    const { entry } = lease
    if (entry.queueId !== parts.queueId || entry.offset !== parts.offset || lease.position !== parts.position) return undefined
    if (lease.state === 'acknowledged') return lease
    const running = (lease.state === 'in-flight' || lease.state === 'delayed') && this.#engine.clock.monotonic() < lease.deadline
    return running ? lease : undefined
  }

  /** Was the delivery acknowledged, while its lease would still run? */
  wasAcknowledged(parts: HandleParts): boolean {
    return this.#slots.wasAcknowledged(parts.slot, parts.epoch, parts.generation, this.#engine.clock.monotonic())
  }

  #runUntil(lease: Lease, deadline: number): void {
    lease.deadline = deadline
    lease.timer = this.#engine.wheel.add(deadline, lease)
    this.#journal.slot(lease.slot)
  }

  /** A new generation: handles given out before are dead. */
  #rename(lease: Lease): void {
    lease.generation = this.#slots.nextGeneration(lease.slot)
    lease.epoch = this.#engine.handles.epoch
    this.#journal.slot(lease.slot)
  }

  /** The handle of its present generation: the same whenever it is asked for. */
  handleOf({ epoch, slot, generation, entry, position }: Lease): string {
    const { queueId, offset } = entry
    return this.#engine.handles.make({ epoch, subscription: this.#subscription, slot, generation, queueId, offset, position })
  }

  // ── what survives the process ──

  get slots(): number {
    return this.#slots.count
  }

  /** What is to be known of slots after a restart. */
  records(slots: Iterable<number>): readonly (FreeSlotRecord | LeaseRecord)[] {
    const { clock } = this.#engine
    const wall = clock.now() - clock.monotonic()
    const records: (FreeSlotRecord | LeaseRecord)[] = []
    for (const slot of slots) records.push(this.#record(slot, wall))
    return records
  }

  /** @param wall What is added to a monotonic time. */
  #record(slot: number, wall: number): FreeSlotRecord | LeaseRecord {
    const last = this.#slots.acknowledged(slot)
    // Not by spreading it: this is made twice for each message.
    const acknowledged = { epoch: last.epoch, generation: last.generation, until: last.until + wall }
    const lease = this.#slots.at(slot)
    if (lease === undefined) return { slot, state: 'free', acknowledged }
    const { entry, epoch, generation, attempts, autoRenew, uncounted, invisible, clientId } = lease
    // A copy that is on its way is made again after a restart: it may not have come to be.
    const state = lease.state === 'burying' || lease.state === 'settled' ? 'delayed' : lease.state
    return {
      slot,
      state,
      acknowledged,
      epoch,
      generation,
      entry,
      firstPosition: lease.position,
      attempts,
      autoRenew,
      uncounted,
      deadline: lease.deadline + wall,
      invisible,
      clientId,
      messageGroup: lease.lock?.key,
      attemptId: lease.attempt?.id,
      error: lease.error,
    }
  }

  /** Takes up the leases of before a restart. @returns those that are not settled, and the message groups that they hold. */
  restore(
    records: Iterable<FreeSlotRecord | LeaseRecord>,
    isKept: (entry: QueueEntry) => boolean,
  ): readonly (readonly [Lease, messageGroup: string | undefined])[] {
    const { clock, renewed } = this.#engine
    const monotonic = clock.monotonic() - clock.now()
    const leases: (readonly [Lease, string | undefined])[] = []
    const attempts = new Map<string, Lease[]>()
    for (const record of records) {
      const { slot, acknowledged } = record
      this.#slots.restoreFree(slot, { ...acknowledged, until: acknowledged.until + monotonic })
      if (record.state === 'free') continue
      // Less of the log has survived than of this.
      if (!isKept(record.entry)) {
        this.#journal.slot(slot)
        continue
      }
      const lease = new Lease(record.entry, this.#owner, record.firstPosition)
      const { epoch, generation, state, attempts: count, uncounted, invisible, clientId, autoRenew, attemptId, error } = record
      this.#slots.restore(lease, slot, generation)
      Object.assign(lease, { epoch, generation, state, attempts: count, uncounted, invisible, clientId, autoRenew, error })
      lease.deadline = record.deadline + monotonic
      if (state === 'in-flight') this.#inFlight++
      else if (state === 'delayed') this.#delayed++
      // One that has ended meanwhile has no timer, as if it had just been called.
      const runs = (state === 'in-flight' || state === 'delayed') && lease.deadline > clock.monotonic()
      if (runs) lease.timer = this.#engine.wheel.add(lease.deadline, lease)
      if (autoRenew) renewed.add(lease)
      if (attemptId !== undefined) attempts.set(attemptId, [...(attempts.get(attemptId) ?? []), lease])
      leases.push([lease, record.messageGroup])
    }
    this.#slots.restored()
    // Slots are used again in any order; an answer is given once more in the order of its messages.
    for (const [id, of] of attempts) this.attempts.record(id, of.sort(inOrder))
    return leases
  }
}
