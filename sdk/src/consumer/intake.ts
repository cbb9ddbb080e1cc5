/** What an intake needs to know of a message. */
export interface Queued {
  /** Topic and message group; undefined for what has no order. */
  readonly lane: string | undefined
}

/**
 * Messages that were received and wait for a handler. What {@link take} gives out is in work until {@link done}.
 */
export interface Intake<T extends Queued> {
  push(item: T): void
  /** The next one that may be handled now; undefined when there is none. */
  take(): T | undefined
  /** Does nothing for an item that was never taken. */
  done(item: T): void
  /** Takes out what waits behind an item of the same lane: order is lost there, the server delivers them again. */
  dropBehind(item: T): readonly T[]
  /** Takes out all that wait, or those of them that are meant. */
  drain(which?: (item: T) => boolean): readonly T[]
  /** Number of those that wait. */
  readonly waiting: number
}

/** First come, first served. */
export class ConcurrentIntake<T extends Queued> implements Intake<T> {
  readonly #items = new Fifo<T>()

  get waiting(): number {
    return this.#items.size
  }

  push(item: T): void {
    this.#items.push(item)
  }

  take(): T | undefined {
    return this.#items.shift()
  }

  done(): void {}

  dropBehind(): readonly T[] {
    return []
  }

  drain(which: (item: T) => boolean = () => true): readonly T[] {
    return this.#items.extract(which)
  }
}

interface Lane<T extends Queued> {
  readonly items: Fifo<T>
  /** What was taken of it and is not done. */
  inWork: T | undefined
}

/** One at a time per lane, in order; lanes take turns; what has no lane goes as it comes. */
export class OrderedIntake<T extends Queued> implements Intake<T> {
  readonly #lanes = new Map<string, Lane<T>>()
  /** Lanes with something to take, and loose items, in turn. */
  readonly #ready = new Fifo<Lane<T> | { readonly item: T }>()
  #waiting = 0

  get waiting(): number {
    return this.#waiting
  }

  push(item: T): void {
    this.#waiting += 1
    if (item.lane === undefined) {
      this.#ready.push({ item })
      return
    }
    let lane = this.#lanes.get(item.lane)
    if (lane === undefined) {
      lane = { items: new Fifo(), inWork: undefined }
      this.#lanes.set(item.lane, lane)
    }
    lane.items.push(item)
    if (lane.inWork === undefined && lane.items.size === 1) this.#ready.push(lane)
  }

  take(): T | undefined {
    for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) {
      if ('item' in next) {
        this.#waiting -= 1
        return next.item
      }
      const item = next.items.shift()
      if (item === undefined) continue // emptied since it became ready
      next.inWork = item
      this.#waiting -= 1
      return item
    }
    return undefined
  }

  done(item: T): void {
    const { lane: key } = item
    const lane = key === undefined ? undefined : this.#lanes.get(key)
    if (key === undefined || lane?.inWork !== item) return
    lane.inWork = undefined
    if (lane.items.size > 0) this.#ready.push(lane)
    else this.#lanes.delete(key)
  }

  dropBehind({ lane: key }: T): readonly T[] {
    const dropped = key === undefined ? [] : (this.#lanes.get(key)?.items.clear() ?? [])
    this.#waiting -= dropped.length
    return dropped
  }

  drain(which: (item: T) => boolean = () => true): readonly T[] {
    const drained = this.#ready.extract((next) => 'item' in next && which(next.item)).flatMap((next) => ('item' in next ? [next.item] : []))
    for (const [key, lane] of this.#lanes) {
      drained.push(...lane.items.extract(which))
      // It may still stand among the ready ones, where it is passed over.
      if (lane.items.size === 0 && lane.inWork === undefined) this.#lanes.delete(key)
    }
    this.#waiting -= drained.length
    return drained
  }
}

/**
 * A queue that takes from its front in constant time, and keeps nothing of what was taken: messages that are done with would survive until they are the
 * whole collector's work.
 */
class Fifo<T extends object> {
  #items: (T | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#items[this.#head] = undefined
    this.#head += 1
    if (this.#head === this.#items.length || (this.#head > 1_024 && this.#head * 2 > this.#items.length)) this.#items = this.clear()
    return item
  }

  /** Takes out those that are meant; the others keep their order. */
  extract(which: (item: T) => boolean): T[] {
    const taken: T[] = []
    const kept: T[] = []
    for (const item of this.clear()) (which(item) ? taken : kept).push(item)
    this.#items = kept
    return taken
  }

  clear(): T[] {
    const rest = this.#items.slice(this.#head) as T[]
    this.#items = []
    this.#head = 0
    return rest
  }
}
