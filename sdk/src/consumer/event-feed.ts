import { type Deferred, deferred } from '../deferred.ts'

/** Events that a reader has not taken yet; older ones make room for newer ones. */
const MOST_WAITING = 1_024

/** Events were dropped because the reader was too slow. */
export interface Missed {
  readonly type: 'missed'
  readonly count: number
}

/** Tells every reader what happens from the moment it began to read. Costs nothing while nobody reads. */
export class EventFeed<T> {
  readonly #readers = new Set<Reader<T>>()
  #over = false

  get hasReaders(): boolean {
    return this.#readers.size > 0
  }

  emit(event: T): void {
    for (const reader of this.#readers) reader.push(event)
  }

  /** Readers get what is there, then the end; later ones get `first` and the end. */
  end(): void {
    this.#over = true
    for (const reader of this.#readers) reader.end()
  }

  /** @param first what a reader is told to begin with */
  read(first: T, signal: AbortSignal | undefined): AsyncIterableIterator<T | Missed, undefined> & AsyncDisposable {
    const reader: Reader<T> = new Reader(signal, () => this.#readers.delete(reader))
    reader.push(first)
    if (this.#over) reader.end()
    else if (!signal?.aborted) this.#readers.add(reader)
    return reader
  }
}

class Reader<T> implements AsyncIterableIterator<T | Missed, undefined>, AsyncDisposable {
  readonly #signal: AbortSignal | undefined
  readonly #leave: () => void
  readonly #events: T[] = []
  readonly #waiters: Deferred<IteratorResult<T | Missed, undefined>>[] = []
  #missed = 0
  #over = false

  constructor(signal: AbortSignal | undefined, leave: () => void) {
    this.#signal = signal
    this.#leave = leave
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (signal?.aborted) this.#over = true
  }

  push(event: T): void {
    if (this.#over) return
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: event })
      return
    }
    this.#events.push(event)
    if (this.#events.length <= MOST_WAITING) return
    this.#events.shift()
    this.#missed += 1
  }

  /** What waits can still be read. */
  end(): void {
    this.#over = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#leave()
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ done: true, value: undefined })
  }

  next(): Promise<IteratorResult<T | Missed, undefined>> {
    if (this.#missed > 0) {
      const count = this.#missed
      this.#missed = 0
      return Promise.resolve({ done: false, value: { type: 'missed', count } })
    }
    const event = this.#events.shift()
    if (event !== undefined) return Promise.resolve({ done: false, value: event })
    if (this.#over) return Promise.resolve({ done: true, value: undefined })
    const waiter = deferred<IteratorResult<T | Missed, undefined>>()
    this.#waiters.push(waiter)
    return waiter.promise
  }

  return(): Promise<IteratorResult<T | Missed, undefined>> {
    this.#events.length = 0
    this.#missed = 0
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  readonly #onAbort = (): void => void this.return()
}
