import { once } from 'node:events'
import { connect } from 'node:net'
import { askNameServer, createGroup, createTopic, type GroupOptions, type TopicOptions } from './admin-door.ts'
import {
  type BrokerProperties,
  CLUSTER,
  type FlushDiskType,
  type Mode,
  type Program,
  programs,
  type Tuning,
  writeConfiguration,
} from './configuration.ts'
import { askForRoute, eventually, type Patience } from './first-call.ts'
import { freePorts } from './free-ports.ts'
import { rocketmqJars } from './jars.ts'
import { Keeper, type Kept } from './keeper.ts'

/** A stock RocketMQ with a store of its own. */
export interface Rocketmq {
  readonly mode: Mode
  /** `host:port` of its gRPC side. */
  readonly endpoints: string
  /** The name server first. */
  readonly processes: readonly Kept[]
  /** Ms from the start of its first process to the first gRPC call that it answered. */
  readonly startTime: number
  /** Makes a topic, and waits until clients can find it. Nothing makes topics by itself. */
  createTopic(name: string, options?: TopicOptions): Promise<void>
  /** In local mode nothing makes groups by itself. */
  createGroup(name: string, options?: GroupOptions): Promise<void>
  /** Ends its processes at once and removes its store. */
  stop(): Promise<void>
}

export interface RocketmqOptions {
  /** Default `local`. */
  readonly mode?: Mode | undefined
  /** Default `quick`. */
  readonly tuning?: Tuning | undefined
  /** Default `ASYNC_FLUSH`, as its own. */
  readonly flush?: FlushDiskType | undefined
  /** Added to its broker's configuration. Default none. */
  readonly broker?: BrokerProperties | undefined
}

/** Ms. It takes 6 s on two idle cores, in cluster mode 9. */
const PATIENCE = 120_000

/** @throws a MissingPeer where this machine cannot run it; an Error that quotes its output when it does not start. */
export async function startRocketmq({
  mode = 'local',
  tuning = 'quick',
  flush = 'ASYNC_FLUSH',
  broker: more = {},
}: RocketmqOptions = {}): Promise<Rocketmq> {
  const jars = await rocketmqJars()
  const [nameServer = 0, broker = 0, replication = 0, grpc = 0, remoting = 0] = await freePorts(5)
  const keeper = new Keeper()
  try {
    writeConfiguration(keeper.folder, { nameServer, broker, replication, grpc, remoting }, flush, more)
    const patience: Patience = { until: Date.now() + PATIENCE, check: () => keeper.check() }
    // What the next program asks for at its start, and repeats only after half a minute.
    const open: Readonly<Record<Program['name'], number>> = { 'name server': nameServer, broker, proxy: grpc, 'proxy with broker': grpc }
    const processes: Kept[] = []
    for (const { name, args } of programs(mode, tuning, jars.folder, keeper.folder)) {
      processes.push(await keeper.start(name, jars.java, args))
      await eventually(() => reach(open[name]), patience)
      if (name === 'broker') await eventually(() => askNameServer(`127.0.0.1:${nameServer}`, CLUSTER), patience)
    }
    const endpoints = `127.0.0.1:${grpc}`
    await eventually(() => askForRoute(endpoints, 'nothing'), patience)
    const startTime = Date.now() - (processes[0]?.startedAt ?? Number.NaN)

    const admin = `127.0.0.1:${broker}`
    return {
      mode,
      endpoints,
      processes,
      startTime,
      async createTopic(name, options) {
        await createTopic(admin, name, options)
        await eventually(async () => {
          const answer = await askForRoute(endpoints, name)
          if (answer !== 'OK') throw new Error(`The topic ${name} was made, but asked for its route RocketMQ answers ${answer}`)
        }, patience)
      },
      createGroup: (name, options) => createGroup(admin, name, options),
      stop: () => keeper.stop(),
    }
  } catch (error) {
    await keeper.stop()
    throw error
  }
}

async function reach(port: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}
