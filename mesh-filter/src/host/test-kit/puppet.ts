// A filter that does what a test tells it, mistakes included. Its configuration is a list of host calls per callback; it logs
// what each of them answered (level debug). Compiled once per process.
import asc from 'assemblyscript/asc'

/** Where the configuration stands in the puppet's memory, and where the host's answers are put. */
const scriptAt = 0x2000
const answersAt = 0x10000
/** Two words for out-parameters. */
export const cell = 0x1000

const calls = [
  ['proxy_log', 3],
  ['proxy_get_header_map_value', 5],
  ['proxy_get_header_map_pairs', 3],
  ['proxy_get_header_map_size', 2],
  ['proxy_add_header_map_value', 5],
  ['proxy_replace_header_map_value', 5],
  ['proxy_remove_header_map_value', 3],
  ['proxy_set_header_map_pairs', 3],
  ['proxy_get_buffer_bytes', 5],
  ['proxy_get_buffer_status', 3],
  ['proxy_set_buffer_bytes', 5],
  ['proxy_get_property', 4],
  ['proxy_set_property', 4],
  ['proxy_get_shared_data', 5],
  ['proxy_set_shared_data', 5],
  ['proxy_define_metric', 4],
  ['proxy_get_metric', 2],
  ['proxy_continue_stream', 1],
  ['proxy_close_stream', 1],
  ['proxy_send_local_response', 8],
  ['proxy_set_effective_context', 1],
  ['proxy_done', 0],
  ['proxy_call_foreign_function', 6],
  ['proxy_set_tick_period_milliseconds', 1],
  ['proxy_get_current_time_nanoseconds', 1],
  ['proxy_get_log_level', 1],
  ['proxy_get_status', 3],
  ['proxy_http_call', 10],
  ['fd_write', 4],
  ['fd_read', 4],
  ['fd_fdstat_get', 2],
  ['environ_sizes_get', 2],
  ['environ_get', 2],
  ['args_sizes_get', 2],
  ['random_get', 2],
] as const

const special = [
  'increment_metric',
  'record_metric',
  'trap',
  'return',
  'grow',
  'malloc_answers',
  'log_answer',
  'malloc_calls',
  'proc_exit',
  'clock_time_get',
  'store',
  'malloc_traps',
  'log_arguments',
] as const

/**
 * A host call, or what the puppet does by itself: `trap`, `return` n, `grow` its memory by n pages, `store` a word, log what the
 * words in `cell` point to (`log_answer`), log the callback's last two arguments, a digit each, let malloc answer n, call the host, or trap.
 */
export type Order = (typeof calls)[number][0] | (typeof special)[number]

const orders: readonly Order[] = [...calls.map(([name]) => name), ...special]

const callbacks = [
  ['context_create', 2, false],
  ['configure', 2, true],
  ['request_headers', 3, true],
  ['request_body', 3, true],
  ['request_trailers', 2, true],
  ['response_headers', 3, true],
  ['response_body', 3, true],
  ['response_trailers', 2, true],
  ['tick', 1, false],
  ['log', 1, false],
  ['done', 1, true],
  ['delete', 1, false],
] as const

export type CallbackName = (typeof callbacks)[number][0]

const wasi = 'wasi_snapshot_preview1'
const entryWords = 12

/** The puppet's configuration, order by order. */
export class Script {
  readonly #entries: number[][] = []
  #pool: Buffer = Buffer.alloc(0)
  // Texts stand behind the orders, for which there is room for 64.
  readonly #poolAt = scriptAt + 4 + 64 * entryWords * 4

  /** Address and length of a text in the puppet's memory. */
  text(content: string | Uint8Array): [at: number, length: number] {
    const bytes = Buffer.from(content as string)
    const at = this.#poolAt + this.#pool.length
    this.#pool = Buffer.concat([this.#pool, bytes])
    return [at, bytes.length]
  }

  on(callback: CallbackName, order: Order, ...values: number[]): this {
    const words = [callbacks.findIndex(([name]) => name === callback), orders.indexOf(order), ...values]
    this.#entries.push([...words, ...Array.from({ length: entryWords - words.length }, () => 0)])
    return this
  }

  get configuration(): Buffer {
    const bytes = Buffer.alloc(this.#poolAt - scriptAt)
    bytes.writeUInt32LE(this.#entries.length, 0)
    for (const [index, value] of this.#entries.flat().entries()) bytes.writeUInt32LE(value >>> 0, 4 + index * 4)
    return Buffer.concat([bytes, this.#pool])
  }
}

function parameters(count: number): string {
  return Array.from({ length: count }, (_, index) => `a${index}: u32`).join(', ')
}

const word = (index: number) => `load<u32>(at, ${8 + index * 4})`

function source(): string {
  const imports = calls.map(
    ([name, count]) => `@external('${name.startsWith('proxy_') ? 'env' : wasi}', '${name}') declare function ${name}(${parameters(count)}): u32`,
  )
  const cases = calls.map(
    ([name, count], index) => `    case ${index}: return ${name}(${Array.from({ length: count }, (_, at) => word(at)).join(', ')})`,
  )
  const exported = callbacks.map(([name, count, answers], index) => {
    const usual = name === 'configure' || name === 'done' ? 1 : 0
    const given = Array.from({ length: count }, (_, at) => (at === 0 ? '' : `  argument${at} = a${at}\n`)).join('')
    const load = name === 'configure' ? '  isConfigured = false\n  proxy_get_buffer_bytes(7, 0, a1, CELL, CELL + 4)\n' : ''
    return `export function proxy_on_${name}(${parameters(count)}): ${answers ? 'u32' : 'void'} {
${given}${load}  ${answers ? 'return ' : ''}perform(${index}, ${usual})
}`
  })
  const first = calls.length
  return `${imports.join('\n')}
@external('env', 'proxy_increment_metric') declare function proxy_increment_metric(id: u32, offset: i64): u32
@external('env', 'proxy_record_metric') declare function proxy_record_metric(id: u32, value: u64): u32
@external('${wasi}', 'proc_exit') declare function proc_exit(code: u32): void
@external('wasi_unstable', 'clock_time_get') declare function clock_time_get(clock: u32, precision: u64, time: u32): u32
const CELL: usize = ${cell}
let mallocAnswers: u32 = 0
let mallocCalls: u32 = 0
let mallocTraps: u32 = 0
let isConfigured = false
let answer: u32 = 0
let argument1: u32 = 0
let argument2: u32 = 0
export function proxy_abi_version_0_2_1(): void {}
export function malloc(size: usize): usize {
  if (mallocTraps != 0) unreachable()
  if (mallocCalls != 0) proxy_set_effective_context(0)
  if (mallocAnswers != 0) return mallocAnswers - 1
  if (!isConfigured) {
    isConfigured = true
    return ${scriptAt}
  }
  return ${answersAt}
}
function order(at: usize): u32 {
  switch (load<u32>(at, 4)) {
${cases.join('\n')}
    case ${first}: return proxy_increment_metric(${word(0)}, <i64><i32>${word(1)})
    case ${first + 1}: return proxy_record_metric(${word(0)}, <u64>${word(1)})
    case ${first + 2}: unreachable()
    case ${first + 3}: { answer = ${word(0)}; return 99 }
    case ${first + 4}: { memory.grow(${word(0)}); return 99 }
    case ${first + 5}: { mallocAnswers = ${word(0)} + 1; return 99 }
    case ${first + 6}: { proxy_log(2, load<u32>(CELL), load<u32>(CELL, 4)); return 99 }
    case ${first + 7}: { mallocCalls = 1; return 99 }
    case ${first + 8}: { proc_exit(${word(0)}); return 99 }
    case ${first + 9}: return clock_time_get(${word(0)}, 0, ${word(1)})
    case ${first + 10}: { store<u32>(${word(0)}, ${word(1)}); return 99 }
    case ${first + 11}: { mallocTraps = 1; return 99 }
    default: {
      store<u8>(CELL + 64, <u8>(48 + argument1))
      store<u8>(CELL + 65, <u8>(48 + argument2))
      proxy_log(2, CELL + 64, 2)
      return 99
    }
  }
}
function perform(callback: u32, usual: u32): u32 {
  answer = usual
  const count = load<u32>(${scriptAt})
  for (let i: u32 = 0; i < count; i++) {
    const at: usize = ${scriptAt + 4} + i * ${entryWords * 4}
    if (load<u32>(at) != callback) continue
    const status = order(at)
    if (status == 99) continue
    store<u8>(CELL + 64, <u8>(48 + status / 10))
    store<u8>(CELL + 65, <u8>(48 + status % 10))
    proxy_log(1, status < 10 ? CELL + 65 : CELL + 64, status < 10 ? 1 : 2)
  }
  return answer
}
${exported.join('\n')}
`
}

let compiled: Promise<Uint8Array> | undefined

/** The puppet's bytes. */
export function puppet(): Promise<Uint8Array> {
  compiled ??= compile(source())
  return compiled
}

async function compile(text: string): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined
  const { error, stderr } = await asc.main(
    ['puppet.ts', '--runtime', 'stub', '--outFile', 'puppet.wasm', '--initialMemory', '2', '--exportStart', '_initialize', '-O1', '--use', 'abort='],
    {
      readFile: (name) => (name === 'puppet.ts' ? text : null),
      writeFile(name, content) {
        if (name === 'puppet.wasm' && typeof content !== 'string') bytes = content
      },
      listFiles: () => [],
    },
  )
  if (error !== null || bytes === undefined) throw new Error(`The puppet does not compile: ${stderr.toString()}`)
  return bytes
}
