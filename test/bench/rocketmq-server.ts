import type { FlushDiskType } from '../interop/rocketmq/configuration.ts'
import { startRocketmq } from '../interop/rocketmq/server.ts'
import type { Contender } from './served.ts'

/** A stock RocketMQ as its quick start has it: a name server, and a proxy with the broker inside. */
export function rocketmq(flush: FlushDiskType): Contender['start'] {
  return async () => {
    const server = await startRocketmq({ mode: 'local', tuning: 'steady', flush })
    const [nameServer, proxy] = server.processes
    if (nameServer === undefined || proxy === undefined) throw new Error('unreachable: local mode has two processes')
    return {
      endpoints: server.endpoints,
      pid: proxy.pid,
      others: { [nameServer.name]: nameServer.pid },
      startTime: server.startTime,
      createTopic: (name) => server.createTopic(name),
      createGroup: (name) => server.createGroup(name),
      stop: () => server.stop(),
    }
  }
}
