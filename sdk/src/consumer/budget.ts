/**
 * How many messages, and how many bytes of them, a consumer may hold that are not settled. Each poller has an equal share, so that a busy queue cannot
 * starve the others; one that had to stop goes on in the moment there is room again.
 */
export class Budget {
  readonly #messages: number
  readonly #bytes: number
  readonly #shares = new Set<Share>()

  constructor(messages: number, bytes: number) {
    this.#messages = messages
    this.#bytes = bytes
  }

  /** Held by all shares together. */
  get held(): number {
    let held = 0
    for (const share of this.#shares) held += share.messages
    return held
  }

  open(onRoom: () => void): Share {
    const share: Share = new Share(onRoom, () => ({
      messages: Math.max(1, Math.floor(this.#messages / this.#shares.size)),
      bytes: Math.max(1, Math.floor(this.#bytes / this.#shares.size)),
    }))
    this.#shares.add(share)
    return share
  }

  /** What it holds still counts for {@link held} of nobody; shares that remain grow. */
  close(share: Share): void {
    if (!this.#shares.delete(share)) return
    for (const other of this.#shares) other.recheck()
  }
}

export class Share {
  messages = 0
  bytes = 0
  readonly #onRoom: () => void
  readonly #limits: () => { readonly messages: number; readonly bytes: number }
  #wantsRoom = false

  constructor(onRoom: () => void, limits: () => { readonly messages: number; readonly bytes: number }) {
    this.#onRoom = onRoom
    this.#limits = limits
  }

  /** How many messages may be asked for now. When 0, `onRoom` is called as soon as it is more. */
  room(): number {
    const { messages, bytes } = this.#limits()
    const room = this.bytes >= bytes ? 0 : Math.max(0, messages - this.messages)
    this.#wantsRoom = room === 0
    return room
  }

  add(bytes: number): void {
    this.messages += 1
    this.bytes += bytes
  }

  remove(bytes: number): void {
    this.messages -= 1
    this.bytes -= bytes
    this.recheck()
  }

  recheck(): void {
    if (!this.#wantsRoom || this.room() === 0) return
    this.#onRoom()
  }
}
