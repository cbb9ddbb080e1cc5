import assert from 'node:assert/strict'
import type { Delivery, ReceiveRequest } from '../types.ts'

/** One message as one group should see it. */
interface Known {
  readonly id: string
  readonly messageGroup: string | undefined
  /** Monotonic time from which it may be seen. */
  readonly visibleAt: number
  state: 'waiting' | 'in-flight' | 'delayed' | 'acknowledged' | 'settled' | 'dead'
  attempts: number
  handle: string
  deadline: number
  /** Its time was over while an earlier message of its message group was unsettled. */
  lapsed: boolean
  renewed: boolean
  client: string
  uncounted: boolean
  /** What a consumer said last about why it gave it back. */
  error: string | undefined
  /** Attempt id of the receive that holds it. */
  attemptId: string | undefined
}

export interface Change {
  readonly duration: number
  readonly suspend: boolean
  readonly error: string | undefined
}

/** What a receive was given: which messages, under which handles. */
export type Taken = readonly { readonly id: string; readonly handle: string }[]

/**
 * What one group should do with the messages of one topic, written to be read, not to be fast: no wheel, no slots, no cursors, no line of waiters.
 *
 * It does not predict which message a receive gets. It knows which ones it may get, with which attempt, and judges what it was given.
 */
export class ReferenceGroup {
  readonly name: string
  readonly ordered: boolean
  maxAttempts: number
  paused = false
  readonly #inFlightCap: number
  readonly #renewCeiling: number
  readonly #lostReturn: number
  readonly #messages: Known[] = []
  readonly #byId = new Map<string, Known>()
  readonly #byHandle = new Map<string, Known>()
  /** Messages that went to the dead-letter topic, each as often as it did, with the reason and the error that are told. */
  readonly #dead: string[] = []
  /** Handles of before the group was sent elsewhere, which had been settled: to settle them again may be fine or not. */
  readonly #forgotten = new Set<string>()
  /** Handles settled last: only the last one is sure to be remembered, since its slot cannot have been used again. */
  #lastSettled: string | undefined

  constructor(options: {
    readonly name: string
    readonly ordered: boolean
    readonly maxAttempts: number
    readonly inFlightCap: number
    readonly renewCeiling: number
    readonly lostReturn: number
  }) {
    this.name = options.name
    this.ordered = options.ordered
    this.maxAttempts = options.maxAttempts
    this.#inFlightCap = options.inFlightCap
    this.#renewCeiling = options.renewCeiling
    this.#lostReturn = options.lostReturn
  }

  /** In the order in which messages enter their queues. */
  add(id: string, messageGroup: string | undefined, visibleAt: number): void {
    const known: Known = {
      id,
      messageGroup: this.ordered ? messageGroup : undefined,
      visibleAt,
      state: 'waiting',
      attempts: 0,
      handle: '',
      deadline: 0,
      lapsed: false,
      renewed: false,
      client: '',
      uncounted: false,
      error: undefined,
      attemptId: undefined,
    }
    this.#messages.push(known)
    this.#byId.set(id, known)
  }

  get dead(): readonly string[] {
    return this.#dead
  }

  get unsettled(): readonly string[] {
    return this.#messages.filter(({ state }) => state !== 'settled' && state !== 'dead').map(({ id }) => id)
  }

  get inFlight(): number {
    return this.#messages.filter(({ state }) => state === 'in-flight').length
  }

  /** What a receive could be given now. */
  available(now: number): readonly string[] {
    if (this.paused || this.inFlight >= this.#inFlightCap) return []
    const free = (known: Known): boolean => known.messageGroup === undefined || this.#run(known.messageGroup).length === 0
    return this.#messages.filter((known) => known.state === 'waiting' && known.visibleAt <= now && free(known)).map(({ id }) => id)
  }

  /** Ends what is over by now. */
  expire(now: number): void {
    while (true) {
      const over = this.#messages
        .filter(({ state, deadline, lapsed }) => (state === 'in-flight' || state === 'delayed') && !lapsed && deadline <= now)
        .sort((a, b) => a.deadline - b.deadline)[0]
      if (over === undefined) return
      if (over.messageGroup === undefined) this.#return(over)
      else if (this.#run(over.messageGroup)[0] === over) this.#returnRun(over.messageGroup)
      else {
        over.lapsed = true
        over.attemptId = undefined
      }
    }
  }

  /** Whether a receive that is made now has to be given again what it was given before. */
  isReplay(attemptId: string | undefined): boolean {
    return attemptId !== undefined && this.#messages.some((known) => known.attemptId === attemptId)
  }

  /** Judges a replay. */
  replay(request: ReceiveRequest, deliveries: readonly Delivery[]): void {
    const shown = deliveries.map(({ message, handle, attempt }) => `${message.messageId}, attempt ${attempt}: ${handle}`)
    const held = this.#messages.filter((known) => known.attemptId === request.attemptId)
    const expected = held.map(({ id, handle, attempts }) => `${id}, attempt ${attempts}: ${handle}`)
    assert.deepEqual(shown.sort(), expected.sort(), 'a replay shows what is held, as it was')
  }

  /** Judges what a receive was given. */
  deliver(request: ReceiveRequest, deliveries: readonly Delivery[], now: number): Taken {
    assert.ok(!this.paused, 'nothing is handed out of a group that is paused')
    assert.ok(deliveries.length > 0 && deliveries.length <= request.max, `${deliveries.length} messages for a receive of ${request.max}`)
    // An attempt id that is used again stands for the later receive.
    if (request.attemptId !== undefined) for (const known of this.#messages) if (known.attemptId === request.attemptId) known.attemptId = undefined
    const before = new Set<string>()
    for (const { message, handle, attempt } of deliveries) {
      const known = this.#known(message.messageId)
      assert.equal(known.state, 'waiting', `${known.id} was handed out while it was ${known.state}`)
      assert.ok(known.visibleAt <= now, `${known.id} was handed out before its time`)
      if (known.messageGroup !== undefined) {
        if (!before.has(known.messageGroup)) assert.equal(this.#run(known.messageGroup).length, 0, `${known.messageGroup} is held`)
        before.add(known.messageGroup)
        const first = this.#messages.find((other) => other.messageGroup === known.messageGroup && other.state === 'waiting')
        assert.equal(known, first, `${known.id} was handed out before ${first?.id} of the same message group`)
      }
      assert.equal(attempt, known.attempts + 1, `attempt of ${known.id}`)
      assert.ok(!this.#byHandle.has(handle), 'a handle is used once')
      this.#byHandle.set(handle, known)
      known.state = 'in-flight'
      known.attempts = attempt
      known.handle = handle
      known.lapsed = false
      known.uncounted = false
      known.renewed = request.autoRenew
      known.client = request.clientId
      known.deadline = now + (request.autoRenew ? this.#renewCeiling : request.invisible)
      known.attemptId = request.attemptId
    }
    assert.ok(this.inFlight <= this.#inFlightCap, 'the cap of messages in flight')
    // A message handed out may have taken the slot that remembered.
    this.#lastSettled = undefined
    return deliveries.map(({ message, handle }) => ({ id: message.messageId, handle }))
  }

  /** Whether the handle is accepted; undefined where both answers are right. */
  acknowledge(handle: string, now: number): boolean | undefined {
    const known = this.#byHandle.get(handle)
    if (known === undefined) return false
    if (known.handle === handle && known.state === 'acknowledged') return true
    if (!this.#live(known, handle, now)) return this.#repeated(known, handle, now)
    if (known.messageGroup !== undefined && this.#run(known.messageGroup)[0] !== known) {
      known.state = 'acknowledged'
      known.attemptId = undefined
      return true
    }
    this.#settle(known, 'settled')
    return true
  }

  /** The caller reports the new handle by {@link changed} when the answer is true. */
  mayChange(handle: string, now: number): boolean {
    const known = this.#byHandle.get(handle)
    return known !== undefined && this.#live(known, handle, now)
  }

  changed(handle: string, next: string, { duration, suspend, error }: Change, now: number): void {
    const known = this.#byHandle.get(handle)
    assert.ok(known !== undefined && !this.#byHandle.has(next))
    const back = known.renewed || known.state === 'delayed'
    this.#byHandle.set(next, known)
    known.handle = next
    known.state = back ? 'delayed' : 'in-flight'
    known.renewed = false
    known.uncounted = suspend
    known.error = error ?? known.error
    known.deadline = now + duration
    if (back) known.attemptId = undefined
  }

  deadLetter(handle: string, error: string | undefined, now: number): boolean | undefined {
    const known = this.#byHandle.get(handle)
    if (known === undefined) return false
    if (!this.#live(known, handle, now)) return this.#repeated(known, handle, now)
    known.error = error ?? known.error
    this.#settle(known, 'dead', 'forwarded')
    return true
  }

  /** The client of an answered receive did not take the answer. */
  untaken(taken: Taken): void {
    const held = taken
      .map(({ id, handle }) => ({ known: this.#known(id), handle }))
      .filter(({ known, handle }) => known.state === 'in-flight' && known.handle === handle)
      .map(({ known }) => known)
    for (const known of held) known.uncounted = true
    for (const known of held) {
      if (known.messageGroup === undefined) this.#wait(known)
      else if (this.#run(known.messageGroup)[0] === known) this.#returnRun(known.messageGroup)
    }
  }

  lost(client: string, now: number): void {
    for (const known of this.#messages) {
      if ((known.state !== 'in-flight' && known.state !== 'delayed') || !known.renewed || known.client !== client) continue
      known.renewed = false
      known.deadline = now + this.#lostReturn
    }
  }

  /** Goes on at the first message, or behind the last, of those that are in their queues. */
  reset(target: 'first' | 'last', now: number): void {
    for (const known of this.#messages) {
      if (known.visibleAt > now) continue
      // What was held is as if it had never been handed out.
      if (known.state === 'settled' || known.state === 'dead') this.#forgotten.add(known.handle)
      else known.handle = ''
      known.state = target === 'first' ? 'waiting' : 'settled'
      known.attempts = 0
      known.lapsed = false
      known.renewed = false
      known.uncounted = false
      known.error = undefined
      known.attemptId = undefined
    }
    this.#lastSettled = undefined
  }

  #known(id: string): Known {
    const known = this.#byId.get(id)
    assert.ok(known !== undefined, `${id} was never sent, or not to this group`)
    return known
  }

  /** What is handed out of a message group, in order. */
  #run(messageGroup: string): Known[] {
    return this.#messages.filter(
      (known) => known.messageGroup === messageGroup && (known.state === 'in-flight' || known.state === 'delayed' || known.state === 'acknowledged'),
    )
  }

  #live(known: Known, handle: string, now: number): boolean {
    return known.handle === handle && (known.state === 'in-flight' || known.state === 'delayed') && now < known.deadline
  }

  /** Accepted while the lease would have run; a slot that was used again may have forgotten. */
  #repeated(known: Known, handle: string, now: number): boolean | undefined {
    const over = known.state === 'settled' || known.state === 'dead'
    if (this.#forgotten.has(handle)) return undefined
    if (!over || known.handle !== handle || now >= known.deadline) return false
    return this.#lastSettled === handle ? true : undefined
  }

  #return(known: Known): void {
    if (known.attempts >= this.maxAttempts && !known.uncounted) this.#settle(known, 'dead')
    else this.#wait(known)
  }

  #wait(known: Known): void {
    if (known.uncounted) known.attempts--
    known.uncounted = false
    known.state = 'waiting'
    known.renewed = false
    known.lapsed = false
    known.attemptId = undefined
  }

  #returnRun(messageGroup: string): void {
    for (const known of this.#run(messageGroup)) {
      if (known.attempts < this.maxAttempts || known.uncounted) this.#wait(known)
      else {
        if (known.state !== 'acknowledged') this.#dead.push(`${known.id} attempts ${known.error}`)
        known.state = known.state === 'acknowledged' ? 'settled' : 'dead'
        known.attemptId = undefined
        this.#lastSettled = undefined
      }
    }
  }

  #settle(known: Known, state: 'settled' | 'dead', reason = 'attempts'): void {
    known.state = state
    if (state === 'dead') this.#dead.push(`${known.id} ${reason} ${known.error}`)
    known.attemptId = undefined
    this.#lastSettled = known.handle
    const { messageGroup } = known
    if (messageGroup === undefined) return
    for (const next of this.#run(messageGroup)) {
      if (next.state === 'acknowledged') {
        next.state = 'settled'
        continue
      }
      if (next.lapsed) this.#returnRun(messageGroup)
      return
    }
  }
}
