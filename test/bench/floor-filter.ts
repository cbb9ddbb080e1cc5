// What a filter costs before it has thought of anything: it asks its host for the same things, in the same order, as ours does
// for a SendMessage that is held, routed and answered, with values that stand in it from the start. What ours counts of a call it tells by ticks, in
// between calls. Compiled by the same compiler.
import { compile } from './filter-twins/compile.ts'

const text = (name: string) => `const ${name.toUpperCase().replaceAll('-', '_')} = utf8('${name}')`

const source = `
@unmanaged class Text { at: usize; length: usize }
function utf8(value: string): Text {
  const text = changetype<Text>(heap.alloc(offsetof<Text>()))
  text.length = String.UTF8.byteLength(value)
  text.at = heap.alloc(text.length)
  String.UTF8.encodeUnsafe(changetype<usize>(value), value.length, text.at)
  return text
}
@external('env', 'proxy_get_header_map_pairs') declare function getPairs(map: u32, at: usize, length: usize): u32
@external('env', 'proxy_replace_header_map_value') declare function replace(map: u32, k: usize, kl: usize, v: usize, vl: usize): u32
@external('env', 'proxy_get_buffer_bytes') declare function getBuffer(buffer: u32, start: u32, length: u32, at: usize, l: usize): u32
@external('env', 'proxy_set_property') declare function setProperty(k: usize, kl: usize, v: usize, vl: usize): u32

${['fmq.op', 'fmq.topic', 'fmq.code'].map((name) => `const P_${name.slice(4).toUpperCase()} = utf8('${name}')`).join('\n')}
${['x-fmq-cluster', 'x-fmq-route', 'x-fmq-topic', 'x-fmq-tag', 'send', 'west', 'payments', 'created'].map(text).join('\n')}
const CODE = utf8('20000')
const CELL: usize = memory.data(16)
const ARENA: usize = heap.alloc(32768)
let top: usize = 0

function set(key: Text, value: Text): void { replace(0, key.at, key.length, value.at, value.length) }
function publish(key: Text, value: Text): void { setProperty(key.at, key.length, value.at, value.length) }

export function proxy_abi_version_0_2_1(): void {}
export function malloc(size: usize): usize {
  const at = ARENA + top
  top += (size + 7) & ~7
  return at
}
export function proxy_on_vm_start(context: u32, size: u32): u32 { return 1 }
export function proxy_on_configure(context: u32, size: u32): u32 {
  return 1
}
export function proxy_on_context_create(context: u32, parent: u32): void {}
export function proxy_on_request_headers(context: u32, count: u32, end: u32): u32 {
  top = 0
  getPairs(0, CELL, CELL + 4)
  publish(P_OP, SEND)
  return 1
}
export function proxy_on_request_body(context: u32, size: u32, end: u32): u32 {
  top = 0
  getBuffer(0, 0, 512, CELL, CELL + 4)
  set(X_FMQ_CLUSTER, WEST)
  set(X_FMQ_ROUTE, PAYMENTS)
  set(X_FMQ_TOPIC, PAYMENTS)
  set(X_FMQ_TAG, CREATED)
  publish(P_TOPIC, PAYMENTS)
  return 0
}
export function proxy_on_request_trailers(context: u32, count: u32): u32 { return 0 }
export function proxy_on_response_headers(context: u32, count: u32, end: u32): u32 { return 0 }
export function proxy_on_response_body(context: u32, size: u32, end: u32): u32 {
  top = 0
  getBuffer(1, 0, size, CELL, CELL + 4)
  publish(P_CODE, CODE)
  return 0
}
export function proxy_on_response_trailers(context: u32, count: u32): u32 { return 0 }
export function proxy_on_log(context: u32): void {}
export function proxy_on_delete(context: u32): void {}
`

/** @throws an Error when it does not compile. */
export function floorFilter(): Promise<Uint8Array> {
  return compile(source, ['--runtime', 'minimal', '--exportStart', '_initialize', '--use', 'abort='])
}
