/** Who wants to know that a server closes. Told once. */
export class ClosingListeners {
  #listeners: (() => void)[] = []

  add(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** One that fails must not keep the server from closing. */
  tell(): void {
    for (const listener of this.#listeners.splice(0)) {
      try {
        listener()
      } catch (error) {
        console.error('a listener of a closing server failed:', error)
      }
    }
  }
}
