// A broker on a data directory, in a process of its own that tells, when asked, what CPU time it has used and what memory it holds.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openBroker } from '@feathermq/broker'
import type { Answer, Opening, Order } from './scaling-world.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const begin = performance.now()
const cpuBefore = process.cpuUsage()
const broker = await openBroker({
  port: 0,
  httpPort: 0,
  data: process.argv[2] ?? '',
  autoCreate: true,
  maxDelay: '2d',
  limits: { inFlight: 4_000_000, waiters: 20_000 },
})
const { grpc } = await broker.start()
const { user, system } = process.cpuUsage(cpuBefore)
const opening: Opening = { time: performance.now() - begin, cpu: (user + system) / 1_000 }

function answer(order: Order): Answer {
  if (order === 'cpu') {
    const { user, system } = process.cpuUsage()
    return { cpu: user + system }
  }
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { memory: heapUsed + external, resident: rss }
}

process.on('message', (order: Order | 'stop') => {
  if (order === 'stop') void broker.stop().then(() => process.disconnect())
  else process.send?.(answer(order))
})
process.send?.({ endpoints: grpc, opening })
