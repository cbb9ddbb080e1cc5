// The numbers of Proxy-Wasm ABI 0.2.1, as the host that Envoy embeds (proxy-wasm-cpp-host) defines them.

/** What a host function answers. */
export const status = {
  ok: 0,
  notFound: 1,
  badArgument: 2,
  serializationFailure: 3,
  parseFailure: 4,
  invalidMemoryAccess: 6,
  empty: 7,
  casMismatch: 8,
  internalFailure: 10,
  unimplemented: 12,
} as const

/** Header maps. 4 to 7 belong to calls that a filter makes itself. */
export const map = { requestHeaders: 0, requestTrailers: 1, responseHeaders: 2, responseTrailers: 3, last: 7 } as const

/** Buffers. 2 and 3 belong to TCP filters, 4 and 5 to calls that a filter makes itself. */
export const buffer = { requestBody: 0, responseBody: 1, callBody: 4, vmConfiguration: 6, pluginConfiguration: 7, last: 8 } as const

/** Streams that `proxy_continue_stream` and `proxy_close_stream` name. 2 and 3 belong to TCP filters. */
export const streamType = { request: 0, response: 1, downstream: 2, last: 3 } as const

export const metricType = { counter: 0, gauge: 1, histogram: 2, last: 2 } as const

/** Levels of `proxy_log`, by number. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'] as const

/** A level of `proxy_log`. */
export type LogLevel = (typeof logLevels)[number]
