// Numbers of Proxy-Wasm ABI 0.2.1.

export const STATUS_OK: u32 = 0
export const STATUS_NOT_FOUND: u32 = 1
export const STATUS_CAS_MISMATCH: u32 = 8

export const MAP_REQUEST_HEADERS: u32 = 0
export const MAP_RESPONSE_HEADERS: u32 = 2
export const MAP_RESPONSE_TRAILERS: u32 = 3

export const BUFFER_REQUEST_BODY: u32 = 0
export const BUFFER_RESPONSE_BODY: u32 = 1
export const BUFFER_PLUGIN_CONFIGURATION: u32 = 7

export const ACTION_CONTINUE: u32 = 0
/** StopIteration for headers, StopIterationAndBuffer for bodies. */
export const ACTION_PAUSE: u32 = 1

export const LOG_INFO: u32 = 2
export const LOG_WARN: u32 = 3
export const LOG_ERROR: u32 = 4

export const METRIC_COUNTER: u32 = 0
export const METRIC_HISTOGRAM: u32 = 2

export const STREAM_REQUEST: u32 = 0

export const GRPC_PERMISSION_DENIED: u32 = 7
export const GRPC_RESOURCE_EXHAUSTED: u32 = 8
export const GRPC_UNAVAILABLE: u32 = 14
