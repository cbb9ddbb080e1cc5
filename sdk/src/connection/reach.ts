import type { Clock, Timer } from '../clock.ts'
import type { Endpoint } from './endpoint.ts'

interface Watch {
  /** Monotonic ms of the last answer. */
  contact: number
  timer: Timer | undefined
}

/**
 * Notices when an endpoint has been out of reach for longer than a lease lives without its consumer: then what was received from it is lost, whatever the
 * handlers think.
 */
export class Reach {
  readonly #clock: Clock
  readonly #patience: number
  readonly #onLost: (endpoint: Endpoint) => void
  readonly #watches = new Map<Endpoint, Watch>()

  constructor(clock: Clock, patience: number, onLost: (endpoint: Endpoint) => void) {
    this.#clock = clock
    this.#patience = patience
    this.#onLost = onLost
  }

  /** Some call was answered, or the stream lives. */
  contact(endpoint: Endpoint): void {
    this.#watch(endpoint).contact = this.#clock.monotonic()
  }

  /** The stream lives again: nobody needs to look at the time. */
  regained(endpoint: Endpoint): void {
    const watch = this.#watch(endpoint)
    watch.contact = this.#clock.monotonic()
    watch.timer?.cancel()
    watch.timer = undefined
  }

  /** The stream is gone: from now on only answers count. */
  missing(endpoint: Endpoint): void {
    const watch = this.#watch(endpoint)
    watch.timer ??= this.#arm(endpoint, watch, this.#patience)
  }

  forget(endpoint: Endpoint): void {
    this.#watches.get(endpoint)?.timer?.cancel()
    this.#watches.delete(endpoint)
  }

  close(): void {
    for (const endpoint of [...this.#watches.keys()]) this.forget(endpoint)
  }

  #watch(endpoint: Endpoint): Watch {
    let watch = this.#watches.get(endpoint)
    if (watch === undefined) {
      watch = { contact: this.#clock.monotonic(), timer: undefined }
      this.#watches.set(endpoint, watch)
    }
    return watch
  }

  #arm(endpoint: Endpoint, watch: Watch, delay: number): Timer {
    return this.#clock.setTimer(() => {
      const silence = this.#clock.monotonic() - watch.contact
      if (silence >= this.#patience) this.#onLost(endpoint)
      // Once lost, the next look is a whole patience later: what is received meanwhile has leases of its own.
      watch.timer = this.#arm(endpoint, watch, silence >= this.#patience ? this.#patience : this.#patience - silence)
    }, delay)
  }
}
