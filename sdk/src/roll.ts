/** What stands on a {@link Roll}. The place belongs to the roll. */
export interface Enrolled {
  place: number
}

/**
 * A set of short-lived objects in the order in which they came, each of which is on one roll at most.
 *
 * A `Set` or `Map` that is filled and emptied all the time leaves a chain of its former tables behind. Once one of them is old, V8's collection of what is
 * young takes all that follow for used, and with them all that stood in them: each message would be copied twice and wait for a full collection.
 */
export class Roll<T extends Enrolled> {
  readonly #members: (T | undefined)[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  has(member: T): boolean {
    return this.#members[member.place] === member
  }

  add(member: T): void {
    member.place = this.#members.length
    this.#members.push(member)
    this.#size += 1
  }

  /** False when it was not there. */
  delete(member: T): boolean {
    if (!this.has(member)) return false
    this.#members[member.place] = undefined
    member.place = -1
    this.#size -= 1
    if (this.#size * 2 < this.#members.length) this.#closeGaps()
    return true
  }

  /** All of them at this moment. */
  all(): T[] {
    return this.#members.filter((member) => member !== undefined)
  }

  #closeGaps(): void {
    const members = this.#members
    let place = 0
    for (const member of members) {
      if (member === undefined) continue
      members[place] = member
      member.place = place
      place += 1
    }
    members.length = place
  }
}
