import { variants } from './variants.ts'

/** What the two processes of a measurement are told, one at a time, and answer. */
export type Order =
  | { readonly do: 'serve'; readonly variant: string; readonly responseBytes: number }
  | { readonly do: 'connect'; readonly variant: string; readonly port: number; readonly requestBytes: number; readonly inFlight: number }
  | { readonly do: 'run'; readonly calls: number }
  | { readonly do: 'cpu' }

export interface Answer {
  readonly port?: number
  /** CPU time of the process so far, all threads, µs. */
  readonly cpu?: number
  /** Wall time of the run, ms, and the latencies' median and 99th percentile. */
  readonly wall?: number
  readonly p50?: number
  readonly p99?: number
  readonly error?: string
}

let run: (calls: number) => Promise<Answer> = () => Promise.reject(new Error('not connected'))

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())

async function obey(order: Order): Promise<Answer> {
  switch (order.do) {
    case 'serve':
      return { port: (await variant(order.variant).serve(new Uint8Array(order.responseBytes).fill(7))).port }
    case 'connect': {
      const client = variant(order.variant).connect(order.port, new Uint8Array(order.requestBytes).fill(7))
      run = (calls) => inParallel(client.call, calls, order.inFlight)
      return {}
    }
    case 'run':
      return run(order.calls)
    case 'cpu': {
      const { user, system } = process.cpuUsage()
      return { cpu: user + system }
    }
  }
}

function variant(name: string): (typeof variants)[string] & object {
  const found = variants[name]
  if (found === undefined) throw new Error(`no variant ${name}; there are: ${Object.keys(variants).join(', ')}`)
  return found
}

function inParallel(call: (done: (error?: Error) => void) => void, calls: number, inFlight: number): Promise<Answer> {
  const began = performance.now()
  const latencies = new Float64Array(calls)
  let started = 0
  let finished = 0
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const index = started
      started += 1
      const sent = performance.now()
      call((error) => {
        if (error !== undefined) {
          reject(error)
          return
        }
        latencies[index] = performance.now() - sent
        finished += 1
        if (started < calls) next()
        else if (finished === calls) {
          latencies.sort()
          resolve({ wall: performance.now() - began, p50: latencies[calls >> 1] ?? 0, p99: latencies[Math.floor(calls * 0.99)] ?? 0 })
        }
      })
    }
    for (let lane = 0; lane < Math.min(inFlight, calls); lane += 1) next()
  })
}
