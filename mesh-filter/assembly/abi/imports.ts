// The host functions of Proxy-Wasm ABI 0.2.1 which the filter calls, exactly as Envoy links them. A module that imports
// anything else, or one of these with another type, is refused by Envoy at load time; src/host/abi.test.ts keeps watch.
// Every function answers a status (status.ts). Out-parameters are pointers to cells which the host fills.

// @ts-ignore: decorator
@external('env', 'proxy_log')
export declare function proxy_log(level: u32, message: usize, length: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_get_header_map_value')
export declare function proxy_get_header_map_value(map: u32, key: usize, keyLength: usize, value: usize, valueLength: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_get_header_map_pairs')
export declare function proxy_get_header_map_pairs(map: u32, pairs: usize, pairsLength: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_get_header_map_size')
export declare function proxy_get_header_map_size(map: u32, size: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_replace_header_map_value')
export declare function proxy_replace_header_map_value(map: u32, key: usize, keyLength: usize, value: usize, valueLength: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_add_header_map_value')
export declare function proxy_add_header_map_value(map: u32, key: usize, keyLength: usize, value: usize, valueLength: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_remove_header_map_value')
export declare function proxy_remove_header_map_value(map: u32, key: usize, keyLength: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_get_buffer_bytes')
export declare function proxy_get_buffer_bytes(buffer: u32, start: u32, length: u32, data: usize, dataLength: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_set_buffer_bytes')
export declare function proxy_set_buffer_bytes(buffer: u32, start: u32, length: u32, data: usize, dataLength: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_get_property')
export declare function proxy_get_property(path: usize, pathLength: usize, value: usize, valueLength: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_set_property')
export declare function proxy_set_property(path: usize, pathLength: usize, value: usize, valueLength: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_get_shared_data')
export declare function proxy_get_shared_data(key: usize, keyLength: usize, value: usize, valueLength: usize, cas: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_set_shared_data')
export declare function proxy_set_shared_data(key: usize, keyLength: usize, value: usize, valueLength: usize, cas: u32): u32

// @ts-ignore: decorator
@external('env', 'proxy_define_metric')
export declare function proxy_define_metric(kind: u32, name: usize, nameLength: usize, id: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_increment_metric')
export declare function proxy_increment_metric(id: u32, offset: i64): u32

// @ts-ignore: decorator
@external('env', 'proxy_record_metric')
export declare function proxy_record_metric(id: u32, value: u64): u32

// @ts-ignore: decorator
@external('env', 'proxy_send_local_response')
export declare function proxy_send_local_response(
  httpStatus: u32,
  details: usize,
  detailsLength: usize,
  body: usize,
  bodyLength: usize,
  headers: usize,
  headersLength: usize,
  grpcStatus: u32,
): u32

// @ts-ignore: decorator
@external('env', 'proxy_set_tick_period_milliseconds')
export declare function proxy_set_tick_period_milliseconds(period: u32): u32

// @ts-ignore: decorator
@external('env', 'proxy_get_current_time_nanoseconds')
export declare function proxy_get_current_time_nanoseconds(time: usize): u32

// @ts-ignore: decorator
@external('env', 'proxy_set_effective_context')
export declare function proxy_set_effective_context(context: u32): u32

// @ts-ignore: decorator
@external('env', 'proxy_continue_stream')
export declare function proxy_continue_stream(stream: u32): u32
