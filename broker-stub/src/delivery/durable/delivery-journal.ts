import type { QueueEntry } from '../../store/message-store.ts'
import type { Lease } from '../lease.ts'
import type { Subscription } from '../subscription.ts'
import type { SubscriptionJournal } from '../subscription-journal.ts'
import { RecordWriter } from './byte-record.ts'
import { deliveryRecord, placeOf, type SubscribedRecord, writeRedriven, writeSubscribed } from './delivery-records.ts'
import { type ParkedRecord, type SubscriptionRecord, writeSubscriptionRecord } from './subscription-record.ts'

/** Takes a record; it is in a file before the present turn of the event loop ends. */
export type WriteRecord = (type: number, bytes: Uint8Array) => void

/** Slots and parked messages in one record of a snapshot. */
const SLICE = 256

/** Writes down what changes in subscriptions, once per turn of the event loop and subscription, as what it has become. */
export class DeliveryJournal {
  readonly #write: WriteRecord
  readonly #out = new RecordWriter()
  #dirty = new Set<Changes>()
  #written: Promise<void> | undefined

  constructor(write: WriteRecord) {
    this.#write = write
  }

  subscribed(record: SubscribedRecord): void {
    this.#out.begin()
    writeSubscribed(this.#out, record)
    this.#write(deliveryRecord.subscribed, this.#out.done())
  }

  unsubscribed(id: number): void {
    this.#out.begin()
    this.#out.u32(id)
    this.#write(deliveryRecord.unsubscribed, this.#out.done())
  }

  redriven(topicId: number, offset: number): void {
    this.#out.begin()
    writeRedriven(this.#out, topicId, offset)
    this.#write(deliveryRecord.redriven, this.#out.done())
  }

  /** What a new subscription tells its changes. */
  of(subscription: () => Subscription): SubscriptionJournal {
    const changes: Changes = new Changes(subscription, () => {
      if (this.#dirty.size === 0) queueMicrotask(() => this.flush())
      this.#dirty.add(changes)
    })
    return changes
  }

  /** Resolves when all that has happened up to now is written; undefined when it is. */
  written(): Promise<void> | undefined {
    if (this.#dirty.size === 0) return undefined
    // Behind the microtask that writes, and the one in which the file is written.
    this.#written ??= Promise.resolve().then(() => undefined)
    return this.#written
  }

  flush(): void {
    const dirty = this.#dirty
    this.#dirty = new Set()
    this.#written = undefined
    for (const changes of dirty) this.#record(changes.take())
  }

  /** All of the state of subscriptions, in records of bounded size. Yields between them. */
  *snapshot(subscriptions: Iterable<Subscription>, redriven: Iterable<readonly [topicId: number, offset: number]>): Iterable<undefined> {
    for (const [topicId, offset] of redriven) this.redriven(topicId, offset)
    for (const subscription of subscriptions) {
      const { id, cursors, leases, topicId } = subscription
      this.subscribed({ id, topicId, group: subscription.group.name })
      const none = { subscription: id, cursors: [], parked: [], unparked: [], slots: [] }
      this.#record({ ...none, cursors: cursors.map((offset, queueId) => ({ queueId, offset })) })
      yield
      const parked = subscription.parkedLeases().map(parkedRecord)
      for (let at = 0; at < parked.length; at += SLICE) {
        this.#record({ ...none, parked: parked.slice(at, at + SLICE) })
        yield
      }
      for (let slot = 0; slot < leases.slots; slot += SLICE) {
        const slice = Array.from({ length: Math.min(SLICE, leases.slots - slot) }, (_, index) => slot + index)
        this.#record({ ...none, slots: leases.records(slice) })
        yield
      }
    }
  }

  #record(record: SubscriptionRecord): void {
    this.#out.begin()
    writeSubscriptionRecord(this.#out, record)
    this.#write(deliveryRecord.subscription, this.#out.done())
  }
}

const parkedRecord = (lease: Lease): ParkedRecord => ({ entry: lease.entry, messageGroup: lease.lock?.key ?? '' })

/** What has changed in one subscription within this turn. */
class Changes implements SubscriptionJournal {
  readonly #subscription: () => Subscription
  readonly #onChange: () => void
  #slots = new Set<number>()
  #queues = new Set<number>()
  /** A slot mostly changes in several ways at once. */
  #lastSlot = -1
  #told = false
  readonly #parked = new Map<string, Lease>()
  readonly #unparked = new Map<string, QueueEntry>()

  constructor(subscription: () => Subscription, onChange: () => void) {
    this.#subscription = subscription
    this.#onChange = onChange
  }

  slot(slot: number): void {
    if (slot === this.#lastSlot) return
    this.#lastSlot = slot
    this.#slots.add(slot)
    this.#tell()
  }

  cursor(queueId: number): void {
    this.#queues.add(queueId)
    this.#tell()
  }

  parked(lease: Lease): void {
    // What comes last about a message holds: it may be parked, dropped and parked again within one turn.
    this.#parked.set(placeOf(lease.entry), lease)
    this.#unparked.delete(placeOf(lease.entry))
    this.#tell()
  }

  unparked(entry: QueueEntry): void {
    this.#unparked.set(placeOf(entry), entry)
    this.#parked.delete(placeOf(entry))
    this.#tell()
  }

  /** Once until it is taken. */
  #tell(): void {
    if (this.#told) return
    this.#told = true
    this.#onChange()
  }

  take(): SubscriptionRecord {
    const { id, cursors, leases } = this.#subscription()
    const record: SubscriptionRecord = {
      subscription: id,
      cursors: Array.from(this.#queues, (queueId) => ({ queueId, offset: cursors[queueId] ?? 0 })),
      parked: Array.from(this.#parked.values(), parkedRecord),
      unparked: [...this.#unparked.values()],
      slots: leases.records(this.#slots),
    }
    this.#told = false
    this.#lastSlot = -1
    this.#slots = new Set()
    this.#queues = new Set()
    this.#parked.clear()
    this.#unparked.clear()
    return record
  }
}
