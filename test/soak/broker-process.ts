// A broker on a data directory of its own, in a process of its own that tells, when asked, what it takes up.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openBroker } from '@feathermq/broker'
import type { BrokerReport } from './report.ts'

const MIB = 1_048_576
/** What the segments may take: seconds of the load, and more than its producers let be unhandled. */
const KEPT = 16 * MIB

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const folder = process.argv[2] ?? ''
const errors: string[] = []
const retry = ['200ms']
const broker = await openBroker({
  port: 0,
  httpPort: 0,
  data: folder,
  segmentSize: 8 * MIB,
  retention: { size: KEPT },
  autoCreate: true,
  groups: {
    billing: { retry, maxAttempts: 3 },
    ledger: { retry, maxAttempts: 3, ordered: true },
    alarms: { retry, maxAttempts: 3 },
  },
  onError: (error) => errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
})

/** All files of a folder of the data directory, MiB. */
function diskUse(name: string): number {
  let bytes = 0
  for (const entry of readdirSync(join(folder, name), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    try {
      bytes += statSync(join(entry.parentPath, entry.name)).size
    } catch {
      // It went since the folder was read.
    }
  }
  return bytes / MIB
}

function report(): BrokerReport {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  // Where there is no /proc the open things that the event loop knows are the next best.
  const handles = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : process.getActiveResourcesInfo().length
  const [log, index, timed, state] = [diskUse('log'), diskUse('index'), diskUse('timed'), diskUse('state')]
  return { memory: (heapUsed + external) / MIB, handles, log, index, timed, state, errors }
}

process.on('message', (order) => {
  if (order === 'report') process.send?.(report())
  else void broker.stop().then(() => process.disconnect())
})
const { grpc } = await broker.start()
process.send?.({ endpoints: grpc })
