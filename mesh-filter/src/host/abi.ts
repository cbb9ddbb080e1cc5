// What Envoy offers to a filter and what it calls of it, with types: Proxy-Wasm ABI 0.2.1 as proxy-wasm-cpp-host registers it
// (exports.h, wasm.cc). Signatures are written as in module-types.ts.
import type { ModuleTypes, Signature } from './module-types.ts'

export const abiVersion = 'proxy_abi_version_0_2_1'

export const envImports: Readonly<Record<string, Signature>> = {
  proxy_add_header_map_value: 'iiiii>i',
  proxy_call_foreign_function: 'iiiiii>i',
  proxy_close_stream: 'i>i',
  proxy_continue_stream: 'i>i',
  proxy_define_metric: 'iiii>i',
  proxy_dequeue_shared_queue: 'iii>i',
  proxy_done: '>i',
  proxy_enqueue_shared_queue: 'iii>i',
  proxy_get_buffer_bytes: 'iiiii>i',
  proxy_get_buffer_status: 'iii>i',
  proxy_get_current_time_nanoseconds: 'i>i',
  proxy_get_header_map_pairs: 'iii>i',
  proxy_get_header_map_size: 'ii>i',
  proxy_get_header_map_value: 'iiiii>i',
  proxy_get_log_level: 'i>i',
  proxy_get_metric: 'ii>i',
  proxy_get_property: 'iiii>i',
  proxy_get_shared_data: 'iiiii>i',
  proxy_get_status: 'iii>i',
  proxy_grpc_call: 'iiiiiiiiiiii>i',
  proxy_grpc_cancel: 'i>i',
  proxy_grpc_close: 'i>i',
  proxy_grpc_send: 'iiii>i',
  proxy_grpc_stream: 'iiiiiiiii>i',
  proxy_http_call: 'iiiiiiiiii>i',
  proxy_increment_metric: 'il>i',
  proxy_log: 'iii>i',
  proxy_record_metric: 'il>i',
  proxy_register_shared_queue: 'iii>i',
  proxy_remove_header_map_value: 'iii>i',
  proxy_replace_header_map_value: 'iiiii>i',
  proxy_resolve_shared_queue: 'iiiii>i',
  proxy_send_local_response: 'iiiiiiii>i',
  proxy_set_buffer_bytes: 'iiiii>i',
  proxy_set_effective_context: 'i>i',
  proxy_set_header_map_pairs: 'iii>i',
  proxy_set_property: 'iiii>i',
  proxy_set_shared_data: 'iiiii>i',
  proxy_set_tick_period_milliseconds: 'i>i',
  emscripten_notify_memory_growth: 'i>',
  pthread_equal: 'ii>i',
}

/** Envoy registers them as `wasi_snapshot_preview1` and as `wasi_unstable`. */
export const wasiImports: Readonly<Record<string, Signature>> = {
  args_get: 'ii>i',
  args_sizes_get: 'ii>i',
  clock_time_get: 'ili>i',
  environ_get: 'ii>i',
  environ_sizes_get: 'ii>i',
  fd_close: 'i>i',
  fd_fdstat_get: 'ii>i',
  fd_prestat_dir_name: 'iii>i',
  fd_prestat_get: 'ii>i',
  fd_read: 'iiii>i',
  fd_seek: 'ilii>i',
  fd_write: 'iiii>i',
  path_open: 'iiiiillii>i',
  proc_exit: 'i>',
  random_get: 'ii>i',
}

export const wasiModules = ['wasi_snapshot_preview1', 'wasi_unstable'] as const

/** Functions of a filter that Envoy calls where they exist. */
export const callbacks: Readonly<Record<string, Signature>> = {
  _initialize: '>',
  _start: '>',
  main: 'ii>i',
  malloc: 'i>i',
  proxy_on_memory_allocate: 'i>i',
  proxy_on_configure: 'ii>i',
  proxy_on_context_create: 'ii>',
  proxy_on_delete: 'i>',
  proxy_on_done: 'i>i',
  proxy_on_downstream_connection_close: 'ii>',
  proxy_on_downstream_data: 'iii>i',
  proxy_on_foreign_function: 'iii>',
  proxy_on_grpc_close: 'iii>',
  proxy_on_grpc_receive: 'iii>',
  proxy_on_grpc_receive_initial_metadata: 'iii>',
  proxy_on_grpc_receive_trailing_metadata: 'iii>',
  proxy_on_http_call_response: 'iiiii>',
  proxy_on_log: 'i>',
  proxy_on_new_connection: 'i>i',
  proxy_on_queue_ready: 'ii>',
  proxy_on_request_body: 'iii>i',
  proxy_on_request_headers: 'iii>i',
  proxy_on_request_metadata: 'ii>i',
  proxy_on_request_trailers: 'ii>i',
  proxy_on_response_body: 'iii>i',
  proxy_on_response_headers: 'iii>i',
  proxy_on_response_metadata: 'ii>i',
  proxy_on_response_trailers: 'ii>i',
  proxy_on_tick: 'i>',
  proxy_on_upstream_connection_close: 'ii>',
  proxy_on_upstream_data: 'iii>i',
  proxy_on_vm_start: 'ii>i',
  proxy_validate_configuration: 'ii>i',
}

function offered(module: string): Readonly<Record<string, Signature>> {
  if (module === 'env') return envImports
  return wasiModules.some((name) => name === module) ? wasiImports : {}
}

/** Why Envoy would refuse to load the module, in its words; undefined when it would not. */
export function refusal({ imports, functions, memory }: ModuleTypes): string | undefined {
  if (!functions.has(abiVersion)) return `Missing or unknown Proxy-Wasm ABI version: the module must export ${abiVersion}`
  for (const { module, name, signature } of imports) {
    const host = offered(module)[name]
    if (host === undefined || signature === undefined) return `Failed to load Wasm module due to a missing import: ${module}.${name}`
    if (signature !== host) {
      return `Failed to load Wasm module due to an import type mismatch: ${module}.${name}, want: ${signature}, but host exports: ${host}`
    }
  }
  for (const [name, wanted] of Object.entries(callbacks)) {
    const signature = functions.get(name)
    if (signature !== undefined && signature !== wanted) {
      return `Bad function signature for: ${name}, want: ${wanted}, but the module exports: ${signature}`
    }
  }
  if (!functions.has('malloc') && !functions.has('proxy_on_memory_allocate')) return 'Wasm module is missing malloc function.'
  return memory === undefined ? 'the module exports no memory' : undefined
}

/** Exports that look like callbacks and that no host ever calls: misspelt, or of another version of the ABI. */
export function strangers({ functions }: ModuleTypes): string[] {
  return [...functions.keys()].filter((name) => name.startsWith('proxy_') && name !== abiVersion && callbacks[name] === undefined)
}
