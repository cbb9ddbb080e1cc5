import type { Clock } from '../clock.ts'

/** What anybody's messages may unpack to, times their length: what people write packs to a tenth. */
const USUAL_RATIO = 20
/** Bytes beyond that at once, */
const BURST = 64 * 1024 * 1024
/** and so many more each second. */
const PER_SECOND = 8 * 1024 * 1024

/**
 * How far the messages of one connection may be unpacked. Gzip makes 4 MiB of 4 KiB, which takes ten thousand times as long as to send them; who does that
 * again and again is held to what is usual (gRPC over HTTP/2, Message-Encoding; RFC 9113, 10.5).
 */
export class UnpackBudget {
  readonly #clock: Clock
  #left = BURST
  #since: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = clock.monotonic()
  }

  /** Bytes that so many packed ones may unpack to at most. */
  limit(packed: number): number {
    const now = this.#clock.monotonic()
    this.#left = Math.min(BURST, this.#left + ((now - this.#since) / 1_000) * PER_SECOND)
    this.#since = now
    return packed * USUAL_RATIO + Math.max(0, Math.floor(this.#left))
  }

  /** They have been unpacked, so far at least. */
  spend(packed: number, unpacked: number): void {
    this.#left -= Math.max(0, unpacked - packed * USUAL_RATIO)
  }
}
