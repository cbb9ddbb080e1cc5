import { RecordError } from '../../state/record-error.ts'
import { RecordReader, type RecordWriter } from './byte-record.ts'

/** Where a message stands and lies, as an entry of a queue says it. */
export interface PlaceRecord {
  readonly queueId: number
  readonly offset: number
  readonly position: number
  readonly length: number
  readonly storedAt: number
}

export type LeaseRecordState = 'free' | 'waiting' | 'in-flight' | 'delayed' | 'acknowledged'

/** The delivery that was acknowledged last in a slot. */
export interface AcknowledgedRecord {
  readonly epoch: number
  readonly generation: number
  /** Wall time up to which a repeated acknowledgement is fine, ms. */
  readonly until: number
}

/** A slot that holds nothing. */
export interface FreeSlotRecord {
  readonly slot: number
  readonly state: 'free'
  readonly acknowledged: AcknowledgedRecord
}

/** A message that was handed out and is not settled. */
export interface LeaseRecord {
  readonly slot: number
  readonly state: Exclude<LeaseRecordState, 'free'>
  readonly acknowledged: AcknowledgedRecord
  readonly epoch: number
  readonly generation: number
  readonly entry: PlaceRecord
  /** Where the message lay when the handle was made. */
  readonly firstPosition: number
  readonly attempts: number
  readonly autoRenew: boolean
  readonly uncounted: boolean
  /** Wall time at which the lease, or the delay, ends, ms. */
  readonly deadline: number
  readonly invisible: number
  readonly clientId: string
  readonly messageGroup: string | undefined
  readonly attemptId: string | undefined
  /** Why a consumer gave it back last. */
  readonly error: string | undefined
}

/** A message that a cursor passed because its message group is locked, and that was not handed out since. */
export interface ParkedRecord {
  readonly entry: PlaceRecord
  readonly messageGroup: string
}

/** What has become of some of the parts of one subscription. Of two records about the same part the later one holds. */
export interface SubscriptionRecord {
  readonly subscription: number
  readonly cursors: readonly { readonly queueId: number; readonly offset: number }[]
  readonly parked: readonly ParkedRecord[]
  /** Parked before, and settled without having been handed out. */
  readonly unparked: readonly { readonly queueId: number; readonly offset: number }[]
  readonly slots: readonly (FreeSlotRecord | LeaseRecord)[]
}

const states: readonly LeaseRecordState[] = ['free', 'waiting', 'in-flight', 'delayed', 'acknowledged']
const AUTO_RENEW = 1
const UNCOUNTED = 2

/** Fewest bytes of each part, so that no count makes us allocate more than what the record holds. */
const least = { cursor: 8, parked: 26, slot: 27 } as const

export function writeSubscriptionRecord(out: RecordWriter, record: SubscriptionRecord): void {
  out.u32(record.subscription)
  out.u32(record.cursors.length)
  for (const { queueId, offset } of record.cursors) {
    out.u16(queueId)
    out.u48(offset)
  }
  out.u32(record.parked.length)
  for (const { entry, messageGroup } of record.parked) {
    writePlace(out, entry)
    out.text(messageGroup)
  }
  out.u32(record.unparked.length)
  for (const { queueId, offset } of record.unparked) {
    out.u16(queueId)
    out.u48(offset)
  }
  out.u32(record.slots.length)
  for (const slot of record.slots) writeSlot(out, slot)
}

/** @throws {RecordError} */
export function readSubscriptionRecord(bytes: Uint8Array): SubscriptionRecord {
  const from = new RecordReader(bytes)
  const many = <T>(smallest: number, read: () => T): T[] => {
    const count = from.u32()
    if (count * smallest > from.left) throw new RecordError(`a record says that it has ${count} parts, and there are ${from.left} bytes`)
    return Array.from({ length: count }, read)
  }
  const cursor = () => ({ queueId: from.u16(), offset: from.u48() })
  const record: SubscriptionRecord = {
    subscription: from.u32(),
    cursors: many(least.cursor, cursor),
    parked: many(least.parked, () => ({ entry: readPlace(from), messageGroup: from.text() ?? '' })),
    unparked: many(least.cursor, cursor),
    slots: many(least.slot, () => readSlot(from)),
  }
  if (from.left > 0) throw new RecordError(`${from.left} bytes follow what a record says it has`)
  return record
}

function writePlace(out: RecordWriter, { queueId, offset, position, length, storedAt }: PlaceRecord): void {
  out.u16(queueId)
  out.u48(offset)
  out.u48(position)
  out.u32(length)
  out.f64(storedAt)
}

function readPlace(from: RecordReader): PlaceRecord {
  return { queueId: from.u16(), offset: from.u48(), position: from.u48(), length: from.u32(), storedAt: from.f64() }
}

function writeSlot(out: RecordWriter, record: FreeSlotRecord | LeaseRecord): void {
  out.u32(record.slot)
  out.u8(states.indexOf(record.state))
  const { epoch, generation, until } = record.acknowledged
  out.u48(epoch)
  out.f64(generation)
  out.f64(until)
  if (record.state === 'free') return
  out.u48(record.epoch)
  out.f64(record.generation)
  writePlace(out, record.entry)
  out.u48(record.firstPosition)
  out.u32(record.attempts)
  out.u8((record.autoRenew ? AUTO_RENEW : 0) | (record.uncounted ? UNCOUNTED : 0))
  out.f64(record.deadline)
  out.f64(record.invisible)
  out.text(record.clientId)
  out.text(record.messageGroup)
  out.text(record.attemptId)
  out.text(record.error)
}

function readSlot(from: RecordReader): FreeSlotRecord | LeaseRecord {
  const slot = from.u32()
  const state = states[from.u8()]
  if (state === undefined) throw new RecordError('a record has a lease in a state that there is not')
  const acknowledged = { epoch: from.u48(), generation: from.f64(), until: from.f64() }
  if (state === 'free') return { slot, state, acknowledged }
  const [epoch, generation] = [from.u48(), from.f64()]
  const entry = readPlace(from)
  const [firstPosition, attempts, flags] = [from.u48(), from.u32(), from.u8()]
  return {
    slot,
    state,
    acknowledged,
    epoch,
    generation,
    entry,
    firstPosition,
    attempts,
    autoRenew: (flags & AUTO_RENEW) !== 0,
    uncounted: (flags & UNCOUNTED) !== 0,
    deadline: from.f64(),
    invisible: from.f64(),
    clientId: from.text() ?? '',
    messageGroup: from.text(),
    attemptId: from.text(),
    error: from.text(),
  }
}
