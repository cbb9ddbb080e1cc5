import assert from 'node:assert/strict'
import { decodeMessage } from '@feathermq/protocol'
import { SimulatedDisk } from '../../files/test-kit/simulated-files.ts'
import { tagFilter } from '../../filter/tag-filter.ts'
import { stored } from '../../log/test-kit/stored.ts'
import { TopicsAndGroups } from '../../registry/registry.ts'
import { TimingWheel } from '../../schedule/timing-wheel.ts'
import { openState, type State } from '../../state/open-state.ts'
import { openDurableStore } from '../../store/durable-store.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import type { MessageStore } from '../../store/message-store.ts'
import { SlowStore } from '../../store/test-kit/slow-store.ts'
import { SurvivingStore } from '../../store/test-kit/surviving-store.ts'
import { TimedInMemory } from '../../store/test-kit/timed-in-memory.ts'
import { fixedClock } from '../../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../../testing/virtual-clock.ts'
import { Delivery } from '../delivery.ts'
import { DeliveryJournal } from '../durable/delivery-journal.ts'
import { DeliveryRecords } from '../durable/delivery-records.ts'
import type { PendingReceive, ReceiveOutcome, ReceiveRequest } from '../types.ts'
import { type Change, ReferenceGroup, type Taken } from './reference-group.ts'

const TOPIC = 'orders'
export const IN_FLIGHT_CAP = 6
const RENEW_CEILING = 60_000
const LOST_RETURN = 1_000

export type GroupName = 'plain' | 'ordered'

/** One random step. Numbers that choose among what exists are taken modulo its size, the newest first. */
export type Step =
  | { readonly do: 'send'; readonly tag: 'a' | 'b'; readonly messageGroup: string | undefined; readonly delay: number }
  | {
      readonly do: 'receive'
      readonly group: GroupName
      readonly client: string
      readonly max: number
      readonly wait: number
      readonly invisible: number
      readonly autoRenew: boolean
      readonly attemptId: string | undefined
    }
  | { readonly do: 'ack' | 'dead-letter'; readonly handle: number; readonly elsewhere: boolean }
  | { readonly do: 'change'; readonly handle: number; readonly duration: number; readonly suspend: boolean; readonly error: string | undefined }
  | { readonly do: 'forge'; readonly handle: number; readonly at: number }
  | { readonly do: 'cancel'; readonly receive: number }
  | { readonly do: 'lose'; readonly client: string }
  | { readonly do: 'configure'; readonly group: GroupName; readonly maxAttempts: number; readonly paused: boolean }
  | { readonly do: 'reset'; readonly group: GroupName; readonly target: 'first' | 'last' }
  | { readonly do: 'advance'; readonly by: number }
  | { readonly do: 'restart' | 'snapshot' }

interface Receive {
  readonly group: ReferenceGroup
  readonly request: ReceiveRequest
  readonly replay: boolean
  pending: PendingReceive | undefined
  state: 'waiting' | 'answered' | 'cancelled'
  taken: Taken | undefined
}

export interface WorldOptions {
  /** Messages have to be read, and dead letters to be written, before anything that waits for them goes on. */
  readonly slow?: boolean
  /** The engine can be killed, and goes on where it was. */
  readonly durable?: boolean
  /** Messages are on a disk, and next to none of them in memory. */
  readonly onDisk?: boolean
}

/** The engine and the model side by side: every step goes to both, and they must agree. */
export class World {
  readonly #clock: VirtualClock = fixedClock()
  readonly #registry = new TopicsAndGroups({ clock: this.#clock, autoCreate: true })
  #delivery: Delivery
  #store: MessageStore
  readonly #timed = new TimedInMemory(this.#clock)
  readonly #onDisk: boolean
  /** Where what survives is kept; undefined when nothing has to. */
  readonly #disk: SimulatedDisk | undefined
  #state: State | undefined
  #wheel: TimingWheel
  #epoch = 1
  readonly #groups: Readonly<Record<GroupName, ReferenceGroup>>
  readonly #handles: { readonly group: GroupName; readonly handle: string }[] = []
  readonly #receives: Receive[] = []
  readonly #offsets = new Map<number, bigint>()
  #sent = 0
  /** When, within this step, a receive went away with less than it asked for. */
  readonly #short = new Map<ReferenceGroup, number>()
  /** What was thrown while the engine called back. */
  #fault: unknown

  readonly #slow: boolean

  constructor({ slow = false, durable = false, onDisk = false }: WorldOptions = {}) {
    const store = new MemoryStore({ clock: this.#clock, wheel: new TimingWheel(this.#clock) })
    this.#slow = slow || onDisk
    this.#onDisk = onDisk
    this.#store = durable && !onDisk ? new SurvivingStore(store) : store
    this.#disk = durable || onDisk ? new SimulatedDisk({ seed: 1 }) : undefined
    this.#wheel = new TimingWheel(this.#clock)
    this.#delivery = this.#engine(undefined)
    this.#registry.createTopic(TOPIC, { queues: 3 }, 'config')
    const group = (name: GroupName): ReferenceGroup => {
      const ordered = name === 'ordered'
      this.#registry.putGroup(name, { ordered, maxAttempts: 3 }, 'config')
      return new ReferenceGroup({
        name,
        ordered,
        maxAttempts: 3,
        inFlightCap: IN_FLIGHT_CAP,
        renewCeiling: RENEW_CEILING,
        lostReturn: LOST_RETURN,
      })
    }
    this.#groups = { plain: group('plain'), ordered: group('ordered') }
    this.#registry.onGroupChanged((changed) => this.#delivery.groupChanged(changed))
  }

  #engine(restored: DeliveryRecords | undefined): Delivery {
    const limits = { inFlight: IN_FLIGHT_CAP, renewCeiling: RENEW_CEILING, lostClientReturn: LOST_RETURN }
    const journal = this.#disk === undefined ? undefined : new DeliveryJournal((type, bytes) => this.#state?.write(type, bytes))
    return new Delivery({
      clock: this.#clock,
      wheel: this.#wheel,
      store: this.#slow && !this.#onDisk ? new SlowStore(this.#store) : this.#store,
      registry: this.#registry,
      brokerName: 'model',
      bootEpoch: this.#epoch,
      key: new Uint8Array(8),
      limits,
      journal,
      restored,
    })
  }

  /** Before the first step. */
  async start(): Promise<void> {
    if (this.#disk === undefined) return
    await this.#openState(new DeliveryRecords())
    if (!this.#onDisk) return
    this.#store = await this.#openStore(this.#disk)
    this.#delivery = this.#engine(undefined)
  }

  #openStore({ files }: SimulatedDisk): Promise<MessageStore> {
    const memory = { tail: 0, cache: 0, index: 0 }
    const segmentSize = 8 * 1024 * 1024
    return openDurableStore({
      files,
      folder: 'messages',
      clock: this.#clock,
      topics: this.#registry.topics(),
      timed: this.#timed,
      memory,
      segmentSize,
    })
  }

  async #openState(records: DeliveryRecords): Promise<void> {
    this.#state = await openState({
      files: (this.#disk as SimulatedDisk).files,
      folder: 'state',
      clock: this.#clock,
      onRecord: (type, bytes) => void records.take(type, bytes),
    })
    this.#state.begin((emit) => this.#delivery.snapshot(new DeliveryJournal(emit)))
  }

  /** The process is killed and started again. Whoever waited for an answer has none. */
  async #restart(): Promise<void> {
    if (this.#disk === undefined) return
    for (const receive of this.#receives) {
      receive.state = 'cancelled'
    }
    this.#wheel.close()
    this.#disk.crash('kill')
    const records = new DeliveryRecords()
    await this.#openState(records)
    if (this.#onDisk) this.#store = await this.#openStore(this.#disk)
    this.#epoch++
    this.#wheel = new TimingWheel(this.#clock)
    this.#delivery = this.#engine(records)
    this.#delivery.restore()
  }

  async step(step: Step): Promise<void> {
    if (step.do === 'restart') await this.#restart()
    else if (step.do === 'snapshot') await this.#state?.snapshot()
    else this.#take(step)
    await this.#clock.advance(step.do === 'advance' ? step.by : 0)
    if (this.#fault !== undefined) throw this.#fault
    for (const group of Object.values(this.#groups)) {
      group.expire(this.#now)
      const waiting = this.#receives.some((receive) => receive.group === group && receive.state === 'waiting')
      if (waiting || (this.#short.get(group) === this.#now && !this.#slow))
        assert.deepEqual(group.available(this.#now), [], `${group.name}: a receive waits for what is there`)
    }
    this.#short.clear()
  }

  /** Consumes everything, until nothing comes any more, and looks whether all of it is accounted for. */
  async drain(): Promise<void> {
    for (let at = 0; at < this.#receives.length; at++) this.#cancel(this.#receives[at])
    for (const name of ['plain', 'ordered'] as const) this.#configure(name, this.#groups[name].maxAttempts, false)
    for (let round = 0; round < 200; round++) {
      await this.step({ do: 'advance', by: RENEW_CEILING })
      const before = this.#handles.length
      for (const group of ['plain', 'ordered'] as const) {
        await this.step({ do: 'receive', group, client: 'last', max: 32, wait: 0, invisible: 10_000, autoRenew: false, attemptId: undefined })
      }
      for (const { group, handle } of this.#handles.slice(before)) this.#acknowledge(group, handle, false)
      if (Object.values(this.#groups).every((group) => group.unsettled.length === 0)) break
    }
    for (const group of Object.values(this.#groups)) {
      assert.deepEqual(group.unsettled, [], `${group.name}: lost`)
      assert.deepEqual((await this.#buried(group.name)).sort(), [...group.dead].sort(), `${group.name}: dead letters`)
    }
    for (const name of ['plain', 'ordered'] as const) {
      const stats = this.#delivery.subscriptionStats().find(({ topic, group }) => topic === TOPIC && group === name)
      assert.ok(stats !== undefined)
      const { inFlight, delayed, parked, waiters, deadLettered } = stats
      assert.deepEqual({ inFlight, delayed, parked, waiters }, { inFlight: 0, delayed: 0, parked: 0, waiters: 0 }, name)
      // Counted since start.
      if (this.#epoch === 1) assert.equal(deadLettered, this.#groups[name].dead.length)
    }
  }

  get #now(): number {
    return this.#clock.monotonic()
  }

  #take(step: Step): void {
    switch (step.do) {
      case 'send':
        this.#send(step.tag, step.messageGroup, step.delay)
        break
      case 'receive': {
        const { client, max, wait, invisible, autoRenew, attemptId } = step
        // `plain` never sees tag b: consumed for it whoever waits.
        const filter = tagFilter(step.group === 'plain' ? 'a' : '*')
        this.#receive(step.group, { clientId: client, max, wait, invisible, autoRenew, attemptId, filter })
        break
      }
      case 'ack':
      case 'dead-letter': {
        const chosen = this.#handle(step.handle)
        if (chosen === undefined) return
        if (step.do === 'ack') this.#acknowledge(chosen.group, chosen.handle, step.elsewhere)
        else this.#deadLetter(chosen.group, chosen.handle)
        break
      }
      case 'change':
        this.#change(step.handle, step)
        break
      case 'forge':
        this.#forge(step.handle, step.at)
        break
      case 'cancel':
        this.#cancel(this.#receives[this.#receives.length - 1 - (step.receive % Math.max(1, this.#receives.length))])
        break
      case 'lose':
        for (const group of Object.values(this.#groups)) group.lost(step.client, this.#now)
        this.#delivery.clientLost(step.client)
        break
      case 'configure':
        this.#configure(step.group, step.maxAttempts, step.paused)
        break
      case 'reset':
        this.#reset(step.group, step.target)
    }
  }

  #configure(name: GroupName, maxAttempts: number, paused: boolean): void {
    const group = this.#groups[name]
    group.maxAttempts = maxAttempts
    group.paused = paused
    this.#registry.putGroup(name, { maxAttempts, paused }, 'admin')
  }

  #reset(name: GroupName, target: 'first' | 'last'): void {
    const topic = this.#registry.topic(TOPIC)
    const group = this.#registry.group(name)
    assert.ok(topic !== undefined && group !== undefined)
    this.#groups[name].reset(target, this.#now)
    this.#later(this.#delivery.reset(topic, group, target).then((offsets) => assert.equal(offsets?.length, topic.queues)))
  }

  #send(tag: 'a' | 'b', messageGroup: string | undefined, delay: number): void {
    const messageId = `m${++this.#sent}`
    const delayed = messageGroup === undefined && delay > 0
    const deliverAt = delayed ? this.#clock.now() + delay : undefined
    const answer = this.#delivery.append(stored({ topic: TOPIC, messageId, tag, messageGroup, deliverAt, storedAt: this.#clock.now() }))
    assert.equal(answer.kind, 'stored')
    if (answer.kind === 'stored' && !delayed) {
      const last = this.#offsets.get(answer.queueId)
      if (last !== undefined) assert.ok(answer.offset > last, 'offsets of a queue grow')
      this.#offsets.set(answer.queueId, answer.offset)
    }
    const visibleAt = this.#now + (delayed ? delay : 0)
    if (tag === 'a') this.#groups.plain.add(messageId, messageGroup, visibleAt)
    this.#groups.ordered.add(messageId, messageGroup, visibleAt)
  }

  #receive(name: GroupName, request: ReceiveRequest): void {
    const group = this.#groups[name]
    const receive: Receive = { group, request, replay: group.isReplay(request.attemptId), pending: undefined, state: 'waiting', taken: undefined }
    this.#receives.push(receive)
    const topic = this.#registry.topic(TOPIC)
    const known = this.#registry.group(name)
    assert.ok(topic !== undefined && known !== undefined)
    receive.pending = this.#delivery.receive(topic, known, request, (outcome) => {
      try {
        this.#answered(receive, name, outcome)
      } catch (error) {
        this.#fault ??= error
      }
    })
  }

  #answered(receive: Receive, name: GroupName, outcome: ReceiveOutcome): void {
    const { group, request } = receive
    assert.equal(receive.state, 'waiting', 'a receive is answered once, and not after it was cancelled')
    receive.state = 'answered'
    group.expire(this.#now)
    if (receive.replay) {
      assert.equal(outcome.kind, 'messages')
      if (outcome.kind === 'messages') group.replay(request, outcome.deliveries)
    } else if (outcome.kind === 'messages') {
      receive.taken = group.deliver(request, outcome.deliveries, this.#now)
      for (const { handle } of receive.taken) this.#handles.push({ group: name, handle })
      if (outcome.deliveries.length < request.max) this.#short.set(group, this.#now)
    } else {
      assert.equal(outcome.kind, 'empty')
      if (request.wait === 0) this.#short.set(group, this.#now)
    }
  }

  #handle(number: number): { readonly group: GroupName; readonly handle: string } | undefined {
    return this.#handles[this.#handles.length - 1 - (number % Math.max(1, this.#handles.length))]
  }

  #acknowledge(name: GroupName, handle: string, elsewhere: boolean): void {
    if (elsewhere) {
      assert.equal(this.#delivery.acknowledge(TOPIC, name === 'plain' ? 'ordered' : 'plain', handle), 'invalid-handle', 'a handle of another group')
      assert.equal(this.#delivery.acknowledge('payments', name, handle), 'invalid-handle', 'a handle of another topic')
      return
    }
    this.#agree('ack', this.#groups[name].acknowledge(handle, this.#now), this.#delivery.acknowledge(TOPIC, name, handle))
  }

  #deadLetter(name: GroupName, handle: string): void {
    const error = this.#sent % 2 === 0 ? undefined : 'given up'
    const expected = this.#groups[name].deadLetter(handle, error, this.#now)
    const actual = this.#delivery.deadLetter(TOPIC, name, handle, error)
    if (typeof actual === 'string') this.#agree('dead letter', expected, actual)
    else this.#later(actual.then((told) => this.#agree('dead letter', expected, told)))
  }

  #later(check: Promise<void>): void {
    check.catch((error: unknown) => {
      this.#fault ??= error
    })
  }

  #agree(what: string, expected: boolean | undefined, actual: unknown): void {
    if (expected === undefined) assert.ok(actual === 'ok' || actual === 'invalid-handle')
    else assert.equal(actual, expected ? 'ok' : 'invalid-handle', what)
  }

  #change(number: number, change: Change): void {
    const chosen = this.#handle(number)
    if (chosen === undefined) return
    const { group: name, handle } = chosen
    const expected = this.#groups[name].mayChange(handle, this.#now)
    const result = this.#delivery.changeInvisible(TOPIC, name, handle, change.duration, change)
    assert.equal(result.kind, expected ? 'changed' : 'invalid-handle', 'change of the invisible duration')
    if (result.kind !== 'changed') return
    this.#groups[name].changed(handle, result.handle, change, this.#now)
    this.#handles.push({ group: name, handle: result.handle })
  }

  #forge(number: number, at: number): void {
    const chosen = this.#handle(number)
    if (chosen === undefined) return
    const { group, handle } = chosen
    const index = at % handle.length
    const forged = `${handle.slice(0, index)}${handle[index] === '1' ? '2' : '1'}${handle.slice(index + 1)}`
    assert.equal(this.#delivery.acknowledge(TOPIC, group, forged), 'invalid-handle', forged)
    assert.equal(this.#delivery.deadLetter(TOPIC, group, forged), 'invalid-handle', forged)
    assert.equal(this.#delivery.changeInvisible(TOPIC, group, forged, 1_000).kind, 'invalid-handle', forged)
  }

  #cancel(receive: Receive | undefined): void {
    if (receive === undefined || receive.state === 'cancelled') return
    if (receive.taken !== undefined) receive.group.untaken(receive.taken)
    receive.state = 'cancelled'
    receive.pending?.cancel()
  }

  async #buried(name: string): Promise<string[]> {
    const topic = this.#registry.deadLetterTopic(name)
    const undertaker = this.#registry.putGroup('undertaker', {}, 'admin')
    const found: string[] = []
    for (let more = true; more; ) {
      more = false
      const request = { clientId: 'last', max: 32, filter: tagFilter('*'), invisible: 10_000, autoRenew: false, wait: 0, attemptId: undefined }
      this.#delivery.receive(topic, undertaker, request, (outcome) => {
        if (outcome.kind !== 'messages') return
        more = true
        for (const { message, handle, attempt } of outcome.deliveries) {
          assert.deepEqual(message.deadLetter, { topic: TOPIC, messageId: message.messageId })
          assert.equal(attempt, 1)
          const properties = decodeMessage(message.bytes).userProperties
          found.push(`${message.messageId} ${properties.get('FEATHERMQ_DLQ_REASON')} ${properties.get('FEATHERMQ_DLQ_ERROR')}`)
          this.#delivery.acknowledge(topic.name, 'undertaker', handle)
        }
      })
      await this.#clock.advance(0)
    }
    return found
  }
}
