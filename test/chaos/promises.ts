/** What became of a message for its sender. */
type Sending = { readonly group: string | undefined; handled: boolean }

/**
 * Which messages a producer was promised, and which of them have been handled. Messages are numbered in the order of their sends; those of one message
 * group are sent one after the other.
 */
export class Promises {
  readonly faults: string[] = []
  promised = 0
  /** Sends that failed: their messages may come or not. */
  failed = 0
  /** Handled once more. */
  again = 0
  #numbers = 0
  readonly #sending = new Map<number, Sending>()
  readonly #unhandled = new Map<number, string | undefined>()
  readonly #unhandledOf = new Map<string, Set<number>>()
  readonly #waiting: (() => void)[] = []

  /** Before a message is sent. @returns its number. */
  sending(group?: string): number {
    const number = this.#numbers++
    this.#sending.set(number, { group, handled: false })
    return number
  }

  /** Its send succeeded. */
  kept(number: number): void {
    const sending = this.#sending.get(number)
    if (sending === undefined) return
    this.#sending.delete(number)
    this.promised += 1
    if (sending.handled) return
    this.#unhandled.set(number, sending.group)
    if (sending.group === undefined) return
    const others = this.#unhandledOf.get(sending.group) ?? new Set()
    this.#unhandledOf.set(sending.group, others.add(number))
  }

  /** Its send failed, which promises nothing. */
  broken(number: number): void {
    if (this.#sending.delete(number)) this.failed += 1
  }

  /** A handler is done with it. */
  handled(number: number, group?: string): void {
    if (!(number < this.#numbers)) this.faults.push(`message ${number} was never sent`)
    const sending = this.#sending.get(number)
    if (sending !== undefined) sending.handled = true
    else if (!this.#unhandled.delete(number)) this.again += 1
    if (group !== undefined) this.#checkOrder(number, group)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  get unhandled(): number {
    return this.#unhandled.size
  }

  /** Resolves when all that was promised is handled. */
  async all(): Promise<void> {
    while (this.#unhandled.size > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  toString(): string {
    const some = [...this.#unhandled].slice(0, 5).map(([number, group]) => (group === undefined ? `${number}` : `${number} of ${group}`))
    return `${this.promised} promised, ${this.#unhandled.size} of them unhandled${some.length === 0 ? '' : ` (${some.join(', ')})`}, ${this.failed} sends failed, ${this.again} handled again`
  }

  #checkOrder(number: number, group: string): void {
    const unhandled = this.#unhandledOf.get(group)
    if (unhandled === undefined) return
    unhandled.delete(number)
    for (const other of unhandled) if (other < number) this.faults.push(`in ${group}, message ${number} was handled before ${other}`)
  }
}
