import { askForRoute } from '../interop/rocketmq/first-call.ts'
import { rocketmqVersion } from '../interop/rocketmq/jars.ts'
import { startRocketmq } from '../interop/rocketmq/server.ts'
import { brokerCommand, startBrokerProcess } from '../support/broker-process.ts'
import { describeEnd } from '../support/child.ts'

/** A server that runs, with a store of its own. */
export interface Served {
  readonly endpoints: string
  /** The process that clients talk to. */
  readonly pid: number
  /** What else must run for it, by name. */
  readonly others: Readonly<Record<string, number>>
  /** Ms from the start of its first process to the first call that it answered. */
  readonly startTime: number
  createTopic(name: string): Promise<void>
  createGroup(name: string): Promise<void>
  stop(): Promise<void>
}

/** A server that takes part in the comparison. */
export interface Contender {
  readonly who: string
  start(): Promise<Served>
}

/** Ms that a broker of ours may live. */
const LIFE = 600_000

/** Our broker, started as its users start it; topics and groups are made on first use. */
function feathermq(who: string, args: readonly string[]): Contender {
  return {
    who,
    async start() {
      const begin = Date.now()
      const broker = await startBrokerProcess(brokerCommand(args), { timeout: LIFE })
      await askForRoute(broker.grpc, 'nothing')
      return {
        endpoints: broker.grpc,
        pid: broker.pid,
        others: {},
        startTime: Date.now() - begin,
        createTopic: async () => {},
        createGroup: async () => {},
        async stop() {
          broker.child.kill('SIGKILL')
          const end = await broker.child.ended
          if (end.signal !== 'SIGKILL') throw new Error(`Our broker ${describeEnd(end)} while it was measured.\n${end.stdout}${end.stderr}`)
        },
      }
    },
  }
}

/** A stock RocketMQ as its quick start has it: a name server, and a proxy with the broker inside. */
const rocketmq: Contender = {
  who: `Apache RocketMQ ${rocketmqVersion}`,
  async start() {
    const server = await startRocketmq({ mode: 'local', tuning: 'steady' })
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
  },
}

/**
 * The first is compared with each of the others. RocketMQ answers a send when the message is in the operating system's memory and writes it to disk by
 * itself soon after; the broker in memory never does. A broker with `--data` belongs here, first, once there is one: `feathermq('FeatherMQ, on disk', …)`.
 */
export const contenders: readonly Contender[] = [feathermq('FeatherMQ, in memory', []), rocketmq]
