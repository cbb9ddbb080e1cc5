// A broker in a process of its own that tells, when asked, what CPU time it has used.
import { startBroker } from '@feathermq/broker/testing'

const broker = await startBroker({ transport: process.argv[2] === 'grpc-js' ? 'grpc-js' : 'http2' })
const start = process.cpuUsage()
process.on('message', () => {
  const { user, system } = process.cpuUsage(start)
  process.send?.({ cpu: user + system })
})
process.on('disconnect', () => void broker.close())
process.send?.({ endpoints: broker.endpoints })
