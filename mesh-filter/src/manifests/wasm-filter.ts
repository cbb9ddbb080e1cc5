import { posix } from 'node:path'
import type { MeshConfig } from '../config/model.ts'
import type { JsonObject } from './json.ts'

/** Where Envoy takes the filter from: a file on its machine, or the manifest itself (base64). */
export type WasmSource = { readonly file: string } | { readonly inline: Uint8Array }

const filterName = 'envoy.filters.http.wasm'

/** By it the filter knows that it stands behind Envoy's router, where it writes trace contexts into messages and does nothing else. */
const upstreamRootId = 'feathermq-upstream'

/** The HTTP filter behind the router, when messages are to carry the contexts of Envoy's own spans. */
export function upstreamFilter(config: MeshConfig, source: WasmSource): JsonObject | undefined {
  return config.trace?.placement === 'upstream' && config.trace.inject !== 'never' ? wasmFilter(config, source, upstreamRootId) : undefined
}

/** The HTTP filter, with the configuration inside. */
export function wasmFilter(config: MeshConfig, source: WasmSource, rootId = 'feathermq'): JsonObject {
  return {
    name: filterName,
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm',
      config: {
        name: config.name,
        root_id: rootId,
        // A fault in the filter costs the streams of one worker; a new VM serves the next call after the pause.
        failure_policy: 'FAIL_RELOAD',
        reload_config: { backoff: { base_interval: '0.2s' } },
        // Without it Envoy never hands the body of a held request to the filter, and the call stalls.
        ...(config.mode === 'route' ? { allow_on_headers_stop_iteration: true } : {}),
        configuration: {
          '@type': 'type.googleapis.com/google.protobuf.StringValue',
          value: JSON.stringify(config, null, 2),
        },
        vm_config: {
          // Plugins that share a VM's id share the VM; two configurations should not. Nor should a filter behind the router: up to
          // 1.38 Envoy names the metrics of a VM after where it was made, and clusters are made first.
          vm_id: rootId === upstreamRootId ? `fmq/${config.name}/upstream` : `fmq/${config.name}`,
          runtime: 'envoy.wasm.runtime.v8',
          code: { local: 'file' in source ? { filename: source.file } : { inline_bytes: Buffer.from(source.inline).toString('base64') } },
        },
      },
    },
  }
}

/**
 * The HTTP filter, taken from a file that Envoy watches (ECDS): a new file, moved into its place, changes the configuration while
 * calls go on, and one that is refused leaves the old configuration serving.
 */
export function discoveredFilter(path: string): JsonObject {
  return {
    name: filterName,
    config_discovery: {
      // The folder is watched and not the file: in Kubernetes a mounted ConfigMap changes by a link beside the files.
      config_source: { path_config_source: { path, watched_directory: { path: posix.dirname(path) } }, resource_api_version: 'V3' },
      type_urls: ['type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm'],
    },
  }
}

/** What stands in the file of {@link discoveredFilter}. */
export function filterResource(config: MeshConfig, source: WasmSource): JsonObject {
  return { resources: [{ '@type': 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig', ...wasmFilter(config, source) }] }
}
