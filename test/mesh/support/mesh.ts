import { existsSync } from 'node:fs'
import {
  type FilterMetrics,
  filterFile,
  type GenerateEnvoyOptions,
  generateEnvoy,
  type MeshConfig,
  type RunningEnvoy,
  startEnvoy,
} from '@feathermq/mesh-filter'
import { toldMetrics } from './admin.ts'
import { Client } from './client.ts'
import { FakeBroker } from './fake-broker.ts'

export interface MeshOptions extends Omit<GenerateEnvoyOptions, 'clusters' | 'listen' | 'admin'> {
  readonly workers?: number
}

/** A real Envoy with the filter, a fake broker per cluster, and a client. */
export interface Mesh {
  readonly envoy: RunningEnvoy
  readonly address: string
  readonly client: Client
  broker(name: string): FakeBroker
  /** When they tell of every call that has ended. */
  metrics(): Promise<FilterMetrics>
  /** Forgets the calls so far. */
  reset(): void
  stop(): Promise<void>
}

/** Two clusters, and a route to each; the facts are headers, and brokers see them. */
export const twoClusters: MeshConfig = {
  version: 1,
  name: 'test',
  mode: 'route',
  clusters: { default: 'east', allow: ['east', 'west'] },
  clientCalls: { cluster: 'east', mirror: ['west'] },
  headers: { facts: ['op', 'topic', 'group', 'tag', 'message-group', 'broker'] },
  routes: [{ name: 'payments', when: { topic: ['payments', 'payments-*'] }, cluster: 'west' }],
}

export async function startMesh(envoyPath: string, config: MeshConfig = twoClusters, options: MeshOptions = {}): Promise<Mesh> {
  const { workers, ...generate } = options
  if (!existsSync(filterFile)) throw new Error(`There is no ${filterFile}: run "node mesh-filter/scripts/build-filter.mjs"`)
  const brokers = new Map<string, FakeBroker>()
  for (const name of config.clusters?.allow ?? ['east']) brokers.set(name, await FakeBroker.start(name))
  const clusters = Object.fromEntries([...brokers].map(([name, broker]) => [name, broker.address]))
  const bootstrap = generateEnvoy(config, { hideHeaders: false, ...generate, clusters, listen: '127.0.0.1:0', admin: '127.0.0.1:0' })
  const envoy = await startEnvoy(bootstrap, { envoy: envoyPath, workers: workers ?? 1 })
  const address = envoy.listeners.get('feathermq')
  if (address === undefined) throw new Error(`Envoy has no listener feathermq: ${[...envoy.listeners.keys()]}`)
  const client = await Client.connect(address)
  return {
    envoy,
    address,
    client,
    broker(name) {
      const broker = brokers.get(name)
      if (broker === undefined) throw new Error(`no broker ${name}`)
      return broker
    },
    metrics: () => toldMetrics(envoy.adminUrl),
    reset() {
      for (const broker of brokers.values()) broker.reset()
    },
    async stop() {
      await client.close()
      await envoy.stop()
      for (const broker of brokers.values()) await broker.stop()
    },
  }
}
