import { fileURLToPath } from 'node:url'
import { type Child, describeEnd, type Ended, start } from '../support/child.ts'
import type { LoadReport, Order } from './load-process.ts'

/** The process of the clients, led by orders. */
export class Clients {
  readonly #child: Child
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #last = 0

  /** @param life ms after which it is killed whatever happens */
  constructor(endpoints: string, life: number) {
    const program = fileURLToPath(new URL('load-process.ts', import.meta.url))
    this.#child = start(process.execPath, ['--conditions=feathermq-source', '--import', 'tsx', program, endpoints], { ipc: true, timeout: life })
    this.#child.process.on('message', ({ id, value }: { readonly id: number; readonly value: unknown }) => {
      this.#waiting.get(id)?.resolve(value)
      this.#waiting.delete(id)
    })
    void this.#child.ended.then((end) => {
      const error = new Error(`The clients' process ${describeEnd(end)}.\n${end.stdout}${end.stderr}`)
      for (const { reject } of this.#waiting.values()) reject(error)
      this.#waiting.clear()
    })
  }

  order(order: Order): Promise<unknown> {
    this.#last += 1
    const id = this.#last
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.process.send({ id, order })
    })
  }

  async report(): Promise<LoadReport> {
    return (await this.order('report')) as LoadReport
  }

  /** Closes the clients; their process must then end by itself. */
  async stop(): Promise<Ended> {
    await this.order('stop')
    return await this.#child.ended
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#child.ended
  }
}
