/** What happened, in order; tests wait for the next thing instead of sleeping. */
export class EventLog<T> {
  readonly all: T[] = []
  #read = 0
  #waiters: (() => void)[] = []

  push(event: T): void {
    this.all.push(event)
    for (const wake of this.#waiters.splice(0)) wake()
  }

  /** The next event that no `next` has returned yet. */
  async next(): Promise<T> {
    while (this.#read >= this.all.length) await new Promise<void>((resolve) => this.#waiters.push(resolve))
    const event = this.all[this.#read] as T
    this.#read += 1
    return event
  }

  async take(count: number): Promise<T[]> {
    const taken: T[] = []
    while (taken.length < count) taken.push(await this.next())
    return taken
  }

  /** Resolves once `count` events have happened in all. */
  async reaches(count: number): Promise<void> {
    while (this.all.length < count) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }
}
