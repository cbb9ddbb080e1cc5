import type { Lease } from './lease.ts'

interface Acknowledged {
  epoch: number
  generation: number
  until: number
}

/** Slots of one subscription: a receipt handle names its slot and generation, which leads to the lease without a search. */
export class Slots {
  readonly #leases: (Lease | undefined)[] = []
  /** Last generation that each slot used; it goes on growing when the slot is used again, so that no handle is ever valid twice. */
  readonly #generations: number[] = []
  /** Generation that was acknowledged last, and when its lease would have ended: a repeated acknowledgement within it is fine. */
  readonly #acknowledged: Acknowledged[] = []
  /** Oldest first, so that a freed slot remembers its acknowledgement as long as possible. */
  #free: number[] = []
  #freeFrom = 0
  #used = 0

  get used(): number {
    return this.#used
  }

  take(lease: Lease): void {
    let slot = this.#free[this.#freeFrom]
    if (slot === undefined) {
      slot = this.#leases.length
      this.#generations.push(0)
      this.#acknowledged.push({ epoch: 0, generation: 0, until: 0 })
    } else {
      this.#freeFrom++
      if (this.#freeFrom > 1024 && this.#freeFrom * 2 > this.#free.length) {
        this.#free = this.#free.slice(this.#freeFrom)
        this.#freeFrom = 0
      }
    }
    this.#leases[slot] = lease
    this.#used++
    lease.slot = slot
  }

  /** The generation of a new delivery or a changed lease; handles of earlier ones are dead from now on. */
  nextGeneration(slot: number): number {
    const generation = (this.#generations[slot] ?? 0) + 1
    this.#generations[slot] = generation
    return generation
  }

  at(slot: number): Lease | undefined {
    return this.#leases[slot]
  }

  /** All that have a slot now. */
  leases(): readonly Lease[] {
    return this.#leases.filter((lease) => lease !== undefined)
  }

  free(lease: Lease): void {
    this.#leases[lease.slot] = undefined
    this.#free.push(lease.slot)
    this.#used--
    lease.slot = -1
  }

  remember(slot: number, epoch: number, generation: number, until: number): void {
    const memory = this.#acknowledged[slot]
    if (memory === undefined) return
    memory.epoch = epoch
    memory.generation = generation
    memory.until = until
  }

  wasAcknowledged(slot: number, epoch: number, generation: number, now: number): boolean {
    const memory = this.#acknowledged[slot]
    return memory !== undefined && memory.epoch === epoch && memory.generation === generation && now < memory.until
  }

  /** What was acknowledged last in a slot; generation 0 for nothing. */
  acknowledged(slot: number): Readonly<Acknowledged> {
    return this.#acknowledged[slot] ?? { epoch: 0, generation: 0, until: 0 }
  }

  get count(): number {
    return this.#leases.length
  }

  /** Puts a lease of before a restart back into its slot. Before any is taken. */
  restore(lease: Lease, slot: number, generation: number): void {
    this.#grow(slot)
    this.#leases[slot] = lease
    this.#generations[slot] = generation
    this.#used++
    lease.slot = slot
  }

  /** Remembers what was acknowledged in a slot before a restart. Before any is taken. */
  restoreFree(slot: number, acknowledged: Readonly<Acknowledged>): void {
    this.#grow(slot)
    this.#generations[slot] = acknowledged.generation
    this.#acknowledged[slot] = { ...acknowledged }
  }

  /** Slots that were not restored with a lease may be taken; the ones acknowledged first come first. */
  restored(): void {
    const free = [...this.#leases.keys()].filter((slot) => this.#leases[slot] === undefined)
    const until = (slot: number): number => this.#acknowledged[slot]?.until ?? 0
    this.#free = free.sort((one, other) => until(one) - until(other))
    this.#freeFrom = 0
  }

  #grow(slot: number): void {
    while (this.#leases.length <= slot) {
      this.#leases.push(undefined)
      this.#generations.push(0)
      this.#acknowledged.push({ epoch: 0, generation: 0, until: 0 })
    }
  }
}
