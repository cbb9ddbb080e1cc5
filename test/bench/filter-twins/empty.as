// A filter that does nothing with a call, and has all of it handed over that a filter can have, as those have that are made with an SDK: what the
// host's side of a filter costs. Envoy calls what is exported. A call that ends with its headers asks how many calls were seen since the last such one, so that
// a benchmark can tell that every copy was in their way; nothing else makes it call its host.
@external('env', 'proxy_define_metric') declare function defineMetric(type: u32, name: usize, length: usize, id: usize): u32
@external('env', 'proxy_increment_metric') declare function increment(id: u32, offset: i64): u32

const NAME: usize = memory.data<u8>([101, 109, 112, 116, 121, 46, 99, 97, 108, 108, 115]) // empty.calls
const NAME_LENGTH: usize = 11
const CELL: usize = memory.data(8)
const ARENA: usize = memory.data(65536)
let counter: u32 = 0
let calls: u32 = 0

export function proxy_abi_version_0_2_1(): void {}
/** What the host writes here is never read. */
export function malloc(size: usize): usize { return ARENA }
export function proxy_on_vm_start(context: u32, size: u32): u32 { return 1 }
export function proxy_on_configure(context: u32, size: u32): u32 {
  defineMetric(0, NAME, NAME_LENGTH, CELL)
  counter = load<u32>(CELL)
  return 1
}
export function proxy_on_context_create(context: u32, parent: u32): void {}
export function proxy_on_request_headers(context: u32, count: u32, end: u32): u32 {
  if (end != 0) {
    if (calls != 0) increment(counter, calls)
    calls = 0
  }
  return 0
}
export function proxy_on_request_body(context: u32, size: u32, end: u32): u32 { if (end != 0) calls++; return 0 }
export function proxy_on_request_trailers(context: u32, count: u32): u32 { return 0 }
export function proxy_on_response_headers(context: u32, count: u32, end: u32): u32 { return 0 }
export function proxy_on_response_body(context: u32, size: u32, end: u32): u32 { return 0 }
export function proxy_on_response_trailers(context: u32, count: u32): u32 { return 0 }
export function proxy_on_done(context: u32): u32 { return 1 }
export function proxy_on_log(context: u32): void {}
export function proxy_on_delete(context: u32): void {}
