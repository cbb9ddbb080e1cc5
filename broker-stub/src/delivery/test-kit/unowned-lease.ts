import { Lease, type LeaseOwner } from '../lease.ts'

const nobody: LeaseOwner = { expire: () => {}, lose: () => {} }

/** A lease of a message that stands in no queue, for parts that keep leases and do not look into them. */
export function unownedLease(): Lease {
  return new Lease({ position: 0, queueId: 0, offset: 0, length: 0, storedAt: 0 }, nobody)
}
