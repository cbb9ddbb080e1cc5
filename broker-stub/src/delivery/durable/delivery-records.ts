import type { RestoredSubscription } from '../subscription-options.ts'
import { RecordReader, type RecordWriter } from './byte-record.ts'
import { type FreeSlotRecord, type LeaseRecord, type ParkedRecord, readSubscriptionRecord } from './subscription-record.ts'

/** Types of records in the state that are delivery's. Numbers stay what they are: files have them. */
export const deliveryRecord = { subscribed: 16, unsubscribed: 17, subscription: 18, redriven: 19 } as const

/** A group that reads a topic. */
export interface SubscribedRecord {
  readonly id: number
  readonly topicId: number
  readonly group: string
}

export function writeSubscribed(out: RecordWriter, { id, topicId, group }: SubscribedRecord): void {
  out.u32(id)
  out.u48(topicId)
  out.text(group)
}

/** Dead letters of a topic were sent back to where they came from, up to an offset. */
export function writeRedriven(out: RecordWriter, topicId: number, offset: number): void {
  out.u48(topicId)
  out.u48(offset)
}

function readSubscribed(bytes: Uint8Array): SubscribedRecord {
  const from = new RecordReader(bytes)
  return { id: from.u32(), topicId: from.u48(), group: from.text() ?? '' }
}

/** A subscription as its records say it was. */
class Known implements RestoredSubscription {
  readonly cursors = new Map<number, number>()
  readonly #slots = new Map<number, FreeSlotRecord | LeaseRecord>()
  readonly #parked = new Map<string, ParkedRecord>()

  take(bytes: Uint8Array): void {
    const record = readSubscriptionRecord(bytes)
    for (const { queueId, offset } of record.cursors) this.cursors.set(queueId, offset)
    for (const one of record.parked) this.#parked.set(placeOf(one.entry), one)
    for (const one of record.unparked) this.#parked.delete(placeOf(one))
    for (const one of record.slots) {
      this.#slots.set(one.slot, one)
      // Handed out since it was parked.
      if (one.state !== 'free') this.#parked.delete(placeOf(one.entry))
    }
  }

  get slots(): Iterable<FreeSlotRecord | LeaseRecord> {
    return this.#slots.values()
  }

  get parked(): Iterable<ParkedRecord> {
    return this.#parked.values()
  }
}

export const placeOf = ({ queueId, offset }: { readonly queueId: number; readonly offset: number }): string => `${queueId} ${offset}`

/** Gathers delivery's records when the state is opened. Of two about the same thing the later one holds. */
export class DeliveryRecords {
  readonly #subscriptions = new Map<number, SubscribedRecord & { readonly restored: Known }>()
  readonly #redriven = new Map<number, number>()
  #next = 0

  /** Up to where dead letters were sent back, by topic. */
  get redriven(): ReadonlyMap<number, number> {
    return this.#redriven
  }

  /** The first number that no subscription ever had. */
  get nextSubscription(): number {
    return this.#next
  }

  get subscriptions(): Iterable<SubscribedRecord & { readonly restored: RestoredSubscription }> {
    return this.#subscriptions.values()
  }

  /** @returns whether the record is one of delivery's. @throws {RecordError} for one that cannot be read. */
  take(type: number, bytes: Uint8Array): boolean {
    switch (type) {
      case deliveryRecord.subscribed: {
        const record = readSubscribed(bytes)
        this.#next = Math.max(this.#next, record.id + 1)
        if (!this.#subscriptions.has(record.id)) this.#subscriptions.set(record.id, { ...record, restored: new Known() })
        return true
      }
      case deliveryRecord.unsubscribed: {
        const id = new RecordReader(bytes).u32()
        this.#next = Math.max(this.#next, id + 1)
        this.#subscriptions.delete(id)
        return true
      }
      case deliveryRecord.subscription: {
        // What follows the end of a subscription is about nothing.
        this.#subscriptions.get(new RecordReader(bytes).u32())?.restored.take(bytes)
        return true
      }
      case deliveryRecord.redriven: {
        const from = new RecordReader(bytes)
        this.#redriven.set(from.u48(), from.u48())
        return true
      }
      default:
        return false
    }
  }
}
