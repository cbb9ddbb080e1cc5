// A broker of the fleet, on a directory that outlives it, in a process that can be killed.
import { openBroker } from '@feathermq/broker'
import { http2Transport } from '@feathermq/transport'
import { Fleet, QUEUES, type Routes } from './fleet.ts'

const [name = '', folder = '', routes = '{}'] = process.argv.slice(2)
const fleet = new Fleet()
fleet.routes = JSON.parse(routes)
// What a handler failed with is tried again soon, and nothing becomes a dead letter.
const group = { retry: ['200ms'], maxAttempts: 1_000 }
const broker = await openBroker({
  name,
  port: 0,
  httpPort: 0,
  data: folder,
  segmentSize: 8 * 1_048_576,
  transport: fleet.over(http2Transport()),
  topics: {
    orders: { types: ['NORMAL'], queues: QUEUES },
    accounts: { types: ['FIFO'], queues: QUEUES },
    payments: { types: ['TRANSACTION'], queues: QUEUES },
  },
  // Often enough that none is given up while its producer cannot be reached.
  transactions: { firstCheck: '2s', checkInterval: '3s', maxChecks: 60 },
  groups: { billing: group, ledger: { ...group, ordered: true } },
})
process.on('message', (order: Routes | 'stop') => {
  if (order === 'stop') void broker.stop().then(() => process.disconnect())
  else fleet.routes = order
})
process.on('disconnect', () => void broker.stop())
const { grpc } = await broker.start()
process.send?.({ port: Number(grpc.split(':').at(-1)) })
