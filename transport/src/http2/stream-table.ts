import { crypto } from '../builtins.ts'

const LEAST_BITS = 4

let factorOfProcess = 0

/** An odd factor that nobody outside knows: else a peer could choose ids that are all looked for at the same place. */
function secretFactor(): number {
  factorOfProcess ||= crypto().randomInt(2 ** 31) * 2 + 1
  return factorOfProcess
}

/** 2^32 divided by the golden ratio, which spreads what follows each other. */
const GOLDEN = 0x9e37_79b1

/**
 * Where a stream is looked for first, of 2^bits places. Ids follow each other in steps of 2; with an unlucky factor alone, one in hundreds, they would stand
 * in one heap. So its product is folded and spread once more.
 */
export function homeOf(id: number, bits: number, factor: number): number {
  const product = Math.imul(id, factor)
  return Math.imul(product ^ (product >>> 15), GOLDEN) >>> (32 - bits)
}

/**
 * The streams of a connection that are not closed, by their ids (RFC 9113, 5.1.1): open addressing, linear probing.
 *
 * A `Map` that is filled and emptied all the time leaves a chain of its former tables behind. Once one of them is old, V8's collection of what is young
 * takes all that follow for used, and with them all that stood in them: each stream would be copied twice and wait for a full collection.
 */
export class StreamTable<T extends { readonly id: number }> {
  readonly #factor = secretFactor()
  #slots: (T | undefined)[] = empty(LEAST_BITS)
  #bits = LEAST_BITS
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: number): T | undefined {
    return this.#slots[this.#find(id)]
  }

  set(id: number, stream: T): void {
    const at = this.#find(id)
    if (this.#slots[at] === undefined) this.#size += 1
    this.#slots[at] = stream
    if (this.#size * 2 > this.#slots.length) this.#resize(this.#bits + 1)
  }

  delete(id: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let hole = this.#find(id)
    if (slots[hole] === undefined) return
    this.#size -= 1
    // Whoever would be looked for across the hole moves into it.
    for (let at = (hole + 1) & mask; slots[at] !== undefined; at = (at + 1) & mask) {
      const home = homeOf((slots[at] as T).id, this.#bits, this.#factor)
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      slots[hole] = slots[at]
      hole = at
    }
    slots[hole] = undefined
    // Small again after many: half of what is left is far from where it would grow.
    if (this.#bits > LEAST_BITS + 4 && this.#size * 16 < slots.length) this.#resize(this.#bits - 2)
  }

  /** All of them at this moment, in no order. */
  values(): T[] {
    return this.#slots.filter((stream) => stream !== undefined)
  }

  clear(): void {
    this.#slots = empty(LEAST_BITS)
    this.#bits = LEAST_BITS
    this.#size = 0
  }

  /** Where it is, or where it would be. */
  #find(id: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let at = homeOf(id, this.#bits, this.#factor)
    for (let there = slots[at]; there !== undefined && there.id !== id; there = slots[at]) at = (at + 1) & mask
    return at
  }

  #resize(bits: number): void {
    const before = this.#slots
    this.#slots = empty(bits)
    this.#bits = bits
    for (const stream of before) if (stream !== undefined) this.#slots[this.#find(stream.id)] = stream
  }
}

function empty(bits: number): undefined[] {
  return new Array<undefined>(2 ** bits).fill(undefined)
}
