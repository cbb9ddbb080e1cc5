const FIELDS = 6
const FIRST = 1024

/** Told of one append: its owner, where it stands, where it lies, and what else the index keeps of it. */
export type Take<Owner> = (
  owner: Owner | undefined,
  queueId: number,
  offset: number,
  position: number,
  length: number,
  storedAt: number,
  tagHash: number,
  bytes: number,
) => void

/** Appends that wait for their commit, in the order of their positions. One ring of numbers: a message costs no object. */
export class PendingAppends<Owner> {
  #numbers = new Float64Array(FIRST * FIELDS)
  #queues = new Uint16Array(FIRST)
  #owners: (Owner | undefined)[] = new Array(FIRST)
  #first = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** @param owner Undefined for what belongs into no queue anew. @param bytes Of the message alone. */
  push(
    owner: Owner | undefined,
    queueId: number,
    offset: number,
    position: number,
    length: number,
    storedAt: number,
    tagHash: number,
    bytes: number,
  ): void {
    if (this.#count === this.#owners.length) this.#grow()
    const at = this.#at(this.#count++)
    this.#owners[at] = owner
    this.#queues[at] = queueId
    const numbers = this.#numbers
    const start = at * FIELDS
    numbers[start] = position
    numbers[start + 1] = length
    numbers[start + 2] = offset
    numbers[start + 3] = storedAt
    numbers[start + 4] = tagHash
    numbers[start + 5] = bytes
  }

  /** Takes all that lie before the position. */
  take(upTo: number, told: Take<Owner>): void {
    while (this.#count > 0) {
      const at = this.#first
      const numbers = this.#numbers
      const start = at * FIELDS
      const position = numbers[start] as number
      if (position >= upTo) return
      const owner = this.#owners[at]
      this.#owners[at] = undefined
      this.#first = (at + 1) & (this.#owners.length - 1)
      this.#count--
      const length = numbers[start + 1] as number
      const offset = numbers[start + 2] as number
      const storedAt = numbers[start + 3] as number
      const tagHash = numbers[start + 4] as number
      const bytes = numbers[start + 5] as number
      told(owner, this.#queues[at] as number, offset, position, length, storedAt, tagHash, bytes)
    }
  }

  /** What lies at the position or behind it was not stored. */
  cut(from: number): void {
    while (this.#count > 0) {
      const at = this.#at(this.#count - 1)
      if ((this.#numbers[at * FIELDS] as number) < from) return
      this.#owners[at] = undefined
      this.#count--
    }
  }

  #at(index: number): number {
    return (this.#first + index) & (this.#owners.length - 1)
  }

  #grow(): void {
    const size = this.#owners.length * 2
    const numbers = new Float64Array(size * FIELDS)
    const queues = new Uint16Array(size)
    const owners: (Owner | undefined)[] = new Array(size)
    for (let index = 0; index < this.#count; index++) {
      const at = this.#at(index)
      numbers.set(this.#numbers.subarray(at * FIELDS, (at + 1) * FIELDS), index * FIELDS)
      queues[index] = this.#queues[at] as number
      owners[index] = this.#owners[at]
    }
    this.#numbers = numbers
    this.#queues = queues
    this.#owners = owners
    this.#first = 0
  }
}
