/** Counts values into fixed buckets. Recording allocates nothing. */
export class Histogram {
  /** Upper bounds, ascending; a value equal to one is within it, as Prometheus has it. */
  readonly bounds: readonly number[]
  /** One per bound, one above all of them, and the sum of the values at the end: a sum in a field of its own would be a new number with each value. */
  readonly #numbers: Float64Array

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#numbers = new Float64Array(bounds.length + 2)
  }

  record(value: number): void {
    const { bounds } = this
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
    this.#numbers[bucket] = (this.#numbers[bucket] as number) + 1
    const last = bounds.length + 1
    this.#numbers[last] = (this.#numbers[last] as number) + value
  }

  add(other: Histogram): void {
    for (let at = 0; at < this.#numbers.length; at++) this.#numbers[at] = (this.#numbers[at] as number) + (other.#numbers[at] as number)
  }

  get sum(): number {
    return this.#numbers[this.bounds.length + 1] as number
  }

  get count(): number {
    return this.cumulative.at(-1) as number
  }

  /** How many values are within each bound; the last is the number of all. */
  get cumulative(): readonly number[] {
    let total = 0
    return Array.from(this.#numbers.subarray(0, this.bounds.length + 1), (count) => {
      total += count
      return total
    })
  }
}
