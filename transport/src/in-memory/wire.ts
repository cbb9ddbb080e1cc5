import { runApart } from '../run-apart.ts'

/**
 * Where time passes between the two ends: what is posted runs in a later turn of the event loop, in order, as bytes of a socket would arrive.
 * What a task posts runs a turn later again.
 */
export class Wire {
  #tasks: (() => void)[] = []

  post(task: () => void): void {
    this.#tasks.push(task)
    if (this.#tasks.length === 1) setImmediate(() => this.#run())
  }

  #run(): void {
    const tasks = this.#tasks
    this.#tasks = []
    for (const task of tasks) runApart(task)
  }
}
