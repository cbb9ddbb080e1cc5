import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import {
  filterFile,
  generateEnvoyGateway,
  generateIstio,
  generateKuma,
  ManifestError,
  type MeshConfig,
  type RunningEnvoy,
  startEnvoy,
} from '@feathermq/mesh-filter'
import { decodeSendMessageResponse } from '@feathermq/protocol'
import { afterEach, before, describe, it } from 'mocha'
import { parse, stringify } from 'yaml'
import { requests } from '../support/filter/requests.ts'
import { toldMetrics } from './support/admin.ts'
import { Client } from './support/client.ts'
import { requireEnvoy } from './support/envoy.ts'
import { FakeBroker } from './support/fake-broker.ts'
import { freePort } from './support/free-port.ts'

/** A part of a configuration that a platform changes. */
type Part = { [key: string]: unknown }

const config: MeshConfig = {
  version: 1,
  name: 'platform',
  mode: 'route',
  clusters: { default: 'east', allow: ['east', 'west'] },
  clientCalls: { cluster: 'east', mirror: ['west'] },
  routes: [{ name: 'payments', when: { topic: 'payments' }, cluster: 'west' }],
  acl: { rules: [{ name: 'closed', effect: 'deny', when: { op: 'send', topic: 'closed' } }] },
  faults: [{ name: 'slow', when: { topic: 'never' }, fraction: 1, delay: '1s' }],
  reject: { style: 'native' },
}

/** What such a platform configures by itself: a port whose calls go east, with the timeouts that it has. */
function proxy(brokers: readonly FakeBroker[]) {
  const manager: Part = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'platform',
    codec_type: 'HTTP2',
    http_filters: [
      { name: 'envoy.filters.http.router', typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' } },
    ],
    route_config: { name: 'own', virtual_hosts: [{ name: 'own', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'east' } }] }] },
  }
  const listener: Part = {
    name: 'own',
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    default_filter_chain: { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] },
  }
  const clusters: unknown[] = brokers.map(({ name, port }) => ({
    name,
    type: 'STATIC',
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } }] }],
    },
  }))
  const bootstrap: Part = { static_resources: { listeners: [listener], clusters } }
  const filters = manager['http_filters'] as Part[]
  const routes = (manager as { route_config: { virtual_hosts: [{ routes: unknown[] }] } }).route_config.virtual_hosts[0].routes
  return { manager, listener, listeners: (bootstrap['static_resources'] as { listeners: unknown[] }).listeners, clusters, bootstrap, filters, routes }
}
type Proxy = ReturnType<typeof proxy>

/** JSON Patch (RFC 6902), of which only "add" occurs. */
function add(target: unknown, path: string, value: unknown): void {
  const steps = path.split('/').slice(1)
  const last = steps.pop() ?? assert.fail('a path')
  const parent = steps.reduce<unknown>((part, step) => (part as Part)[step], target)
  if (Array.isArray(parent)) parent.splice(Number(last), 0, value)
  else (parent as Part)[last] = value
}

interface IstioPatch {
  readonly applyTo: string
  readonly patch: { readonly operation: string; readonly value: Part }
}

function asIstio(manifest: unknown, own: Proxy): void {
  const { spec } = manifest as { spec: { configPatches: readonly IstioPatch[] } }
  for (const { applyTo, patch } of spec.configPatches) {
    const { operation, value } = patch
    if (applyTo === 'BOOTSTRAP') Object.assign(own.bootstrap, value)
    else if (applyTo === 'NETWORK_FILTER') Object.assign(own.manager, value['typed_config'])
    else if (applyTo === 'HTTP_FILTER') own.filters.splice(operation === 'INSERT_FIRST' ? 0 : own.filters.length - 1, 0, value)
    else if (applyTo === 'HTTP_ROUTE') own.routes.unshift(value)
    else if (applyTo === 'LISTENER') own.listeners.push(value)
    else if (applyTo === 'CLUSTER') own.clusters.push(value)
    else assert.fail(applyTo)
  }
}

type KumaModification = Readonly<Record<string, { operation: string; value?: string; jsonPatches?: readonly { path: string; value: unknown }[] }>>

function asKuma(manifest: unknown, own: Proxy): void {
  const { spec } = manifest as { spec: { default: { appendModifications: readonly KumaModification[] } } }
  for (const modification of spec.default.appendModifications) {
    for (const [kind, { operation, value: text = '', jsonPatches = [] }] of Object.entries(modification)) {
      const value = parse(text)
      if (kind === 'networkFilter') Object.assign(own.manager, value.typed_config)
      else if (kind === 'httpFilter') own.filters.splice(operation === 'AddFirst' ? 0 : own.filters.length - 1, 0, value)
      else if (kind === 'virtualHost') for (const patch of jsonPatches) add({ routes: own.routes }, patch.path, patch.value)
      else if (kind === 'listener') own.listeners.push(value)
      else if (kind === 'cluster') own.clusters.push(value)
      else assert.fail(kind)
    }
  }
}

interface GatewayPatch {
  readonly type: string
  readonly name: string
  readonly operation: { readonly path: string; readonly value: unknown }
}

function asEnvoyGateway(manifest: unknown, own: Proxy): void {
  const { spec } = manifest as { spec: { jsonPatches: readonly GatewayPatch[] } }
  for (const { type, name, operation } of spec.jsonPatches) {
    const { path, value } = operation
    if (path === '') (type.endsWith('.Cluster') ? own.clusters : own.listeners).push(value)
    else {
      assert.equal(name, 'mq/edge/grpc')
      add(type.endsWith('.Listener') ? own.listener : own.manager['route_config'], path, value)
    }
  }
}

const platforms: readonly (readonly [
  name: string,
  generate: (options: { rejectListener: string }) => unknown,
  apply: (manifest: unknown, own: Proxy) => void,
])[] = [
  ['Istio', (options) => generateIstio(config, { ...options, wasm: { file: filterFile }, port: 8081, selector: { app: 'payments' } }), asIstio],
  ['Kuma', (options) => generateKuma(config, { ...options, wasm: { inline: readFileSync(filterFile) } }), asKuma],
  [
    'Envoy Gateway',
    (options) => generateEnvoyGateway(config, { ...options, wasm: { file: filterFile }, namespace: 'mq', gateway: 'edge', listener: 'grpc' }),
    asEnvoyGateway,
  ],
]

describe('25: the manifests for platforms, applied to a proxy as the platform would', () => {
  let path: string
  let envoy: RunningEnvoy
  let client: Client
  let brokers: FakeBroker[]
  before(async function () {
    path = await requireEnvoy(this)
  })
  afterEach(async () => {
    await client?.close()
    await envoy?.stop()
    for (const broker of brokers) await broker.stop()
  })

  for (const [name, generate, apply] of platforms) {
    it(`${name}: route, refuse, count and protect as the bootstrap of the same configuration`, async () => {
      brokers = [await FakeBroker.start('east'), await FakeBroker.start('west')]
      const [east, west] = brokers
      // As it is written and read: what is no YAML would be lost here.
      const manifest: unknown = parse(stringify(generate({ rejectListener: `127.0.0.1:${await freePort()}` }), { aliasDuplicateObjects: false }))
      const own = proxy(brokers)
      apply(manifest, own)
      envoy = await startEnvoy(JSON.parse(JSON.stringify(own.bootstrap)), { envoy: path, workers: 1 })
      client = await Client.connect(envoy.listeners.get('own') ?? '')
      const send = (topic: string, headers = {}) => client.call('SendMessage', requests.send({ topic }), headers)
      for (const topic of ['payments', 'orders']) assert.equal((await send(topic, { 'x-fmq-cluster': 'nowhere' })).status, 0)
      assert.deepEqual([east?.calls.length, west?.calls.length], [1, 1])
      const refused = await send('closed')
      assert.equal(decodeSendMessageResponse(refused.messages[0] ?? Buffer.alloc(0)).status?.code, 'FORBIDDEN')
      assert.equal((await client.call('Heartbeat', requests.heartbeat('billing'))).status, 0)
      await west?.call(1)
      assert.deepEqual(
        west?.calls.map(({ method }) => method),
        ['SendMessage', 'Heartbeat'],
      )
      const { calls } = await toldMetrics(envoy.adminUrl, 'platform')
      assert.equal(calls.find(({ topic }) => topic === 'payments')?.code, '20000')
    })
  }

  it('say what they cannot do', () => {
    brokers = []
    const upstream: MeshConfig = { ...config, trace: { placement: 'upstream' } }
    assert.throws(() => generateIstio(upstream, { wasm: { file: filterFile }, port: 1 }), ManifestError)
  })
})
