import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FilterMetrics, generateEnvoy, type MeshConfig, readFilterMetrics, startEnvoy } from '@feathermq/mesh-filter'
import { testAuthority } from '@feathermq/transport/testing'

/** A real Envoy with the filter, plaintext and TLS on one port. */
export interface Sidecar {
  /** `host:port` for clients. */
  readonly endpoints: string
  metrics(): Promise<FilterMetrics>
  /** Lines of Envoy's counters of bodies that should have been rewritten and were not. */
  notRewritten(): Promise<readonly string[]>
  /** What it wrote into its access log so far. */
  readonly accessLog: () => string
  stop(): Promise<void>
}

/** One server behind it; what else the filter does stands in `more`. */
export async function startSidecar(envoyPath: string, server: string, more: Partial<MeshConfig>): Promise<Sidecar> {
  const folder = mkdtempSync(join(tmpdir(), 'feathermq-sidecar-'))
  const issued = testAuthority().issue('localhost')
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const tls = { certificate: file('own.pem', issued.certificate), key: file('own.key', issued.key) }
  const config: MeshConfig = {
    version: 1,
    name: 'sidecar',
    mode: 'route',
    clusters: { default: 'server', allow: ['server'] },
    clientCalls: { cluster: 'server' },
    ...more,
  }
  const bootstrap = generateEnvoy(config, { clusters: { server }, listen: '127.0.0.1:0', admin: '127.0.0.1:0', tls })
  // It has read the files once it is ready.
  const envoy = await startEnvoy(bootstrap, { envoy: envoyPath }).finally(() => rmSync(folder, { recursive: true, force: true }))
  return {
    endpoints: envoy.listeners.get('feathermq') ?? '',
    metrics: () => readFilterMetrics(envoy.adminUrl),
    async notRewritten() {
      const answer = await fetch(`${envoy.adminUrl}/stats?filter=not_rewritten`)
      return (await answer.text()).split('\n').filter((line) => line !== '' && !line.endsWith(': 0'))
    },
    accessLog: () => envoy.output(),
    stop: () => envoy.stop(),
  }
}
