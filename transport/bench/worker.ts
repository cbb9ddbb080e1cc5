// The server or the client of a measurement, in a process of its own: told what to do by its parent, one thing at a time, and answers each.
import { setImmediate as turn } from 'node:timers/promises'
import type { Answer, Length, Order } from './orders.ts'
import type { Client, Done, EchoStream, Serving } from './variant.ts'
import { variants } from './variants.ts'

/** Connections and streams that are opened at once. */
const LANES = 50

let serving: Serving | undefined
let connect: () => Client = () => {
  throw new Error('it was not said where to connect')
}
let client: Client | undefined
/** What is to be held open is not to be collected. */
const connections: Client[] = []
const streams: EchoStream[] = []
/** Streams that are over, and those of them that ended as they should. */
let over = 0
let ended = 0
let whenOver = (): void => {}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Answer),
  )
})
process.on('disconnect', () => process.exit())

async function obey(order: Order): Promise<Answer> {
  switch (order.do) {
    case 'serve':
      serving = await (await variants[order.variant]()).serve(order)
      return { port: serving.port }
    case 'connect': {
      const { port, ca } = order
      const variant = await variants[order.variant]()
      connect = () => variant.connect(port, ca)
      return {}
    }
    case 'run': {
      client ??= connect()
      const { unary, serverStream } = client
      return run(order.kind === 'unary' ? unary : serverStream, order.inFlight, order.length)
    }
    case 'open connections':
      await inLanes(order.count, async () => {
        const connection = connect()
        await new Promise<void>((resolve, reject) => connection.unary((error) => (error === undefined ? resolve() : reject(error))))
        connections.push(connection)
      })
      return {}
    case 'open streams': {
      client ??= connect()
      const { openStream } = client
      await inLanes(order.count, () => hold(openStream))
      return {}
    }
    case 'end streams': {
      const all = new Promise<void>((resolve) => {
        whenOver = resolve
      })
      for (const stream of streams) stream.end()
      if (over < streams.length) await all
      return { streams: ended }
    }
    case 'count streams':
      return { streams: serving?.openStreams() ?? 0 }
    case 'usage':
      return { cpu: cpu() }
    case 'memory':
      return memory()
  }
}

/** One call after the other in each of so many lanes; then until all have ended. */
function run(call: (done: Done) => void, inFlight: number, length: Length): Promise<Answer> {
  const began = cpu()
  const latencies: number[] = []
  let open = 0
  let enough = false
  return new Promise((resolve, reject) => {
    function next(): void {
      open += 1
      const sent = performance.now()
      call((error) => {
        open -= 1
        latencies.push(performance.now() - sent)
        // Asking for the CPU time is not for nothing.
        if (latencies.length >= length.calls && latencies.length % 64 === 0) enough ||= cpu() - began >= length.cpu * 1_000
        if (error !== undefined) reject(error)
        else if (!enough) next()
        else if (open === 0) resolve({ calls: latencies.length, ...percentiles(latencies) })
      })
    }
    for (let lane = 0; lane < inFlight; lane += 1) next()
  })
}

/** Without the first tenth: all calls begin at once, and what V8 made of the run before is not all right for this one. */
function percentiles(latencies: readonly number[]) {
  const sorted = Float64Array.from(latencies.slice(latencies.length / 10)).sort()
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

/** Opens a stream, and waits until a message has gone there and back. */
function hold(openStream: Client['openStream']): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = openStream(resolve, (error) => {
      over += 1
      if (error === undefined) ended += 1
      else reject(error)
      if (over === streams.length) whenOver()
    })
    stream.send()
    streams.push(stream)
  })
}

async function inLanes(count: number, task: () => Promise<void>): Promise<void> {
  let left = count
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      while (left > 0) {
        left -= 1
        await task()
      }
    }),
  )
}

function cpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function memory(): Promise<Answer> {
  if (globalThis.gc === undefined) throw new Error('memory is measured with --expose-gc')
  // What ends with a connection or a finalizer needs a turn or two.
  for (let times = 0; times < 4; times += 1) {
    globalThis.gc()
    await turn()
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}
