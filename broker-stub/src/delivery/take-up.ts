import type { QueueEntry, TopicQueues } from '../store/message-store.ts'
import { inOrder, type Lease } from './lease.ts'
import type { LeaseBook } from './lease-book.ts'
import { MessageGroupLock } from './message-group-lock.ts'
import type { RestoredSubscription } from './subscription-options.ts'

/** A subscription of before a restart, in the objects of this one. */
export interface TakenUp {
  readonly due: Lease[]
  /** All of them held, until it is known what of them has ended. */
  readonly locks: Map<string, MessageGroupLock>
  readonly parked: number
  /** Leases whose time was over before this process began; nobody was told. */
  readonly ended: readonly Lease[]
}

/** Takes up what there was before a restart, and fills the leases with it. */
export function takeUp({ slots, parked }: RestoredSubscription, queues: TopicQueues, leases: LeaseBook): TakenUp {
  const locks = new Map<string, MessageGroupLock>()
  const isKept = ({ queueId, offset }: QueueEntry): boolean => queueId < queues.count && offset < queues.range(queueId).max
  const lockOf = (key: string): MessageGroupLock => {
    const known = locks.get(key)
    if (known !== undefined) return known
    const lock = new MessageGroupLock(key)
    locks.set(key, lock)
    return lock
  }
  const due: Lease[] = []
  const ended: Lease[] = []
  for (const [lease, key] of leases.restore(slots, isKept)) {
    if (key !== undefined) lease.lock = lockOf(key)
    if (lease.state !== 'waiting') {
      lease.lock?.run.push(lease)
      if (lease.timer === -1 && lease.state !== 'acknowledged') ended.push(lease)
    } else if (lease.lock === undefined) due.push(lease)
    else lease.lock.waiting.push(lease)
  }
  let count = 0
  for (const { entry, messageGroup } of parked) {
    if (!isKept(entry)) continue
    const lease = leases.open(entry, lockOf(messageGroup))
    lease.parked = true
    lease.lock?.waiting.push(lease)
    count++
  }
  due.sort(inOrder)
  for (const lock of locks.values()) {
    lock.run.sort(inOrder)
    lock.waiting.sort(inOrder)
    lock.state = 'held'
  }
  return { due, locks, parked: count, ended }
}
