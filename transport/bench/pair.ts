import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer, Order } from './orders.ts'
import type { ServeOptions } from './variant.ts'
import type { Name } from './variants.ts'

export type Tell = (order: Order) => Promise<Required<Answer>>

export interface Pair {
  readonly server: Tell
  readonly client: Tell
}

/** A server and a client that knows where it is, each in a new process, for as long as `use` takes. */
export async function withPair<T>(variant: Name, options: ServeOptions, use: (pair: Pair) => Promise<T>): Promise<T> {
  const children = [worker(), worker()] as const
  try {
    const [server, client] = [teller(children[0]), teller(children[1])]
    const { port } = await server({ do: 'serve', variant, ...options })
    await client({ do: 'connect', variant, port, ca: options.tls?.ca })
    return await use({ server, client })
  } finally {
    for (const child of children) if (child.connected) child.disconnect()
  }
}

function worker(): ChildProcess {
  return fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), { execArgv: [...process.execArgv, '--expose-gc'] })
}

function teller(child: ChildProcess): Tell {
  const exit = once(child, 'exit').then(([code]) => Promise.reject(new Error(`a process of the benchmark ended with ${code} before it answered`)))
  exit.catch(() => {})
  return async (order) => {
    const answer = once(child, 'message')
    child.send(order)
    const [told] = (await Promise.race([answer, exit])) as [Required<Answer>]
    if (told.error !== undefined) throw new Error(`${order.do}: ${told.error}`)
    return told
  }
}
