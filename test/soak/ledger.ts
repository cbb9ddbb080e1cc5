/** Which of the messages that were sent have been handled, and whether those of a message group came in their order. */
export class Ledger {
  readonly faults: string[] = []
  #sent = 0
  readonly #outstanding = new Set<number>()
  readonly #waiting: (() => void)[] = []
  readonly #handledOf = new Map<string, number>()
  readonly #sentOf = new Map<string, number>()

  get sent(): number {
    return this.#sent
  }

  get outstanding(): number {
    return this.#outstanding.size
  }

  /** Before a message is sent: it may be handled before its sender is told that it is stored. @returns its number, and that within its message group. */
  sending(messageGroup?: string): { readonly number: number; readonly place: number } {
    const number = this.#sent
    this.#sent += 1
    this.#outstanding.add(number)
    if (messageGroup === undefined) return { number, place: 0 }
    const place = (this.#sentOf.get(messageGroup) ?? 0) + 1
    this.#sentOf.set(messageGroup, place)
    return { number, place }
  }

  /** A handler is done with it, or it will not be handled any more. */
  handled(number: number, messageGroup?: string, place = 0): void {
    if (!(number < this.#sent)) this.faults.push(`message ${number} was invented`)
    this.#outstanding.delete(number)
    if (messageGroup !== undefined) {
      const last = this.#handledOf.get(messageGroup) ?? 0
      // Delivered again what was handled before is no fault: its acknowledgement may have been lost.
      if (place > last + 1) this.faults.push(`in ${messageGroup}, message ${place} came after ${last}`)
      this.#handledOf.set(messageGroup, Math.max(last, place))
    }
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** Resolves when no more than so many are unhandled. */
  async atMost(count: number): Promise<void> {
    while (this.#outstanding.size > count) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  toString(): string {
    const some = [...this.#outstanding].slice(0, 5).join(', ')
    return `${this.#sent} sent, ${this.#outstanding.size} of them unhandled${some === '' ? '' : ` (${some})`}`
  }
}
