/** Resolves after so many turns of the event loop: time for the sockets, without a clock. */
export async function turns(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Something that happens again and again, and that one at a time waits for. */
export class Signal {
  #waiting: (() => void) | undefined

  readonly fire = (): void => {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }
}

/** A promise and what fulfils it. */
export class Once {
  readonly done: Promise<void>
  readonly fulfil: () => void

  constructor() {
    let fulfil = (): void => {}
    this.done = new Promise((resolve) => {
      fulfil = resolve
    })
    this.fulfil = fulfil
  }
}

/** A list that repeats itself for ever; 0 when it is empty. */
export function repeated(list: readonly number[], index: number): number {
  return list.length === 0 ? 0 : (list[index % list.length] as number)
}
