import { Lease, type LeaseOwner } from '../lease.ts'
import { stored } from './stored.ts'

const nobody: LeaseOwner = { expire: () => {}, lose: () => {} }
const message = stored({ topic: 'orders', messageId: 'any' })

/** A lease of a message that stands in no queue, for parts that keep leases and do not look into them. */
export function unownedLease(): Lease {
  return new Lease({ message, position: 0, queueId: 0, offset: 0, pending: 1, removed: false }, nobody)
}
