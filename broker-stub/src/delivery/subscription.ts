import type { StoredMessage } from '../log/message-log.ts'
import type { Group } from '../registry/types.ts'
import { Attempts } from './attempts.ts'
import type { Engine } from './engine.ts'
import { Lease, type LeaseOwner } from './lease.ts'
import { MessageGroupLock } from './message-group-lock.ts'
import type { HandleParts } from './receipt-handle.ts'
import { Slots } from './slots.ts'
import type { QueueEntry, TopicQueues } from './topic-queues.ts'
import type { ChangeResult, Delivery, PendingReceive, ReceiveOutcome, ReceiveRequest, SettleResult, SubscriptionStats } from './types.ts'
import { Waiter } from './waiter.ts'

/** When the dead-letter topic has no room, a message that should go there is tried again after this time, ms. */
const BURY_AGAIN = 1_000

/**
 * All that a broker knows of one (topic, group) pair: cursors, messages in flight, what is due again, who waits.
 *
 * Messages are handed out one by one to the receives that wait, in the order in which those came: due redeliveries first, then message groups that have
 * become free, then the cursors of the queues in turn. No consumer owns a queue, so a slow or dead one holds up only what it holds.
 *
 * In an ordered group the messages of one message group are handed out as runs. While a run's first message is unsettled and invisible, nothing more of
 * that message group is; acknowledgements take effect in order; when the first message becomes visible again, the whole rest of the run comes with it.
 */
export class Subscription implements LeaseOwner {
  readonly id: number
  readonly queues: TopicQueues
  readonly #engine: Engine
  #group: Group
  readonly #cursors: number[]
  #nextQueue = 0
  #due: Lease[] = []
  readonly #locks = new Map<string, MessageGroupLock>()
  #freeLocks: MessageGroupLock[] = []
  /** Which receive a message group goes to within the present dispatch. */
  readonly #takers = new Map<MessageGroupLock, Waiter>()
  readonly #slots = new Slots()
  readonly #attempts = new Attempts()
  #waiters: Waiter[] = []
  #scheduled = false
  #inFlight = 0
  #delayed = 0
  #parked = 0
  #deadLettered = 0
  #redelivered = 0
  #delivered = 0
  #deliveredBytes = 0

  constructor(id: number, queues: TopicQueues, group: Group, engine: Engine) {
    this.id = id
    this.queues = queues
    this.#group = group
    this.#engine = engine
    this.#cursors = Array.from({ length: queues.count }, (_, queueId) => {
      const start = queues.start(queueId)
      queues.join(queueId, start)
      return start
    })
  }

  get group(): Group {
    return this.#group
  }

  /** Takes over the group's new settings; leases that run keep theirs. */
  groupChanged(group: Group): void {
    this.#group = group
    this.wake()
  }

  receive(request: ReceiveRequest, done: (outcome: ReceiveOutcome) => void): PendingReceive {
    const { limits } = this.#engine
    const waiter = new Waiter(request, done, (late) => this.#answer(late))
    const pending: PendingReceive = { cancel: () => this.#cancel(waiter) }
    if (this.#waiters.length >= limits.waiters || this.#engine.waiting >= limits.allWaiters) {
      waiter.state = 'closed'
      queueMicrotask(() => done({ kind: 'refused', reason: `too many receives wait on ${this.queues.topic.name} in ${this.#group.name}` }))
      return pending
    }
    const replay = this.#group.ordered && request.attemptId !== undefined ? this.#attempts.replay(request.attemptId) : []
    if (replay.length > 0) {
      waiter.state = 'answered'
      queueMicrotask(() => done({ kind: 'messages', deliveries: replay.map((lease) => this.#delivery(lease)) }))
      return pending
    }
    this.#waiters.push(waiter)
    this.#engine.waiting++
    if (request.wait > 0) waiter.timer = this.#engine.wheel.add(this.#engine.clock.monotonic() + request.wait, waiter)
    this.wake()
    return pending
  }

  /** Something may have become visible, or someone waits: look once the present work is done, so that one look serves all of it. */
  wake(): void {
    if (this.#scheduled || this.#waiters.length === 0) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#dispatch()
    })
  }

  // ── handing out ──

  #dispatch(): void {
    if (this.#waiters.length === 0) return
    this.#takeDue()
    this.#takeFreeLocks()
    this.#takeFromQueues()
    this.#takers.clear()
    for (const waiter of [...this.#waiters]) {
      if (waiter.leases.length > 0 || waiter.request.wait === 0) this.#answer(waiter)
    }
  }

  /** As many messages as may be are in flight. */
  get #crowded(): boolean {
    return this.#inFlight >= this.#engine.limits.inFlight
  }

  /** The first receive in line that has room and wants the message. */
  #takerOf(message: StoredMessage): Waiter | undefined {
    if (this.#crowded) return undefined
    return this.#waiters.find((waiter) => !waiter.full && waiter.request.filter.matches(message))
  }

  #wanted(message: StoredMessage): boolean {
    return this.#waiters.some((waiter) => waiter.request.filter.matches(message))
  }

  #takeDue(): void {
    if (this.#due.length === 0) return
    const left: Lease[] = []
    for (const lease of this.#due) {
      const taker = this.#takerOf(lease.entry.message)
      if (taker === undefined) left.push(lease)
      else this.#hand(lease, taker)
    }
    this.#due = left
  }

  #takeFreeLocks(): void {
    if (this.#freeLocks.length === 0) return
    const left: MessageGroupLock[] = []
    for (const lock of this.#freeLocks) {
      const first = lock.waiting[0]
      const taker = first === undefined ? undefined : this.#takerOf(first.entry.message)
      if (taker === undefined) {
        left.push(lock)
        continue
      }
      lock.listed = false
      lock.state = 'held'
      let taken = 0
      for (const lease of lock.waiting) {
        if (taker.full || this.#crowded || !taker.request.filter.matches(lease.entry.message)) break
        if (lease.parked) this.#parked--
        lease.parked = false
        this.#hand(lease, taker)
        taken++
      }
      lock.waiting.splice(0, taken)
      if (lock.waiting.length === 0) this.#takers.set(lock, taker)
    }
    this.#freeLocks = left
  }

  #takeFromQueues(): void {
    const { count } = this.queues
    let idle = 0
    while (idle < count && this.#waiters.some((waiter) => !waiter.full)) {
      const queueId = this.#nextQueue
      this.#nextQueue = (queueId + 1) % count
      const entry = this.#peek(queueId)
      if (entry === undefined || !this.#take(entry)) {
        idle++
        continue
      }
      idle = 0
      this.#cursors[queueId] = entry.offset + 1
    }
  }

  #peek(queueId: number): QueueEntry | undefined {
    const { min, max } = this.queues.range(queueId)
    let cursor = Math.max(this.#cursors[queueId] as number, min)
    while (cursor < max && this.queues.at(queueId, cursor)?.removed === true) cursor++
    this.#cursors[queueId] = cursor
    return this.queues.at(queueId, cursor)
  }

  /** Hands out the message at a cursor, parks it, or passes it over; false when it has to stay. */
  #take(entry: QueueEntry): boolean {
    const { message } = entry
    // Nobody who waits wants it: consumed for the group (server behaviour: filtered messages are skipped for good).
    if (!this.#wanted(message)) {
      this.queues.settle(entry)
      return true
    }
    if (!this.#group.ordered || message.messageGroup === undefined) {
      const taker = this.#takerOf(message)
      if (taker === undefined) return false
      this.#hand(this.#lease(entry), taker)
      return true
    }
    const lock = this.#locks.get(message.messageGroup)
    if (lock === undefined) {
      const taker = this.#takerOf(message)
      if (taker === undefined) return false
      const fresh = new MessageGroupLock(message.messageGroup)
      fresh.state = 'held'
      this.#locks.set(message.messageGroup, fresh)
      this.#takers.set(fresh, taker)
      this.#hand(this.#lease(entry, fresh), taker)
      return true
    }
    const taker = this.#takers.get(lock)
    if (taker !== undefined && !taker.full && taker.request.filter.matches(message) && !this.#crowded) {
      this.#hand(this.#lease(entry, lock), taker)
      return true
    }
    if (this.#parked >= this.#engine.limits.parked) return false
    this.#takers.delete(lock)
    const parked = this.#lease(entry, lock)
    parked.parked = true
    lock.waiting.push(parked)
    this.#parked++
    return true
  }

  #lease(entry: QueueEntry, lock?: MessageGroupLock): Lease {
    const lease = new Lease(entry, this)
    lease.lock = lock
    return lease
  }

  #hand(lease: Lease, waiter: Waiter): void {
    const { request } = waiter
    const { clock, limits, wheel, renewed } = this.#engine
    if (lease.slot === -1) this.#slots.take(lease)
    lease.state = 'in-flight'
    lease.attempts++
    lease.uncounted = false
    lease.clientId = request.clientId
    lease.autoRenew = request.autoRenew
    lease.invisible = request.autoRenew ? limits.renewedInvisible : request.invisible
    lease.deadline = clock.monotonic() + (request.autoRenew ? limits.renewCeiling : request.invisible)
    lease.timer = wheel.add(lease.deadline, lease)
    if (request.autoRenew) renewed.add(lease)
    this.#rename(lease)
    lease.lock?.run.push(lease)
    this.#inFlight++
    this.#delivered++
    this.#deliveredBytes += lease.entry.message.bytes.length
    if (lease.attempts > 1) this.#redelivered++
    waiter.leases.push({ lease, generation: lease.generation })
  }

  /** A new generation: handles given out before are dead. */
  #rename(lease: Lease): void {
    const { entry, slot } = lease
    lease.generation = this.#slots.nextGeneration(slot)
    const { queueId, offset, position } = entry
    lease.handle = this.#engine.handles.make({ subscription: this.id, slot, generation: lease.generation, queueId, offset, position })
  }

  #delivery(lease: Lease): Delivery {
    const { entry, handle, attempts, invisible } = lease
    return { message: entry.message, handle, attempt: attempts, queueId: entry.queueId, offset: BigInt(entry.offset), invisible }
  }

  #answer(waiter: Waiter): void {
    if (waiter.state !== 'waiting') return
    this.#leaveLine(waiter, 'answered')
    if (waiter.leases.length === 0) {
      waiter.done({ kind: 'empty' })
      return
    }
    const leases = waiter.leases.map(({ lease }) => lease)
    if (this.#group.ordered && waiter.request.attemptId !== undefined) this.#attempts.record(waiter.request.attemptId, leases)
    waiter.done({ kind: 'messages', deliveries: leases.map((lease) => this.#delivery(lease)) })
  }

  #leaveLine(waiter: Waiter, state: 'answered' | 'closed'): void {
    waiter.state = state
    const index = this.#waiters.indexOf(waiter)
    if (index !== -1) {
      this.#waiters.splice(index, 1)
      this.#engine.waiting--
    }
    if (waiter.timer !== -1) this.#engine.wheel.cancel(waiter.timer)
    waiter.timer = -1
  }

  #cancel(waiter: Waiter): void {
    if (waiter.state === 'waiting') {
      this.#leaveLine(waiter, 'closed')
      return
    }
    if (waiter.state === 'closed') return
    waiter.state = 'closed'
    // Nobody saw the answer: as if it had never been given.
    const untaken = waiter.leases
      .filter(({ lease, generation }) => lease.state === 'in-flight' && lease.generation === generation)
      .map(({ lease }) => lease)
    for (const lease of untaken) lease.uncounted = true
    const free: Lease[] = []
    for (const lease of untaken) {
      if (lease.lock === undefined) {
        this.#recall(lease)
        free.push(lease)
      } else if (lease.lock.run[0] === lease) this.#returnRun(lease.lock)
    }
    this.#due.unshift(...free)
    this.wake()
  }

  // ── the end of a delivery ──

  /** Takes a lease back: its message waits again. */
  #recall(lease: Lease): void {
    this.#stop(lease)
    this.#attempts.leave(lease)
    if (lease.uncounted) lease.attempts--
    lease.uncounted = false
    lease.state = 'waiting'
  }

  /** Ends what runs for a lease: timer, renewal, counts. */
  #stop(lease: Lease): void {
    if (lease.timer !== -1) this.#engine.wheel.cancel(lease.timer)
    lease.timer = -1
    if (lease.autoRenew) this.#engine.renewed.delete(lease)
    lease.autoRenew = false
    if (lease.state === 'in-flight') {
      // Others may have been kept back.
      if (this.#crowded) this.wake()
      this.#inFlight--
    } else if (lease.state === 'delayed') this.#delayed--
  }

  /** The lease's time is over. */
  expire(lease: Lease): void {
    const { lock } = lease
    if (lock !== undefined) {
      if (lock.run[0] === lease) this.#returnRun(lock)
      // Behind an unsettled message it only waits for that one; its handle is dead, so no replay may show it.
      else this.#attempts.leave(lease)
      return
    }
    if (lease.attempts >= this.#group.maxAttempts && !lease.uncounted) {
      this.#bury(lease)
      return
    }
    this.#recall(lease)
    this.#due.push(lease)
    this.wake()
  }

  /** Everything handed out of a message group waits again, in order; what has no attempts left goes to the dead-letter topic. */
  #returnRun(lock: MessageGroupLock): void {
    const returned: Lease[] = []
    while (true) {
      const lease = lock.run[0]
      if (lease === undefined) break
      if (lease.attempts >= this.#group.maxAttempts && !lease.uncounted) {
        if (lease.state === 'acknowledged') this.#settle(lease)
        else if (!this.#bury(lease)) {
          // No room: the rest stays behind it and is looked at when it is tried again.
          break
        }
        continue
      }
      lock.run.shift()
      this.#recall(lease)
      returned.push(lease)
    }
    lock.waiting.unshift(...returned)
    this.#release(lock)
  }

  /** Moves the message to the dead-letter topic. Without room it is tried again a little later, and false is answered. */
  #bury(lease: Lease): boolean {
    if (!this.#engine.bury(lease, this.#group.name)) {
      if (lease.timer !== -1) this.#engine.wheel.cancel(lease.timer)
      lease.deadline = this.#engine.clock.monotonic() + BURY_AGAIN
      lease.timer = this.#engine.wheel.add(lease.deadline, lease)
      return false
    }
    this.#deadLettered++
    this.#settle(lease)
    return true
  }

  /** Done with the message for good. */
  #settle(lease: Lease): void {
    const { lock } = lease
    this.#slots.remember(lease.slot, lease.generation, lease.deadline)
    this.#stop(lease)
    this.#attempts.leave(lease)
    lease.state = 'settled'
    this.#slots.free(lease)
    this.queues.settle(lease.entry)
    if (lock !== undefined) {
      const index = lock.run.indexOf(lease)
      if (index !== -1) lock.run.splice(index, 1)
    }
  }

  /** After the first message of a run went: what was acknowledged behind it counts now, and what lapsed behind it is visible now. */
  #advance(lock: MessageGroupLock): void {
    while (lock.run[0]?.state === 'acknowledged') this.#settle(lock.run[0])
    const first = lock.run[0]
    if (first !== undefined && first.timer === -1) this.#returnRun(lock)
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
      this.#freeLocks.push(lock)
    }
    this.wake()
  }

  /** The delivery that a handle stands for: every part must fit, and its lease must run. */
  #live(parts: HandleParts): Lease | undefined {
    const lease = this.#slots.at(parts.slot)
    if (lease === undefined || lease.generation !== parts.generation) return undefined
    const { entry } = lease
    if (entry.queueId !== parts.queueId || entry.offset !== parts.offset || entry.position !== parts.position) return undefined
    if (lease.state === 'acknowledged') return lease
    const running = (lease.state === 'in-flight' || lease.state === 'delayed') && this.#engine.clock.monotonic() < lease.deadline
    return running ? lease : undefined
  }

  acknowledge(parts: HandleParts): SettleResult {
    const lease = this.#live(parts)
    if (lease === undefined) return this.#repeated(parts)
    if (lease.state === 'acknowledged') return 'ok'
    const { lock } = lease
    if (lock !== undefined && lock.run[0] !== lease) {
      this.#stop(lease)
      this.#attempts.leave(lease)
      lease.state = 'acknowledged'
      return 'ok'
    }
    this.#settle(lease)
    if (lock !== undefined) this.#advance(lock)
    return 'ok'
  }

  #repeated(parts: HandleParts): SettleResult {
    return this.#slots.wasAcknowledged(parts.slot, parts.generation, this.#engine.clock.monotonic()) ? 'ok' : 'invalid-handle'
  }

  changeInvisible(parts: HandleParts, duration: number, suspend: boolean): ChangeResult {
    const lease = this.#live(parts)
    if (lease === undefined || lease.state === 'acknowledged') return { kind: 'invalid-handle' }
    const { clock, wheel } = this.#engine
    // A consumer whose lease the broker renews has no other reason to change it than to give the message back.
    const back = lease.autoRenew || lease.state === 'delayed'
    this.#stop(lease)
    // A replay shows what is still held; a lease that was only extended is.
    if (back) this.#attempts.leave(lease)
    lease.state = back ? 'delayed' : 'in-flight'
    if (back) this.#delayed++
    else this.#inFlight++
    lease.uncounted = suspend
    lease.invisible = duration
    lease.deadline = clock.monotonic() + duration
    lease.timer = wheel.add(lease.deadline, lease)
    this.#rename(lease)
    return { kind: 'changed', handle: lease.handle }
  }

  deadLetter(parts: HandleParts): SettleResult {
    const lease = this.#live(parts)
    if (lease === undefined || lease.state === 'acknowledged') return this.#repeated(parts)
    const { lock } = lease
    const first = lock?.run[0] === lease
    if (!this.#engine.bury(lease, this.#group.name)) return 'full'
    this.#deadLettered++
    this.#settle(lease)
    if (lock !== undefined && first) this.#advance(lock)
    return 'ok'
  }

  /** The client that held this renewed lease is gone. */
  lose(lease: Lease): void {
    const { clock, wheel, limits, renewed } = this.#engine
    if (!lease.autoRenew) return
    renewed.delete(lease)
    lease.autoRenew = false
    if (lease.timer !== -1) wheel.cancel(lease.timer)
    lease.deadline = clock.monotonic() + limits.lostClientReturn
    lease.timer = wheel.add(lease.deadline, lease)
  }

  stats(): SubscriptionStats {
    let ready = this.#due.length
    let oldest: number | undefined
    const note = (message: StoredMessage): void => {
      if (oldest === undefined || message.storedAt < oldest) oldest = message.storedAt
    }
    for (let queueId = 0; queueId < this.queues.count; queueId++) {
      const entry = this.#peek(queueId)
      if (entry === undefined) continue
      ready += this.queues.range(queueId).max - entry.offset
      note(entry.message)
    }
    for (const lease of this.#due) note(lease.entry.message)
    for (const lock of this.#freeLocks) {
      const first = lock.waiting[0]
      if (first !== undefined) note(first.entry.message)
      ready += lock.waiting.length
    }
    return {
      topic: this.queues.topic.name,
      group: this.#group.name,
      ready,
      inFlight: this.#inFlight,
      delayed: this.#delayed,
      parked: this.#parked,
      waiters: this.#waiters.length,
      deadLettered: this.#deadLettered,
      delivered: this.#delivered,
      deliveredBytes: this.#deliveredBytes,
      redelivered: this.#redelivered,
      oldestReadyAt: oldest,
    }
  }

  /** Answers every receive that waits with what it has: nothing. */
  close(): void {
    for (const waiter of [...this.#waiters]) this.#answer(waiter)
  }

  /** The topic or the group is gone: answers who waits, ends every lease, and needs no message any more. */
  remove(): void {
    this.close()
    // What was never handed out has no slot: it is parked, or no cursor has come to it.
    const parked = [...this.#locks.values()].flatMap((lock) => lock.waiting.filter((lease) => lease.slot === -1))
    for (const lease of [...this.#slots.leases(), ...parked]) {
      this.#stop(lease)
      lease.state = 'settled'
      this.queues.settle(lease.entry)
    }
    for (let queueId = 0; queueId < this.queues.count; queueId++) {
      let entry = this.#peek(queueId)
      while (entry !== undefined) {
        this.queues.settle(entry)
        entry = this.queues.at(queueId, entry.offset + 1)
      }
    }
  }
}
