import type { ChannelState } from './contract.ts'

/** Who wants to know of a channel's state. Told in a later microtask, in order, so that a listener may use the channel. */
export class StateListeners {
  readonly #listeners = new Set<{ readonly listener: (state: ChannelState) => void }>()

  add(listener: (state: ChannelState) => void): () => void {
    const entry = { listener }
    this.#listeners.add(entry)
    return () => {
      this.#listeners.delete(entry)
    }
  }

  tell(state: ChannelState): void {
    for (const entry of this.#listeners) {
      queueMicrotask(() => {
        if (this.#listeners.has(entry)) entry.listener(state)
      })
    }
  }
}
