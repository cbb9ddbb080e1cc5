/**
 * What a peer may still send, on a stream or on a whole connection (RFC 9113, 5.2 and 6.9).
 *
 * Bytes that were taken are given back in lots: half a window has to be owed before it is worth a frame.
 */
export class ReceiveWindow {
  readonly #size: number
  #left: number
  #owed = 0
  /** Bytes that were given before they were owed. */
  #ahead = 0

  constructor(size: number) {
    this.#size = size
    this.#left = size
  }

  /** Bytes that have arrived; false when the peer was not allowed to send them. */
  arrive(count: number): boolean {
    this.#left -= count
    return this.#left >= 0
  }

  /** Bytes that are out of the way; answers the WINDOW_UPDATE that is due, 0 for none. */
  release(count: number): number {
    const paid = Math.min(count, this.#ahead)
    this.#ahead -= paid
    this.#owed += count - paid
    if (this.#owed === 0 || this.#owed * 2 < this.#size) return 0
    const due = this.#owed
    this.#owed = 0
    this.#left += due
    return due
  }

  /** Lets the peer send so many bytes more, once: its WINDOW_UPDATE is due at once. */
  grant(count: number): void {
    this.#left += count
    this.#ahead += count
  }
}
