import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which programs make up the server: a proxy with the broker inside, or each for itself. Both need a name server. */
export type Mode = 'local' | 'cluster'

/** Its brokers' and its proxies'; a topic of this name comes with the first broker. */
export const CLUSTER = 'DefaultCluster'

export interface Ports {
  readonly nameServer: number
  readonly broker: number
  readonly replication: number
  readonly grpc: number
  readonly remoting: number
}

/** How much a JVM may take, and how it compiles. `quick`: for tests, which start it often. `steady`: for what is measured. */
export type Tuning = 'quick' | 'steady'

/** When a send is acknowledged: when it is in the operating system's memory, which is the default, or when it is on disk. */
export type FlushDiskType = 'ASYNC_FLUSH' | 'SYNC_FLUSH'

/** As in broker.conf. */
export type BrokerProperties = Readonly<Record<string, string | number>>

/** A program of the server. */
export interface Program {
  readonly name: 'name server' | 'broker' | 'proxy' | 'proxy with broker'
  readonly args: readonly string[]
}

/** Everything beyond the defaults, and why. */
function brokerProperties(folder: string, ports: Ports, flushDiskType: FlushDiskType): BrokerProperties {
  return {
    brokerClusterName: CLUSTER,
    brokerName: 'broker-a',
    brokerId: 0,
    brokerIP1: '127.0.0.1',
    namesrvAddr: `127.0.0.1:${ports.nameServer}`,
    listenPort: ports.broker,
    haListenPort: ports.replication,
    storePathRootDir: join(folder, 'store'),
    flushDiskType,
    // The default of 1 GiB is created twice at the start. The spelling with one p, which the documentation has, is ignored.
    mappedFileSizeCommitLog: 67_108_864,
    // A disk that is fuller than 75 % makes it delete messages, and refuse new ones.
    diskMaxUsedSpaceRatio: 99,
  }
}

function proxyConfiguration(ports: Ports): Readonly<Record<string, string | number>> {
  return {
    rocketMQClusterName: CLUSTER,
    proxyClusterName: CLUSTER,
    proxyName: 'proxy-a',
    namesrvAddr: `127.0.0.1:${ports.nameServer}`,
    localServeAddr: '127.0.0.1',
    grpcServerPort: ports.grpc,
    remotingListenPort: ports.remoting,
  }
}

export function writeConfiguration(folder: string, ports: Ports, flushDiskType: FlushDiskType, more: BrokerProperties): void {
  const lines = (properties: Readonly<Record<string, string | number>>) =>
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join('')
  const conf = join(folder, 'conf')
  mkdirSync(conf, { recursive: true })
  writeFileSync(join(conf, 'namesrv.conf'), lines({ listenPort: ports.nameServer, kvConfigPath: join(folder, 'kv.json') }))
  writeFileSync(join(conf, 'broker.conf'), lines({ ...brokerProperties(folder, ports, flushDiskType), ...more }))
  writeFileSync(join(conf, 'rmq-proxy.json'), JSON.stringify(proxyConfiguration(ports)))
}

/**
 * The scripts that come with RocketMQ give gigabytes of heap. The direct memory is a limit that is far from reached: of the threads of a broker, nearly each
 * keeps a buffer of 4 MiB there, and one that gets none goes on without its work, be it deliveries that are due, with a line in the log.
 */
const memory: Readonly<Record<Tuning, Readonly<Record<Program['name'], readonly string[]>>>> = {
  quick: {
    'name server': ['-Xms32m', '-Xmx128m'],
    broker: ['-Xms64m', '-Xmx512m', '-XX:MaxDirectMemorySize=2g'],
    proxy: ['-Xms64m', '-Xmx512m', '-XX:MaxDirectMemorySize=1g'],
    'proxy with broker': ['-Xms64m', '-Xmx512m', '-XX:MaxDirectMemorySize=2g'],
  },
  steady: {
    'name server': ['-Xms64m', '-Xmx256m'],
    broker: ['-Xms256m', '-Xmx1g', '-XX:MaxDirectMemorySize=2g'],
    proxy: ['-Xms256m', '-Xmx1g', '-XX:MaxDirectMemorySize=1g'],
    'proxy with broker': ['-Xms256m', '-Xmx1g', '-XX:MaxDirectMemorySize=2g'],
  },
}

/** Tests gain more from a quick start than from the optimising compiler; the scripts of RocketMQ use G1 as well. */
const compiler: Readonly<Record<Tuning, readonly string[]>> = {
  quick: ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
  steady: ['-XX:+UseG1GC'],
}

/** The programs of a mode, in the order in which they are started. */
export function programs(mode: Mode, tuning: Tuning, jars: string, folder: string): readonly Program[] {
  const java = (name: Program['name'], main: string, ...args: readonly string[]): Program => {
    // RocketMQ frees its mapped files by methods that Java hides; it writes its logs below the home directory.
    const opened = ['java.nio', 'sun.nio.ch'].map((pack) => `--add-opens=java.base/${pack}=ALL-UNNAMED`)
    const places = [`-Duser.home=${folder}`, `-Drocketmq.home.dir=${folder}`, '-cp', join(jars, '*')]
    return { name, args: [...compiler[tuning], ...memory[tuning][name], ...opened, ...places, `org.apache.rocketmq.${main}`, ...args] }
  }
  const conf = (name: string) => join(folder, 'conf', name)
  const nameServer = java('name server', 'namesrv.NamesrvStartup', '-c', conf('namesrv.conf'))
  if (mode === 'local') {
    return [nameServer, java('proxy with broker', 'proxy.ProxyStartup', '-pm', 'local', '-bc', conf('broker.conf'))]
  }
  return [nameServer, java('broker', 'broker.BrokerStartup', '-c', conf('broker.conf')), java('proxy', 'proxy.ProxyStartup', '-pm', 'cluster')]
}
