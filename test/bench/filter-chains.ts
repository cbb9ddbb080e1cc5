import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type EnvoyBootstrap, filterFile, generateEnvoy, type MeshConfig } from '@feathermq/mesh-filter'
import { emptyFilter, luaTwin, sdkTwin } from './filter-twins/modules.ts'

export type Kind = 'empty' | 'ours' | 'twin' | 'lua' | 'ext_proc'

/** So many copies of one filter, one behind the other. None of any: kind `none`. */
export interface Chain {
  readonly kind: Kind | 'none'
  readonly copies: number
}

type Json = EnvoyBootstrap[string]

/** Route mode with a rule about topics; the counters of calls are always on. There is no access log, so nobody is told what it would show, by no filter. */
export const routing: MeshConfig = {
  version: 1,
  name: 'bench',
  mode: 'route',
  filterState: false,
  headers: { route: false },
  clusters: { default: 'east', allow: ['east', 'west'] },
  routes: [{ name: 'payments', when: { topic: ['payments', 'payments-*'] }, cluster: 'west' }],
}

/** The modules of those filters that are ones, by kind. */
export async function modules(): Promise<ReadonlyMap<Kind, Uint8Array>> {
  return new Map([
    ['empty', await emptyFilter()],
    ['ours', readFileSync(filterFile)],
    ['twin', await sdkTwin()],
  ])
}

export interface ChainsOptions {
  readonly chains: readonly Chain[]
  readonly modules: ReadonlyMap<Kind, Uint8Array>
  /** `HOST:PORT` by cluster. */
  readonly clusters: Readonly<Record<'east' | 'west', string>>
  /** Where the external processor listens. */
  readonly processor?: number | undefined
}

/** Name of a chain's listener. */
export const nameOf = ({ kind, copies }: Chain): string => `${kind}-${copies}`

/** The bootstrap that we generate, with a listener for each chain: they differ in nothing but what stands before the router. */
export function chainsBootstrap(options: ChainsOptions): EnvoyBootstrap {
  const address = { listen: '127.0.0.1:0', admin: '127.0.0.1:0' }
  const base = generateEnvoy(routing, { ...address, clusters: options.clusters, accessLog: false })
  const resources = object(base['static_resources'])
  const [listener] = array(resources['listeners'])
  const listeners = options.chains.map((chain) => ({ ...withFilters(object(listener), filters(chain, options)), name: nameOf(chain) }))
  const clusters = options.processor === undefined ? [] : [processorCluster(options.processor)]
  return { ...base, static_resources: { ...resources, listeners, clusters: [...array(resources['clusters']), ...clusters] } }
}

/** The listener with other filters before the router. */
function withFilters(listener: EnvoyBootstrap, before: readonly Json[]): EnvoyBootstrap {
  const copy = structuredClone(listener)
  const [chain] = array(copy['filter_chains'])
  const [manager] = array(object(chain)['filters'])
  const http = object(object(manager)['typed_config']) as { http_filters: Json }
  http.http_filters = [...before, ...array(http.http_filters).slice(-1)]
  return copy
}

function filters({ kind, copies }: Chain, { modules }: ChainsOptions): readonly Json[] {
  return Array.from({ length: copies }, () => {
    if (kind === 'lua') return luaFilter
    if (kind === 'ext_proc') return processorFilter
    const module = kind === 'none' ? undefined : modules.get(kind)
    if (module === undefined) throw new Error(`no module of ${kind}`)
    return wasmFilter(module, kind === 'ours' ? JSON.stringify(routing) : '')
  })
}

/** A VM of its own for each copy, as filters of several owners have. */
function wasmFilter(module: Uint8Array, configuration: string): Json {
  return {
    name: 'envoy.filters.http.wasm',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm',
      config: {
        name: 'bench',
        root_id: 'feathermq',
        allow_on_headers_stop_iteration: true,
        configuration: { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: configuration },
        vm_config: {
          vm_id: randomUUID(),
          runtime: 'envoy.wasm.runtime.v8',
          code: { local: { inline_bytes: Buffer.from(module).toString('base64') } },
        },
      },
    },
  }
}

const luaFilter: Json = {
  name: 'envoy.filters.http.lua',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
    default_source_code: { inline_string: luaTwin },
  },
}

/** It decides about the request alone: our filter, its twin and Lua read the answer's code as well. */
const processorFilter: Json = {
  name: 'envoy.filters.http.ext_proc',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor',
    grpc_service: { envoy_grpc: { cluster_name: 'processor' } },
    message_timeout: '10s',
    processing_mode: {
      request_header_mode: 'SEND',
      request_body_mode: 'BUFFERED',
      response_header_mode: 'SKIP',
      response_body_mode: 'NONE',
      request_trailer_mode: 'SKIP',
      response_trailer_mode: 'SKIP',
    },
  },
}

function processorCluster(port: number): Json {
  return {
    name: 'processor',
    type: 'STATIC',
    circuit_breakers: { thresholds: [{ max_connections: 1024, max_pending_requests: 65_536, max_requests: 65_536 }] },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: 'processor',
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } }] }],
    },
  }
}

function object(json: Json | undefined): EnvoyBootstrap {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('the bootstrap has another form than was expected')
  return json as EnvoyBootstrap
}

function array(json: Json | undefined): readonly Json[] {
  if (!Array.isArray(json)) throw new Error('the bootstrap has another form than was expected')
  return json as readonly Json[]
}
