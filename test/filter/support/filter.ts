import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { filterFile, type MeshConfig } from '@feathermq/mesh-filter'
import { type FilterStream, type HeaderList, type Plugin, WasmHost, type WasmHostOptions, type WasmVm } from '@feathermq/mesh-filter/host'
import { root } from '../../support/repository.ts'

/** Two clusters, a route to the second one, and every fact as a header. */
export const twoClusters: MeshConfig = {
  version: 1,
  name: 'test',
  mode: 'route',
  clusters: { default: 'east', allow: ['east', 'west'] },
  headers: { facts: ['op', 'topic', 'group', 'tag', 'message-group', 'broker'] },
  routes: [{ name: 'payments', when: { topic: ['payments', 'payments-*'] }, cluster: 'west' }],
}

/** The filter in a host: one VM, one plugin. */
export interface RunningFilter {
  readonly host: WasmHost
  readonly vm: WasmVm
  readonly plugin: Plugin
}

let isBuilt = false

/** A host with the filter as it is published; it is built anew when its sources have changed. */
export function loadFilter(options: WasmHostOptions = {}): Promise<WasmHost> {
  if (!isBuilt) execFileSync(process.execPath, [join(root, 'mesh-filter/scripts/build-filter.mjs')], { stdio: 'pipe' })
  isBuilt = true
  return WasmHost.load(filterFile, options)
}

/** @throws when the filter refuses the configuration. */
export function startPlugin(vm: WasmVm, configuration: MeshConfig, name = configuration.name): Plugin {
  const plugin = vm.startPlugin({ name, configuration })
  assert.ok(plugin.ok, plugin.log.map(({ message }) => message).join('\n'))
  return plugin
}

export async function startFilter(changes: Partial<MeshConfig> = {}, options: WasmHostOptions = {}): Promise<RunningFilter> {
  const host = await loadFilter(options)
  const vm = host.startVm()
  return { host, vm, plugin: startPlugin(vm, { ...twoClusters, ...changes }) }
}

/** A whole path begins with a slash; anything else is a method of MessagingService. */
export function callHeaders(method: string, more: HeaderList = []): HeaderList {
  return [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', method.startsWith('/') ? method : `/apache.rocketmq.v2.MessagingService/${method}`],
    [':authority', 'broker:8081'],
    ['te', 'trailers'],
    ['content-type', 'application/grpc'],
    ...more,
  ]
}

/** The pieces between these places of `bytes`. */
export function cut(bytes: Uint8Array, ...places: number[]): Uint8Array[] {
  const edges = [0, ...places, bytes.length]
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge))
}

/** A call whose body comes in these pieces, the last of which ends the request. */
export function call(plugin: Plugin, method: string, ...pieces: Uint8Array[]): FilterStream {
  const stream = plugin.request({ headers: callHeaders(method) })
  for (const [index, piece] of pieces.entries()) stream.body(piece, index === pieces.length - 1)
  return stream
}

/** What the filter wrote into the request's headers, by the names behind `x-fmq-`, decoded. */
export function written(stream: FilterStream): Readonly<Record<string, string>> {
  const ours = stream.upstream.headers?.filter(([name]) => name.startsWith('x-fmq-')) ?? []
  return Object.fromEntries(
    ours.map(([name, value]) => {
      const fact = name.slice('x-fmq-'.length)
      return [fact, fact === 'tag' || fact === 'message-group' ? decodeURIComponent(value) : value]
    }),
  )
}

/** The filter's metrics when it has told of all calls: it counts them and tells Envoy of them with its ticks. */
export function told(host: WasmHost): WasmHost['metrics'] {
  host.tick()
  return host.metrics
}

/** The counter of calls with these labels. */
export function callsNamed(labels: { readonly op: string; readonly topic?: string; readonly group?: string; readonly code?: string }): string {
  const { op, topic = '-', group = '-', code = 'none' } = labels
  return `fmq.calls.op.${op}.topic.${topic}.group.${group}.code.${code}.end`
}
