/** What stands on a {@link Roll}. The place belongs to the roll. */
export interface Enrolled {
  place: number
}

/**
 * A set of short-lived objects, each of which is on one roll at most.
 *
 * A `Set` that is filled and emptied all the time leaves a chain of its former tables behind. Once one of them is old, V8's collection of what is young
 * takes all that follow for used, and with them all that stood in them: each call would be copied twice and wait for a full collection.
 */
export class Roll<T extends Enrolled> {
  readonly #members: T[] = []

  get size(): number {
    return this.#members.length
  }

  add(member: T): void {
    member.place = this.#members.length
    this.#members.push(member)
  }

  /** False when it was not there. */
  delete(member: T): boolean {
    const members = this.#members
    const { place } = member
    if (members[place] !== member) return false
    const last = members.pop() as T
    if (last !== member) {
      members[place] = last
      last.place = place
    }
    member.place = -1
    return true
  }

  /** All of them at this moment, in no order. */
  all(): T[] {
    return [...this.#members]
  }
}
