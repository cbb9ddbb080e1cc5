// The clients of a chaos test, in a process of their own: what it takes up is theirs alone.
import { createHook } from 'node:async_hooks'
import { readdirSync, readlinkSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Load } from './load.ts'

export interface LoadReport {
  readonly faults: readonly string[]
  readonly unhandled: number
  /** In words. */
  readonly promises: string
  readonly promised: number
  /** How often a send failed with which code. */
  readonly codes: Readonly<Record<string, number>>
  readonly consumers: readonly string[]
  readonly sockets: number
  readonly timers: number
  /** MiB after a collection. */
  readonly heap: number
}

export type Order = 'hold' | 'resume' | 'drained' | 'report' | 'stop' | { readonly replace: number }

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

// Those that hold no process count as well, which process.getActiveResourcesInfo() leaves out.
const timers = new Set<number>()
createHook({
  init: (id, type) => void (type === 'Timeout' && timers.add(id)),
  destroy: (id) => void timers.delete(id),
}).enable()

const load = new Load(process.argv[2] ?? '')
for (const event of ['unhandledRejection', 'uncaughtException', 'warning'] as const) {
  process.on(event, (reason: unknown) => {
    load.faults.push(`${event}: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`)
  })
}

function sockets(): number {
  if (process.platform !== 'linux') return process.getActiveResourcesInfo().filter((name) => /Socket|TCP/.test(name)).length
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')
    } catch {
      return false
    }
  }).length
}

function report(): LoadReport {
  collect()
  const { promises } = load
  return {
    faults: load.faults,
    unhandled: promises.unhandled,
    promises: String(promises),
    promised: promises.promised,
    codes: Object.fromEntries(load.codes),
    consumers: load.consumers,
    sockets: sockets(),
    timers: timers.size,
    heap: process.memoryUsage().heapUsed / 1_048_576,
  }
}

async function follow(order: Order): Promise<unknown> {
  if (typeof order === 'object') return load.replace(order.replace)
  switch (order) {
    case 'hold':
      return load.hold()
    case 'resume':
      return load.resume()
    case 'drained':
      return load.promises.all()
    case 'report':
      return report()
    case 'stop':
      return load.close()
  }
}

// Whoever gives the orders may be killed by a signal, which gives him no time to end this process.
const orphaned = () => process.exit(1)
process.on('disconnect', orphaned)
process.on('message', ({ id, order }: { readonly id: number; readonly order: Order }) => {
  follow(order).then(
    (value) => {
      process.send?.({ id, value })
      if (order !== 'stop') return
      process.off('disconnect', orphaned)
      process.disconnect()
    },
    (error: unknown) => load.faults.push(`${JSON.stringify(order)}: ${String(error)}`),
  )
})
