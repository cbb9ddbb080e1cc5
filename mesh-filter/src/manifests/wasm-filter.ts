import type { MeshConfig } from '../config/model.ts'
import type { JsonObject } from './json.ts'

/** Where Envoy takes the filter from: a file on its machine, or the manifest itself (base64). */
export type WasmSource = { readonly file: string } | { readonly inline: Uint8Array }

/** The HTTP filter, with the configuration inside. */
export function wasmFilter(config: MeshConfig, source: WasmSource): JsonObject {
  return {
    name: 'envoy.filters.http.wasm',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm',
      config: {
        name: config.name,
        root_id: 'feathermq',
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
          // Plugins that share a VM's id share the VM; two configurations should not.
          vm_id: `fmq/${config.name}`,
          runtime: 'envoy.wasm.runtime.v8',
          code: { local: 'file' in source ? { filename: source.file } : { inline_bytes: Buffer.from(source.inline).toString('base64') } },
        },
      },
    },
  }
}
