// What the filter asks of its host, with every status looked at. Nothing here traps: a host that answers oddly makes a
// feature fall silent, never the sidecar.
import {
  METRIC_COUNTER,
  METRIC_HISTOGRAM,
  STATUS_NOT_FOUND,
  STATUS_OK,
  STREAM_REQUEST,
} from './constants'
import {
  proxy_add_header_map_value,
  proxy_continue_stream,
  proxy_define_metric,
  proxy_get_buffer_bytes,
  proxy_get_current_time_nanoseconds,
  proxy_get_header_map_pairs,
  proxy_get_header_map_size,
  proxy_get_header_map_value,
  proxy_get_property,
  proxy_get_shared_data,
  proxy_increment_metric,
  proxy_log,
  proxy_record_metric,
  proxy_remove_header_map_value,
  proxy_replace_header_map_value,
  proxy_send_local_response,
  proxy_set_buffer_bytes,
  proxy_set_effective_context,
  proxy_set_property,
  proxy_set_shared_data,
  proxy_set_tick_period_milliseconds,
} from './imports'
import { Bytes } from './text'

// Cells for out-parameters. They are read right after the call, never kept.
const CELL_AT: usize = memory.data(32)
const CELL_LENGTH: usize = CELL_AT + 4
const CELL_EXTRA: usize = CELL_AT + 8

/** Address and length of the last answer of getHeader, getHeaderPairs, getBody, getProperty, getShared. */
// @ts-ignore: decorator
@inline
export function answerAt(): usize {
  return <usize>load<u32>(CELL_AT)
}

// @ts-ignore: decorator
@inline
export function answerLength(): usize {
  return <usize>load<u32>(CELL_LENGTH)
}

function clearAnswer(): void {
  store<u64>(CELL_AT, 0)
}

export function getHeader(map: u32, key: Bytes): bool {
  clearAnswer()
  return proxy_get_header_map_value(map, key.at, key.length, CELL_AT, CELL_LENGTH) == STATUS_OK
}

export function getHeaderPairs(map: u32): bool {
  clearAnswer()
  return proxy_get_header_map_pairs(map, CELL_AT, CELL_LENGTH) == STATUS_OK
}

/** Bytes of all names and values together, as Envoy counts them in `request.total_size`. */
export function headerMapSize(map: u32): i64 {
  store<u32>(CELL_EXTRA, 0)
  return proxy_get_header_map_size(map, CELL_EXTRA) == STATUS_OK ? <i64>load<u32>(CELL_EXTRA) : -1
}

export function setHeader(map: u32, key: Bytes, at: usize, length: usize): bool {
  return proxy_replace_header_map_value(map, key.at, key.length, at, length) == STATUS_OK
}

/** A header or trailer more; a map that is not there yet comes into being with its last callback. */
export function addHeader(map: u32, key: Bytes, at: usize, length: usize): bool {
  return proxy_add_header_map_value(map, key.at, key.length, at, length) == STATUS_OK
}

export function removeHeader(map: u32, at: usize, length: usize): bool {
  return proxy_remove_header_map_value(map, at, length) == STATUS_OK
}

export function getBuffer(buffer: u32, start: u32, length: u32): bool {
  clearAnswer()
  return proxy_get_buffer_bytes(buffer, start, length, CELL_AT, CELL_LENGTH) == STATUS_OK
}

/**
 * Replaces the first `length` bytes of a body (all that is buffered of a held one, the chunk of a passing one); 0 puts the new ones
 * before it. Envoy can do nothing in its middle.
 */
export function replaceBuffer(buffer: u32, length: u32, at: usize, size: usize): bool {
  return proxy_set_buffer_bytes(buffer, 0, length, at, size) == STATUS_OK
}

/** An attribute of Envoy as text. */
export function getProperty(path: Bytes): bool {
  clearAnswer()
  return proxy_get_property(path.at, path.length, CELL_AT, CELL_LENGTH) == STATUS_OK
}

/** An integer attribute of Envoy, eight bytes little-endian; -1 when there is none. */
export function getIntegerProperty(path: Bytes): i64 {
  clearAnswer()
  if (proxy_get_property(path.at, path.length, CELL_AT, CELL_LENGTH) != STATUS_OK) return -1
  return answerLength() == 8 ? load<i64>(answerAt()) : -1
}

/** A property as its bytes. */
export function getPropertyBytes(path: Bytes): bool {
  clearAnswer()
  return proxy_get_property(path.at, path.length, CELL_AT, CELL_LENGTH) == STATUS_OK
}

/** Shows up in access logs as `%FILTER_STATE(wasm.<path>:PLAIN)%`. */
export function setProperty(path: Bytes, at: usize, length: usize): bool {
  return proxy_set_property(path.at, path.length, at, length) == STATUS_OK
}

/** True with the value as answer and its version in answerCas(); a key that nobody has set yet answers true, empty, version 0. */
export function getShared(key: Bytes): bool {
  return getSharedAt(key.at, key.length)
}

export function getSharedAt(key: usize, keyLength: usize): bool {
  clearAnswer()
  store<u32>(CELL_EXTRA, 0)
  const status = proxy_get_shared_data(key, keyLength, CELL_AT, CELL_LENGTH, CELL_EXTRA)
  if (status == STATUS_NOT_FOUND) {
    clearAnswer()
    store<u32>(CELL_EXTRA, 0)
    return true
  }
  return status == STATUS_OK
}

export function answerCas(): u32 {
  return load<u32>(CELL_EXTRA)
}

/** The status itself: a mismatch of `cas` is an answer, not a failure. */
export function setShared(key: Bytes, at: usize, length: usize, cas: u32): u32 {
  return proxy_set_shared_data(key.at, key.length, at, length, cas)
}

export function setSharedAt(key: usize, keyLength: usize, at: usize, length: usize, cas: u32): u32 {
  return proxy_set_shared_data(key, keyLength, at, length, cas)
}

export const NO_METRIC: u32 = 0xffffffff

export function defineCounter(name: usize, length: usize): u32 {
  store<u32>(CELL_EXTRA, NO_METRIC)
  return proxy_define_metric(METRIC_COUNTER, name, length, CELL_EXTRA) == STATUS_OK ? load<u32>(CELL_EXTRA) : NO_METRIC
}

export function defineHistogram(name: usize, length: usize): u32 {
  store<u32>(CELL_EXTRA, NO_METRIC)
  return proxy_define_metric(METRIC_HISTOGRAM, name, length, CELL_EXTRA) == STATUS_OK ? load<u32>(CELL_EXTRA) : NO_METRIC
}

export function record(metric: u32, value: u64): void {
  if (metric != NO_METRIC) proxy_record_metric(metric, value)
}

export function increment(metric: u32, by: u32 = 1): void {
  if (metric != NO_METRIC) proxy_increment_metric(metric, <i64>by)
}

export function sendLocalResponse(httpStatus: u32, details: Bytes, body: usize, bodyLength: usize, grpcStatus: u32): bool {
  return proxy_send_local_response(httpStatus, details.at, details.length, body, bodyLength, 0, 0, grpcStatus) == STATUS_OK
}

/** The host's clock: wall time since 1970, which may be set. */
export function nowNs(): u64 {
  store<u64>(CELL_EXTRA, 0)
  return proxy_get_current_time_nanoseconds(CELL_EXTRA) == STATUS_OK ? load<u64>(CELL_EXTRA) : 0
}

/** Milliseconds of the host's clock. */
export function nowMs(): u64 {
  return nowNs() / 1000000
}

/** 0 stops the ticks. */
export function setTickPeriod(ms: u32): bool {
  return proxy_set_tick_period_milliseconds(ms) == STATUS_OK
}

export function actAs(context: u32): bool {
  return proxy_set_effective_context(context) == STATUS_OK
}

export function continueRequest(): bool {
  return proxy_continue_stream(STREAM_REQUEST) == STATUS_OK
}

export function logLine(level: u32, at: usize, length: usize): void {
  proxy_log(level, at, length)
}

/** For configuration errors: encodes a managed string, so never on the path of a request. */
export function logText(level: u32, text: string): void {
  const encoded = String.UTF8.encode(text)
  proxy_log(level, changetype<usize>(encoded), <usize>encoded.byteLength)
}

/** Where AssemblyScript's own checks end up; none is reachable from a request. */
export function abortWithLog(message: string | null, fileName: string | null, lineNumber: u32, column: u32): void {
  if (message !== null) logText(5, message)
  unreachable()
}
