import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { parse } from 'yaml'
import type { MeshConfig } from '../config/model.ts'
import { type EnvoyBootstrap, generateEnvoy } from './envoy.ts'
import { filterFile } from './filter-file.ts'
import type { Json } from './json.ts'
import { ManifestError } from './manifest-error.ts'
import { renderEnvoy } from './render.ts'
import { statsTags } from './stats-tags.ts'

const config: MeshConfig = {
  version: 1,
  name: 'edge',
  mode: 'route',
  clusters: { default: 'east', allow: ['east', 'west'] },
  clientCalls: { cluster: 'east', mirror: ['west'] },
  routes: [{ name: 'payments', when: { topic: 'payments*' }, cluster: 'west' }],
}
const clusters = { east: '127.0.0.1:8081', west: '127.0.0.1:8082' }

/** The part of a JSON value that is reached by `steps`. */
function part(json: Json | undefined, ...steps: (string | number)[]): Json | undefined {
  return steps.reduce<Json | undefined>((value, step) => (value === null || typeof value !== 'object' ? undefined : Reflect.get(value, step)), json)
}

function list(json: Json | undefined): readonly Json[] {
  assert.ok(Array.isArray(json), `expected a list, got ${JSON.stringify(json)}`)
  return json
}

const manager = (bootstrap: EnvoyBootstrap) => part(bootstrap, 'static_resources', 'listeners', 0, 'filter_chains', 0, 'filters', 0, 'typed_config')
const routesOf = (bootstrap: EnvoyBootstrap) => list(part(manager(bootstrap), 'route_config', 'virtual_hosts', 0, 'routes'))
const filterOf = (bootstrap: EnvoyBootstrap) => part(manager(bootstrap), 'http_filters', 0, 'typed_config', 'config')
const clusterOf = (bootstrap: EnvoyBootstrap, index: number) => part(bootstrap, 'static_resources', 'clusters', index)
const protocolOf = (cluster: Json | undefined) =>
  part(cluster, 'typed_extension_protocol_options', 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions')

describe('generateEnvoy', () => {
  it('tries client calls first, then the decision of the filter, then the default cluster', () => {
    const routes = routesOf(generateEnvoy(config, { clusters }))
    assert.deepEqual(
      routes.map((route) => [
        part(route, 'name'),
        part(route, 'match', 'headers', 0, 'name'),
        part(route, 'route', 'cluster') ?? part(route, 'route', 'cluster_header'),
      ]),
      [
        ['client-Telemetry', undefined, 'east'],
        ['client-Heartbeat', undefined, 'east'],
        ['client-NotifyClientTermination', undefined, 'east'],
        ['decided-question', 'x-fmq-cluster', 'x-fmq-cluster'],
        ['decided-poll', 'x-fmq-cluster', 'x-fmq-cluster'],
        ['decided', 'x-fmq-cluster', 'x-fmq-cluster'],
        ['default-question', undefined, 'east'],
        ['default-poll', undefined, 'east'],
        ['default', undefined, 'east'],
      ],
    )
  })

  it('mirrors client calls and nothing else', () => {
    const mirrors = routesOf(generateEnvoy(config, { clusters })).map((route) => part(route, 'route', 'request_mirror_policies', 0, 'cluster'))
    assert.deepEqual(mirrors, ['west', 'west', 'west', ...Array.from({ length: 6 })])
  })

  it('lets long polls and streams take their time on every route', () => {
    for (const route of routesOf(generateEnvoy(config, { clusters }))) {
      assert.equal(part(route, 'route', 'timeout'), '0s')
      assert.equal(part(route, 'route', 'idle_timeout'), '0s')
      assert.equal(part(route, 'route', 'max_stream_duration', 'grpc_timeout_header_max'), '0s')
    }
    assert.equal(part(manager(generateEnvoy(config, { clusters })), 'stream_idle_timeout'), '0s')
  })

  it('holds calls only in mode route', () => {
    const observing = generateEnvoy({ ...config, mode: 'observe' }, { clusters })
    assert.equal(part(filterOf(generateEnvoy(config, { clusters })), 'allow_on_headers_stop_iteration'), true)
    assert.equal(part(filterOf(observing), 'allow_on_headers_stop_iteration'), undefined)
    assert.deepEqual(
      routesOf(observing).map((route) => part(route, 'route', 'cluster_header')),
      Array.from({ length: 6 }),
    )
  })

  it('hands the filter its configuration as it is, in a VM of its own', () => {
    const filter = filterOf(generateEnvoy(config, { clusters }))
    assert.deepEqual(JSON.parse(String(part(filter, 'configuration', 'value'))), config)
    assert.equal(part(filter, 'vm_config', 'vm_id'), 'fmq/edge')
    assert.equal(part(filter, 'failure_policy'), 'FAIL_RELOAD')
    assert.equal(part(filter, 'vm_config', 'code', 'local', 'filename'), filterFile)
  })

  it('takes the filter from another file, or inline', () => {
    const other = generateEnvoy(config, { clusters, wasm: { file: '/etc/envoy/f.wasm' } })
    assert.equal(part(filterOf(other), 'vm_config', 'code', 'local', 'filename'), '/etc/envoy/f.wasm')
    const inline = generateEnvoy(config, { clusters, wasm: { inline: Uint8Array.of(0, 97, 115, 109) } })
    assert.deepEqual(part(filterOf(inline), 'vm_config', 'code', 'local'), { inline_bytes: 'AGFzbQ==' })
  })

  it('buffers more than the filter may hold', () => {
    for (const maxBytes of [1, 49_152, 1_048_576, 3_000_000, 16_777_216]) {
      const options = part(manager(generateEnvoy({ ...config, hold: { maxBytes } }, { clusters })), 'http2_protocol_options')
      assert.ok(Number(part(options, 'initial_stream_window_size')) >= 2 * maxBytes, `${maxBytes}`)
      assert.ok(Number(part(options, 'initial_connection_window_size')) >= Number(part(options, 'initial_stream_window_size')))
      assert.ok(Number(part(options, 'initial_stream_window_size')) < 2 ** 31, 'the limit of RFC 9113')
    }
  })

  it('resolves names, and takes addresses as they are', () => {
    const bootstrap = generateEnvoy(config, { clusters: { east: 'east.mq.internal:8081', west: '[::1]:8082' } })
    assert.equal(part(clusterOf(bootstrap, 0), 'type'), 'STRICT_DNS')
    assert.equal(part(clusterOf(bootstrap, 1), 'type'), 'STATIC')
    assert.deepEqual(part(clusterOf(bootstrap, 1), 'load_assignment', 'endpoints', 0, 'lb_endpoints', 0, 'endpoint', 'address', 'socket_address'), {
      address: '::1',
      port_value: 8082,
    })
  })

  it('keeps a client with one of several brokers', () => {
    const bootstrap = generateEnvoy(config, { clusters: { ...clusters, west: ['10.0.0.1:8081', '10.0.0.2:8081'] } })
    assert.equal(part(clusterOf(bootstrap, 1), 'lb_policy'), 'RING_HASH')
    assert.equal(list(part(clusterOf(bootstrap, 1), 'load_assignment', 'endpoints', 0, 'lb_endpoints')).length, 2)
    for (const route of routesOf(bootstrap)) assert.equal(part(route, 'route', 'hash_policy', 1, 'header', 'header_name'), 'x-mq-client-id')
  })

  it('asks again what only asks, does again what no broker has seen, and never repeats a stream', () => {
    const asked = Object.fromEntries(
      routesOf(generateEnvoy(config, { clusters })).map((route) => [part(route, 'name'), part(route, 'route', 'retry_policy', 'retry_on')]),
    )
    for (const name of ['client-Heartbeat', 'decided-question', 'default-question']) assert.match(String(asked[name]), /unavailable/)
    for (const name of ['client-NotifyClientTermination', 'decided-poll', 'decided', 'default-poll', 'default']) {
      assert.equal(asked[name], 'connect-failure,refused-stream,reset-before-request', name)
    }
    assert.equal(asked['client-Telemetry'], undefined)
    const { clientCalls: _, ...without } = config
    const [first] = routesOf(generateEnvoy({ ...without, mode: 'observe' }, { clusters }))
    assert.equal(part(first, 'name'), 'default-Telemetry')
    assert.equal(part(first, 'route', 'retry_policy'), undefined)
  })

  it('answers refusals before all else when they are native, inside of Envoy or where it is told', () => {
    const native: MeshConfig = { ...config, reject: { style: 'native', cluster: 'refused' } }
    const inside = generateEnvoy(native, { clusters })
    const [first] = routesOf(inside)
    assert.deepEqual([part(first, 'match', 'headers', 0, 'name'), part(first, 'route', 'cluster')], ['x-fmq-reject', 'refused'])
    assert.equal(part(inside, 'bootstrap_extensions', 0, 'name'), 'envoy.bootstrap.internal_listener')
    assert.deepEqual(part(inside, 'static_resources', 'listeners', 1, 'internal_listener'), {})
    const outside = generateEnvoy(native, { clusters, rejectListener: '127.0.0.1:10001' })
    assert.equal(part(outside, 'bootstrap_extensions'), undefined)
    assert.equal(part(outside, 'static_resources', 'listeners', 1, 'address', 'socket_address', 'port_value'), 10_001)
    assert.equal(
      part(clusterOf(outside, 2), 'load_assignment', 'endpoints', 0, 'lb_endpoints', 0, 'endpoint', 'address', 'socket_address', 'port_value'),
      10_001,
    )
    const plain = generateEnvoy({ ...config, reject: { style: 'plain' } }, { clusters })
    assert.equal(part(plain, 'static_resources', 'listeners', 1), undefined)
    assert.equal(part(routesOf(plain)[0], 'name'), 'client-Telemetry')
  })

  it('takes TLS and plaintext on one port, or TLS alone, and asks for certificates when there is an authority for them', () => {
    const files = { certificate: '/c.pem', key: '/k.pem' }
    const chains = (bootstrap: EnvoyBootstrap) => list(part(bootstrap, 'static_resources', 'listeners', 0, 'filter_chains'))
    const both = generateEnvoy(config, { clusters, tls: files })
    assert.equal(part(both, 'static_resources', 'listeners', 0, 'listener_filters', 0, 'name'), 'envoy.filters.listener.tls_inspector')
    assert.deepEqual(
      chains(both).map((chain) => part(chain, 'filter_chain_match', 'transport_protocol')),
      ['raw_buffer', 'tls'],
    )
    assert.equal(part(chains(both)[1], 'transport_socket', 'typed_config', 'require_client_certificate'), undefined)
    const only = chains(generateEnvoy(config, { clusters, tls: { ...files, clientCa: '/ca.pem', only: true } }))
    assert.equal(only.length, 1)
    assert.equal(part(only[0], 'transport_socket', 'typed_config', 'require_client_certificate'), true)
    assert.equal(part(only[0], 'transport_socket', 'typed_config', 'common_tls_context', 'validation_context', 'trusted_ca', 'filename'), '/ca.pem')
  })

  it('shows a certificate to brokers when it has one', () => {
    const options = { clusters: { east: 'tls://east:1', west: '127.0.0.1:2' }, trustedCa: '/ca.pem' }
    const context = (bootstrap: EnvoyBootstrap) => part(clusterOf(bootstrap, 0), 'transport_socket', 'typed_config', 'common_tls_context')
    assert.equal(part(context(generateEnvoy(config, options)), 'tls_certificates'), undefined)
    const mutual = generateEnvoy(config, { ...options, clientCertificate: { certificate: '/c.pem', key: '/k.pem' } })
    assert.equal(part(context(mutual), 'tls_certificates', 0, 'private_key', 'filename'), '/k.pem')
  })

  it('traces calls when there is a collector, and neither Telemetry nor long polls', () => {
    assert.equal(part(manager(generateEnvoy(config, { clusters })), 'tracing'), undefined)
    const traced = generateEnvoy(config, { clusters, traces: 'otel:4317' })
    assert.equal(part(manager(traced), 'tracing', 'provider', 'typed_config', 'service_name'), 'edge')
    assert.equal(
      part(clusterOf(traced, 2), 'name'),
      part(manager(traced), 'tracing', 'provider', 'typed_config', 'grpc_service', 'envoy_grpc', 'cluster_name'),
    )
    const silent = routesOf(traced).filter((route) => part(route, 'tracing') !== undefined)
    assert.deepEqual(
      silent.map((route) => part(route, 'name')),
      ['client-Telemetry', 'decided-poll', 'default-poll'],
    )
  })

  it('makes subsets of the labels of brokers, one selector for each set of keys', () => {
    const subsets: MeshConfig = {
      ...config,
      routes: [
        { name: 'bulk', when: { topic: 'a' }, cluster: 'east', subset: { pool: 'bulk' } },
        { name: 'near', when: { topic: 'b' }, split: { east: 1, west: 0 }, subset: { zone: 'a', pool: 'bulk' } },
        { name: 'plain', when: {}, cluster: 'west' },
      ],
    }
    const labelled = { east: ['127.0.0.1:1?pool=bulk&zone=a', '127.0.0.1:2'], west: '127.0.0.1:3?pool=bulk&zone=a' }
    const bootstrap = generateEnvoy(subsets, { clusters: labelled })
    assert.deepEqual(part(clusterOf(bootstrap, 0), 'lb_subset_config', 'subset_selectors'), [{ keys: ['pool'] }, { keys: ['pool', 'zone'] }])
    assert.deepEqual(part(clusterOf(bootstrap, 1), 'lb_subset_config', 'subset_selectors'), [{ keys: ['pool', 'zone'] }])
    const [first, second] = list(part(clusterOf(bootstrap, 0), 'load_assignment', 'endpoints', 0, 'lb_endpoints'))
    assert.deepEqual(part(first, 'metadata', 'filter_metadata', 'envoy.lb'), { pool: 'bulk', zone: 'a' })
    assert.equal(part(second, 'metadata'), undefined)
    assert.deepEqual(
      list(part(manager(bootstrap), 'http_filters')).map((filter) => part(filter, 'name')),
      ['envoy.filters.http.wasm', 'envoy.filters.http.header_to_metadata', 'envoy.filters.http.router'],
    )
    assert.throws(
      () => generateEnvoy(subsets, { clusters: { ...labelled, east: '127.0.0.1:1?pool=other' } }),
      new ManifestError('cluster east: no broker is in the subset of route bulk; label one as in east=HOST:PORT?pool=bulk'),
    )
  })

  it('has a filter of Envoy wait where a fault is a delay', () => {
    const slow: MeshConfig = { ...config, faults: [{ name: 'slow', when: {}, fraction: 1, delay: '1s' }] }
    assert.deepEqual(
      list(part(manager(generateEnvoy(slow, { clusters })), 'http_filters')).map((filter) => part(filter, 'name')),
      ['envoy.filters.http.wasm', 'envoy.filters.http.fault', 'envoy.filters.http.router'],
    )
  })

  it('hides its headers from brokers unless told to keep them', () => {
    const hidden = list(part(protocolOf(clusterOf(generateEnvoy(config, { clusters }), 0)), 'http_filters'))
    assert.match(JSON.stringify(hidden[0]), /"prefix":"x-fmq-"/)
    assert.equal(part(protocolOf(clusterOf(generateEnvoy(config, { clusters, hideHeaders: false }), 0)), 'http_filters'), undefined)
  })

  it('checks the certificate of a broker that speaks TLS for its name', () => {
    const options = { clusters: { ...clusters, west: 'tls://west.mq.internal:8443' } }
    assert.throws(() => generateEnvoy(config, options), { name: 'ManifestError', message: /cluster west speaks TLS.*--trusted-ca/ })
    const socket = part(clusterOf(generateEnvoy(config, { ...options, trustedCa: '/etc/ca.pem' }), 1), 'transport_socket', 'typed_config')
    assert.equal(part(socket, 'sni'), 'west.mq.internal')
    const context = part(socket, 'common_tls_context', 'validation_context')
    assert.equal(part(context, 'trusted_ca', 'filename'), '/etc/ca.pem')
    assert.deepEqual(part(context, 'match_typed_subject_alt_names', 0), { san_type: 'DNS', matcher: { exact: 'west.mq.internal' } })
    assert.equal(part(clusterOf(generateEnvoy(config, { ...options, trustedCa: '/etc/ca.pem' }), 0), 'transport_socket'), undefined)
  })

  it('writes an access log where it is told, or none', () => {
    assert.equal(part(manager(generateEnvoy(config, { clusters })), 'access_log', 0, 'typed_config', 'path'), '/dev/stdout')
    assert.equal(
      part(manager(generateEnvoy(config, { clusters, accessLog: '/var/log/mq.log' })), 'access_log', 0, 'typed_config', 'path'),
      '/var/log/mq.log',
    )
    assert.equal(part(manager(generateEnvoy(config, { clusters, accessLog: false })), 'access_log'), undefined)
  })

  it('leaves out of the access log what the filter is told to keep to itself', () => {
    const format = (changes: Partial<MeshConfig>) =>
      part(manager(generateEnvoy({ ...config, ...changes }, { clusters })), 'access_log', 0, 'typed_config', 'log_format', 'json_format')
    const told = format({})
    const { op, topic, group, code, rule, ...others } = told as Readonly<Record<string, string>>
    assert.deepEqual(
      [op, topic, group, code, rule],
      ['op', 'topic', 'group', 'code', 'rule'].map((fact) => `%FILTER_STATE(wasm.fmq.${fact}:PLAIN)%`),
    )
    assert.deepEqual(format({ filterState: false }), others)
    const { route: _, ...withoutRoute } = told as Readonly<Record<string, string>>
    assert.deepEqual(format({ headers: { route: false } }), withoutRoute)
  })

  it('needs one cluster, whatever its name, when a configuration only observes', () => {
    const observing: MeshConfig = { version: 1, name: 'edge', mode: 'observe' }
    assert.equal(part(routesOf(generateEnvoy(observing, { clusters: { broker: '127.0.0.1:8081' } }))[0], 'route', 'cluster'), 'broker')
    assert.throws(() => generateEnvoy(observing, { clusters: {} }), { message: /exactly one is needed: --cluster NAME=HOST:PORT \(0 given\)/ })
    assert.throws(() => generateEnvoy(observing, { clusters }), { message: /\(2 given\)/ })
    assert.throws(() => generateEnvoy({ ...observing, clusters: { allow: ['east', 'west'] } }, { clusters }), { message: /no clusters\.default/ })
  })

  const refused: readonly (readonly [name: string, options: Parameters<typeof generateEnvoy>[1], message: RegExp])[] = [
    ['a cluster without an address', { clusters: { east: 'a:1' } }, /cluster west has no address; add --cluster west=HOST:PORT/],
    [
      'a cluster that the configuration does not know',
      { clusters: { ...clusters, wset: 'a:1' } },
      /cluster wset is not in clusters\.allow of configuration edge: east, west/,
    ],
    ['an address without a port', { clusters: { ...clusters, west: 'west' } }, /cluster west: "west" is no address/],
    ['an address with a path', { clusters: { ...clusters, west: 'west:1/x' } }, /cluster west: "west:1\/x" is no address/],
    ['an IPv6 address without brackets', { clusters: { ...clusters, west: '::1:8081' } }, /cluster west: "::1:8081" is no address/],
    ['another scheme', { clusters: { ...clusters, west: 'http://west:1' } }, /cluster west: unknown scheme "http:\/\/"/],
    ['a port that does not exist', { clusters: { ...clusters, west: 'west:65536' } }, /"west:65536" is no address/],
    ['port 0 of a broker', { clusters: { ...clusters, west: 'west:0' } }, /port 0 is nowhere to connect to/],
    [
      'a cluster half TLS, half plaintext',
      { clusters: { ...clusters, west: ['a:1', 'tls://b:1'] } },
      /cluster west: its endpoints must be all tls:\/\/ or all plaintext/,
    ],
    ['a listener that is no address', { clusters, listen: '10000' }, /listen: "10000" is no address/],
  ]
  for (const [name, options, message] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => generateEnvoy(config, options),
        (error) => error instanceof ManifestError && message.test(error.message),
      )
    })
  }
})

describe('statsTags', () => {
  /** As Envoy does it: the first group goes out of the name, the second is the value. */
  function extract(name: string): { readonly name: string; readonly labels: Readonly<Record<string, string>> } {
    const labels: Record<string, string> = {}
    let rest = name
    for (const tag of statsTags) {
      const match = new RegExp(tag.regex).exec(name)
      if (match === null) continue
      labels[tag.tag_name] = match[2] ?? ''
      rest = rest.replace(match[1] ?? '', '')
    }
    return { name: rest, labels }
  }

  it('turn the counters of calls into labels', () => {
    assert.deepEqual(extract('wasmcustom.fmq.calls.op.send.topic.orders%|-_.group.-.code.20000.end'), {
      name: 'wasmcustom.fmq.calls',
      labels: { op: 'send', topic: 'orders%|-_', group: '-', code: '20000' },
    })
    assert.deepEqual(extract('wasmcustom.fmq.calls.op.~other.topic.~other.group.~other.code.~other.end').labels, {
      op: '~other',
      topic: '~other',
      group: '~other',
      code: '~other',
    })
  })

  it('are not led astray by topics that are named like parts of the counter', () => {
    assert.deepEqual(extract('wasmcustom.fmq.calls.op.receive.topic.topic.group.group.code.grpc-14.end').labels, {
      op: 'receive',
      topic: 'topic',
      group: 'group',
      code: 'grpc-14',
    })
  })

  it('turn reasons into labels', () => {
    assert.deepEqual(extract('wasmcustom.fmq.opaque.compressed'), { name: 'wasmcustom.fmq.opaque', labels: { reason: 'compressed' } })
    assert.deepEqual(extract('wasmcustom.fmq.denied.flag'), { name: 'wasmcustom.fmq.denied', labels: { reason: 'flag' } })
  })

  it('turn what rules did into labels, whatever dots their names have', () => {
    for (const rule of ['no-legacy', 'v1.outcome.shadow.rule.x', 'a.end']) {
      const name = `wasmcustom.fmq.rules.section.acl.outcome.acted.rule.${rule}.end`
      assert.deepEqual(extract(name), { name: 'wasmcustom.fmq.rules', labels: { section: 'acl', outcome: 'acted', rule } })
    }
  })

  it('leave other counters alone', () => {
    assert.deepEqual(extract('cluster.op.upstream_rq_total'), { name: 'cluster.op.upstream_rq_total', labels: {} })
  })
})

describe('renderEnvoy', () => {
  it('writes the same bootstrap as YAML and as JSON', () => {
    const bootstrap = generateEnvoy(config, { clusters })
    assert.deepEqual(JSON.parse(renderEnvoy(bootstrap, 'json', 'title')), bootstrap)
    const yaml = renderEnvoy(bootstrap, 'yaml', 'Written by a test.')
    assert.deepEqual(parse(yaml), bootstrap)
    assert.match(yaml, /^# Written by a test\.$/m)
    assert.match(yaml, /^ +# In this order\./m)
  })
})
