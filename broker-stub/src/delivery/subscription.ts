import type { StoredMessage } from '../log/message-log.ts'
import type { Group } from '../registry/types.ts'
import type { Fetched, QueueEntry, TopicQueues } from '../store/message-store.ts'
import { Burials } from './burials.ts'
import { Cursors } from './cursors.ts'
import type { Engine } from './engine.ts'
import type { Lease, LeaseOwner } from './lease.ts'
import { LeaseBook } from './lease-book.ts'
import { Line } from './line.ts'
import { MessageGroups } from './message-groups.ts'
import type { SeekTarget } from './queue-seek.ts'
import type { HandleParts } from './receipt-handle.ts'
import { Seeking } from './seeking.ts'
import { noJournal, type SubscriptionJournal } from './subscription-journal.ts'
import type { RestoredSubscription, SubscriptionOptions } from './subscription-options.ts'
import { takeUp } from './take-up.ts'
import type { ChangeResult, Delivery, PendingReceive, ReceiveOutcome, ReceiveRequest, SettleResult, SubscriptionStats } from './types.ts'
import { Waiter } from './waiter.ts'

/**
 * All that a broker knows of one (topic, group) pair: cursors, messages in flight, what is due again, who waits.
 *
 * Messages are handed out one by one to the receives that wait, in the order in which those came: due redeliveries first, then message groups that have
 * become free, then the cursors of the queues in turn. No consumer owns a queue, so a slow or dead one holds up only what it holds. What order an ordered
 * group keeps, {@link MessageGroups} tell.
 */
export class Subscription implements LeaseOwner {
  readonly id: number
  readonly topicId: number
  readonly queues: TopicQueues
  readonly #byPriority: boolean
  readonly #engine: Engine
  #group: Group
  readonly #cursors: Cursors
  #due: Lease[] = []
  readonly #journal: SubscriptionJournal
  readonly #leases: LeaseBook
  readonly #burials: Burials
  readonly #messageGroups: MessageGroups
  readonly #seeking: Seeking
  readonly #line: Line
  /** What goes on when a message is at hand that had to be read. */
  #awaiting: (() => void)[] = []
  /** Something that was looked for within the present dispatch has to be read first. */
  #reading = false
  #scheduled = false
  #redelivered = 0
  #skipped = 0
  #delivered = 0
  #deliveredBytes = 0

  constructor({ id, topicId, queues, byPriority = false, group, engine, journal = noJournal, restored }: SubscriptionOptions) {
    this.id = id
    this.topicId = topicId
    this.queues = queues
    this.#byPriority = byPriority
    this.#group = group
    this.#engine = engine
    this.#journal = journal
    this.#line = new Line(engine)
    this.#leases = new LeaseBook(id, queues, engine, this, journal, () => this.wake())
    this.#burials = new Burials({
      queues,
      engine,
      leases: this.#leases,
      groupName: () => this.#group.name,
      whenRead: (goOn) => void this.#awaiting.push(goOn),
      expire: (lease) => this.expire(lease),
      settled: ({ lock }, first) => {
        if (lock !== undefined && first) this.#messageGroups.advance(lock)
      },
    })
    this.#messageGroups = new MessageGroups({
      engine,
      leases: this.#leases,
      burials: this.#burials,
      journal,
      fetch: (entry) => this.#fetch(entry),
      takerOf: (message) => this.#takerOf(message),
      hand: (lease, waiter, message) => this.#hand(lease, waiter, message),
      room: () => this.#room,
      exhausted: (lease) => this.#exhausted(lease),
      wake: () => this.wake(),
    })
    this.#seeking = new Seeking({
      queues,
      cursors: () => this.#cursors.offsets,
      whenRead: (goOn) => void this.#awaiting.push(goOn),
      moveTo: (offsets) => this.#moveTo(offsets),
    })
    const before = restored === undefined || restored.cursors.size === 0 ? undefined : restored.cursors
    this.#cursors = new Cursors(queues, before === undefined ? queues.join() : queues.rejoin(before), journal)
    if (restored !== undefined) this.#restore(restored)
    if (before !== undefined) return
    if (group.start === 'default') this.#cursors.moveTo(this.#cursors.offsets)
    else this.#seeking.begin(group.start)
  }

  /** Takes up what there was before a restart. */
  #restore(restored: RestoredSubscription): void {
    const taken = takeUp(restored, this.queues, this.#leases)
    this.#due = taken.due
    this.#messageGroups.restore(taken)
    for (const lease of taken.ended) if (lease.timer === -1 && lease.state !== 'waiting') this.expire(lease)
    this.#messageGroups.goOn()
  }

  /** What survives of it beside its slots, as it is now. */
  get cursors(): readonly number[] {
    // Where it begins is looked for anew after a restart.
    return this.#seeking.beginning ? [] : this.#cursors.offsets
  }

  get leases(): LeaseBook {
    return this.#leases
  }

  /** Everything that has to be there until it is settled: handed out, due, parked. */
  *needed(): Iterable<Lease> {
    yield* this.#leases.all()
    yield* this.parkedLeases()
  }

  /** The message of a lease that is needed lies elsewhere from now on. */
  moved(lease: Lease, position: number, length: number): void {
    lease.entry = { ...lease.entry, position, length }
    if (lease.slot === -1) this.#journal.parked(lease)
    else this.#journal.slot(lease.slot)
  }

  /** All that are parked now. */
  parkedLeases(): readonly Lease[] {
    return this.#messageGroups.parkedLeases()
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
    const waiter = new Waiter(request, done, (late) => this.#answer(late))
    const pending: PendingReceive = { cancel: () => this.#cancel(waiter) }
    const refusal = this.#engine.trouble() ?? (this.#line.full ? `too many receives wait on ${this.queues.name} in ${this.#group.name}` : undefined)
    if (refusal !== undefined) {
      waiter.state = 'closed'
      queueMicrotask(() => done({ kind: 'refused', reason: refusal }))
      return pending
    }
    const replay = request.attemptId !== undefined ? this.#leases.attempts.replay(request.attemptId) : []
    if (replay.length > 0) {
      queueMicrotask(() => this.#replay(waiter))
      return pending
    }
    this.#line.add(waiter)
    this.wake()
    return pending
  }

  /** Something may have become visible, or someone waits: look once the present work is done, so that one look serves all of it. */
  wake(): void {
    if (this.#scheduled || this.#line.length === 0) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#dispatch()
    })
  }

  /** There may be something to see, or at hand, that was not before. */
  changed(): void {
    const awaiting = this.#awaiting
    this.#awaiting = []
    for (const goOn of awaiting) goOn()
    this.wake()
  }

  // ── handing out ──

  /** Answers with what the same receive was given before and is still held. */
  #replay(waiter: Waiter, read: Map<Lease, StoredMessage> = new Map()): void {
    if (waiter.state !== 'waiting') return
    const { attemptId } = waiter.request
    const deliveries: Delivery[] = []
    for (const lease of attemptId === undefined ? [] : this.#leases.attempts.replay(attemptId)) {
      // What was read before is kept: all of it need not be at hand at once.
      const message = read.get(lease) ?? this.queues.fetch(lease.entry)
      if (message === 'loading') {
        this.#awaiting.push(() => this.#replay(waiter, read))
        return
      }
      if (message === 'gone') continue
      read.set(lease, message)
      deliveries.push(this.#delivery(lease, message))
    }
    waiter.state = 'answered'
    waiter.done(deliveries.length === 0 ? { kind: 'empty' } : { kind: 'messages', deliveries })
  }

  #dispatch(): void {
    if (this.#line.length === 0) return
    this.#reading = false
    if (this.#seeking.active) this.#reading = true
    else if (!this.#group.paused && this.#byPriority && !this.#group.ordered) this.#takeByPriority()
    else if (!this.#group.paused) {
      this.#takeDue()
      this.#messageGroups.takeFree()
      this.#takeFromQueues()
      this.#messageGroups.dispatched()
    }
    for (const waiter of this.#line.all()) {
      // What is being read will be here in a moment: nobody is told that there is nothing, or less.
      if (waiter.full || (!this.#reading && (waiter.leases.length > 0 || waiter.request.wait === 0))) this.#answer(waiter)
    }
  }

  #takerOf(message: StoredMessage): Waiter | undefined {
    return this.#leases.crowded ? undefined : this.#line.takerOf(message)
  }

  #fetch(entry: QueueEntry): Fetched {
    const message = this.queues.fetch(entry)
    if (message === 'loading') this.#reading = true
    return message
  }

  /** Messages that may still be handed out to those who wait. */
  get #room(): number {
    return this.#leases.crowded ? 0 : this.#line.room
  }

  #takeDue(): void {
    if (this.#due.length === 0) return
    const due = this.#due
    this.#due = []
    // No more is read than can be taken: who waits for a disk shall not fill the memory.
    let room = this.#room
    for (const [index, lease] of due.entries()) {
      if (room <= 0) {
        // They may be too many to be arguments.
        this.#due = this.#due.concat(due.slice(index))
        return
      }
      const message = this.#fetch(lease.entry)
      if (message === 'gone') {
        this.#leases.settle(lease)
        continue
      }
      const taker = message === 'loading' ? undefined : this.#takerOf(message)
      if (taker === undefined || message === 'loading') this.#due.push(lease)
      else this.#hand(lease, taker, message)
      if (taker !== undefined || message === 'loading') room--
    }
  }

  #takeFromQueues(): void {
    const { count } = this.queues
    let idle = 0
    while (idle < count && this.#line.hasRoom) {
      const entry = this.#cursors.peek(this.#cursors.turn())
      if (entry === 'loading') this.#reading = true
      if (typeof entry !== 'object' || !this.#take(entry)) {
        idle++
        continue
      }
      idle = 0
      this.#cursors.pass(entry)
    }
  }

  /** All of a queue, what is due again among it, before any of a lower one (server behaviour: POP of a topic of the type PRIORITY). */
  #takeByPriority(): void {
    const due: Lease[][] = Array.from({ length: this.queues.count }, () => [])
    for (const lease of this.#due) due[lease.entry.queueId]?.push(lease)
    let left: Lease[] = []
    for (let queueId = this.queues.count - 1; queueId >= 0; queueId--) {
      this.#due = due[queueId] ?? []
      // Lower ones wait for what is being read.
      if (!this.#reading && this.#line.hasRoom) {
        this.#takeDue()
        this.#takeFrom(queueId)
      }
      left = left.concat(this.#due)
    }
    this.#due = left
  }

  #takeFrom(queueId: number): void {
    while (this.#line.hasRoom) {
      const entry = this.#cursors.peek(queueId)
      if (entry === 'loading') this.#reading = true
      if (typeof entry !== 'object' || !this.#take(entry)) return
      this.#cursors.pass(entry)
    }
  }

  /** Hands out the message at a cursor, parks it, or passes it over; false when it has to stay. */
  #take(entry: QueueEntry): boolean {
    const message = this.#fetch(entry)
    if (message === 'loading') return false
    // Nobody who waits wants it: consumed for the group (server behaviour: filtered messages are skipped for good).
    if (message === 'gone' || !this.#line.wants(message)) {
      if (message !== 'gone') this.#skipped++
      this.queues.settle(entry)
      return true
    }
    if (!this.#group.ordered || message.messageGroup === undefined) {
      const taker = this.#takerOf(message)
      if (taker === undefined) return false
      this.#hand(this.#leases.open(entry), taker, message)
      return true
    }
    return this.#messageGroups.take(entry, message.messageGroup, message)
  }

  #hand(lease: Lease, waiter: Waiter, message: StoredMessage): void {
    this.#leases.hand(lease, waiter.request)
    this.#delivered++
    this.#deliveredBytes += message.bytes.length
    if (lease.attempts > 1) this.#redelivered++
    waiter.leases.push({ lease, generation: lease.generation, message })
  }

  #delivery(lease: Lease, message: StoredMessage): Delivery {
    const { entry, attempts, invisible } = lease
    return { message, handle: this.#leases.handleOf(lease), attempt: attempts, queueId: entry.queueId, offset: BigInt(entry.offset), invisible }
  }

  #answer(waiter: Waiter): void {
    if (waiter.state !== 'waiting') return
    this.#line.leave(waiter, 'answered')
    if (waiter.leases.length === 0) {
      waiter.done({ kind: 'empty' })
      return
    }
    const leases = waiter.leases.map(({ lease }) => lease)
    if (waiter.request.attemptId !== undefined) this.#leases.attempt(waiter.request.attemptId, leases)
    waiter.done({ kind: 'messages', deliveries: waiter.leases.map(({ lease, message }) => this.#delivery(lease, message)) })
  }

  #cancel(waiter: Waiter): void {
    if (waiter.state === 'waiting') {
      this.#line.leave(waiter, 'closed')
      return
    }
    if (waiter.state === 'closed') return
    waiter.state = 'closed'
    // Nobody saw the answer: as if it had never been given.
    const untaken = waiter.leases
      .filter(({ lease, generation }) => lease.state === 'in-flight' && lease.generation === generation)
      .map(({ lease }) => lease)
    for (const lease of untaken) this.#leases.uncount(lease)
    const free: Lease[] = []
    for (const lease of untaken) {
      if (lease.lock === undefined) {
        this.#leases.recall(lease)
        free.push(lease)
      } else if (lease.lock.run[0] === lease) this.#messageGroups.returnRun(lease.lock)
    }
    this.#due.unshift(...free)
    this.wake()
  }

  // ── the end of a delivery ──

  /** The lease's time is over. */
  expire(lease: Lease): void {
    const { lock } = lease
    if (lock !== undefined) {
      this.#messageGroups.expire(lease, lock)
      return
    }
    if (this.#exhausted(lease)) {
      this.#burials.bury(lease)
      return
    }
    this.#leases.recall(lease)
    this.#due.push(lease)
    this.wake()
  }

  /** It has no attempts left. */
  #exhausted({ attempts, uncounted }: Lease): boolean {
    return attempts >= this.#group.maxAttempts && !uncounted
  }

  acknowledge(parts: HandleParts): SettleResult {
    const lease = this.#leases.live(parts)
    if (lease === undefined) return this.#repeated(parts)
    if (lease.state === 'acknowledged') return 'ok'
    const { lock } = lease
    if (lock !== undefined && lock.run[0] !== lease) {
      this.#leases.acknowledge(lease)
      return 'ok'
    }
    this.#leases.settle(lease)
    if (lock !== undefined) this.#messageGroups.advance(lock)
    return 'ok'
  }

  #repeated(parts: HandleParts): SettleResult {
    return this.#leases.wasAcknowledged(parts) ? 'ok' : 'invalid-handle'
  }

  changeInvisible(parts: HandleParts, duration: number, suspend: boolean, error?: string | undefined): ChangeResult {
    const lease = this.#leases.live(parts)
    if (lease === undefined || lease.state === 'acknowledged') return { kind: 'invalid-handle' }
    if (error !== undefined) this.#leases.blame(lease, error)
    this.#leases.change(lease, duration, suspend)
    return { kind: 'changed', handle: this.#leases.handleOf(lease) }
  }

  deadLetter(parts: HandleParts, error?: string | undefined): SettleResult | Promise<SettleResult> {
    const lease = this.#leases.live(parts)
    if (lease === undefined || lease.state === 'acknowledged') return this.#repeated(parts)
    if (error !== undefined) this.#leases.blame(lease, error)
    return this.#burials.forward(lease) ?? new Promise((resolve) => this.#awaiting.push(() => resolve(this.deadLetter(parts))))
  }

  /**
   * Goes on elsewhere: what is in flight, due and parked is dropped, its handles are dead, no message group is held. At once where that is known, and
   * else when it is.
   * @param done Told the offsets, by queue; undefined when the topic or the group went first.
   */
  reset(target: SeekTarget, done: (offsets: readonly number[] | undefined) => void): void {
    this.#seeking.move(target, done)
  }

  #moveTo(offsets: readonly number[]): void {
    for (const lease of [...this.needed()]) this.#leases.drop(lease)
    this.#due = []
    this.#messageGroups.clear()
    // They wait for more, or for something to be read, and were not answered yet.
    for (const waiter of this.#line.all()) waiter.leases.length = 0
    this.queues.leave(this.#cursors.offsets)
    this.#cursors.moveTo(this.queues.rejoin(new Map(offsets.entries())))
    this.wake()
  }

  /** The client that held this renewed lease is gone. */
  lose(lease: Lease): void {
    this.#leases.lose(lease)
  }

  stats(): SubscriptionStats {
    const ahead = this.#cursors.ahead
    const waiting = [...this.#due, ...this.#messageGroups.ready()]
    const oldest = waiting.reduce((least, { entry }) => Math.min(least, entry.storedAt), ahead.oldest ?? Number.POSITIVE_INFINITY)
    let unsettled = oldest
    for (const { state, entry } of this.needed()) if (state !== 'acknowledged' && entry.storedAt < unsettled) unsettled = entry.storedAt
    return {
      topic: this.queues.name,
      group: this.#group.name,
      ready: ahead.messages + waiting.length,
      inFlight: this.#leases.inFlight,
      delayed: this.#leases.delayed,
      parked: this.#messageGroups.parked,
      heldGroups: this.#messageGroups.held,
      skipped: this.#skipped,
      cap: this.#leases.crowded ? 'in flight' : this.#messageGroups.full ? 'parked' : undefined,
      waiters: this.#line.length,
      deadLettered: this.#burials.count,
      delivered: this.#delivered,
      deliveredBytes: this.#deliveredBytes,
      redelivered: this.#redelivered,
      oldestReadyAt: oldest === Number.POSITIVE_INFINITY ? undefined : oldest,
      oldestUnsettledAt: unsettled === Number.POSITIVE_INFINITY ? undefined : unsettled,
    }
  }

  /** Answers every receive that waits with what it has: nothing. */
  close(): void {
    this.#seeking.end()
    for (const waiter of this.#line.all()) this.#answer(waiter)
  }

  /** The topic or the group is gone: answers who waits, ends every lease, and needs no message any more. */
  remove(): void {
    this.close()
    for (const lease of [...this.needed()]) this.#leases.abandon(lease)
    this.queues.leave(this.#cursors.offsets)
  }
}
