/**
 * How many messages, and how many bytes of them, a consumer may hold that are not settled. Each poller has an equal share, so that a busy queue cannot
 * starve the others; one that had to stop goes on in the moment there is room again.
 */
export class Budget {
  readonly #messages: number
  readonly #bytes: number
  readonly #shares = new Set<Share>()
  /** Closed ones that still hold messages: their room is not free yet. */
  readonly #closed = new Set<Share>()

  constructor(messages: number, bytes: number) {
    this.#messages = messages
    this.#bytes = bytes
  }

  /** Held by all shares together. */
  get held(): number {
    let held = 0
    for (const share of [...this.#shares, ...this.#closed]) held += share.messages
    return held
  }

  open(onRoom: () => void): Share {
    const part = (whole: number, kind: 'messages' | 'bytes') => {
      let left = whole
      for (const share of this.#closed) left -= share[kind]
      return Math.max(1, Math.floor(left / this.#shares.size))
    }
    const share: Share = new Share(onRoom, () => ({ messages: part(this.#messages, 'messages'), bytes: part(this.#bytes, 'bytes') }))
    this.#shares.add(share)
    return share
  }

  /** Gets no more; what it gives up is the others'. */
  close(share: Share): void {
    if (!this.#shares.delete(share)) return
    if (share.messages > 0) this.#closed.add(share)
    share.onGivenUp = () => {
      if (share.messages === 0) this.#closed.delete(share)
      this.#recheck()
    }
    this.#recheck()
  }

  #recheck(): void {
    for (const other of this.#shares) other.recheck()
  }
}

export class Share {
  messages = 0
  bytes = 0
  onGivenUp: () => void = () => this.recheck()
  /** Messages that open receives may bring. */
  #reserved = 0
  /** All that ever came, for the size that messages have on average. */
  #seenMessages = 0
  #seenBytes = 0
  readonly #onRoom: () => void
  readonly #limits: () => { readonly messages: number; readonly bytes: number }
  #wantsRoom = false

  constructor(onRoom: () => void, limits: () => { readonly messages: number; readonly bytes: number }) {
    this.#onRoom = onRoom
    this.#limits = limits
  }

  /** How many messages may be asked for now, beside those that were asked for already. When 0, `onRoom` is called as soon as it is more. */
  room(): number {
    const limits = this.#limits()
    const mean = this.#seenMessages === 0 ? 0 : this.#seenBytes / this.#seenMessages
    const left = limits.bytes - this.bytes - this.#reserved * mean
    const byBytes = left <= 0 ? 0 : mean === 0 ? Number.POSITIVE_INFINITY : Math.max(this.#reserved === 0 ? 1 : 0, Math.floor(left / mean))
    const room = Math.max(0, Math.min(limits.messages - this.messages - this.#reserved, byBytes))
    this.#wantsRoom = room === 0
    return room
  }

  /** Keeps room for what a receive may bring. */
  reserve(messages: number): void {
    this.#reserved += messages
  }

  /** It came, or will not come. */
  release(messages: number): void {
    this.#reserved = Math.max(0, this.#reserved - messages)
  }

  add(bytes: number): void {
    this.messages += 1
    this.bytes += bytes
    this.#seenMessages += 1
    this.#seenBytes += bytes
  }

  remove(bytes: number): void {
    this.messages -= 1
    this.bytes -= bytes
    this.onGivenUp()
  }

  recheck(): void {
    if (!this.#wantsRoom || this.room() === 0) return
    this.#onRoom()
  }
}
