// The part of WASI that Envoy offers (exports.cc, wasi_unstable_*): writing to the log, the wall clock, random bytes, the
// environment. There are no files and no arguments.
import { randomFillSync } from 'node:crypto'
import type { LogLevel } from '../codes.ts'
import type { Guest } from '../guest.ts'
import type { WasmFunction } from '../web-assembly.ts'
import { guarded, nanoseconds, type Words } from './answers.ts'

const success = 0
const badDescriptor = 8
const fault = 21
const noEntry = 44
const notImplemented = 52
const notSupported = 58

/** Wall time is 0. Here both are the host's one clock. */
const monotonic = 1

const levels: Readonly<Record<number, LogLevel>> = { 1: 'info', 2: 'error' }

/** What a guest wrote to stdout or stderr goes to the log, without its last line break. */
function write(guest: Guest, descriptor: number, vectors: number, count: number, writtenPointer: number): number {
  const level = levels[descriptor]
  if (level === undefined) return badDescriptor
  const { memory } = guest
  let text = ''
  let written = 0
  for (let index = 0; index < count; index++) {
    const vector = vectors + index * 8
    if (!memory.has(vector, 8)) return bad(guest)
    const at = memory.u32(vector)
    const length = memory.u32(vector + 4)
    if (!memory.has(at, length)) return bad(guest)
    text += memory.utf8(at, length)
    written += length
  }
  if (written > 0) guest.services.log({ level, message: text.replace(/\n$/, ''), from: 'filter' })
  return memory.setU32(writtenPointer, written) ? success : bad(guest)
}

function bad(guest: Guest): number {
  guest.fault('memory', `a pointer is outside of the memory (${guest.memory.size} bytes)`)
  return fault
}

function variables(guest: Guest): string[] {
  return Object.entries(guest.services.environment).map(([name, value]) => `${name}=${value}\0`)
}

/** For `wasi_snapshot_preview1` and `wasi_unstable` alike. */
export function wasiFunctions(guest: Guest): Record<string, WasmFunction> {
  const words: Record<string, Words> = {
    fd_write: (descriptor, vectors, count, written) => write(guest, descriptor, vectors, count, written),
    fd_read: () => notImplemented,
    fd_seek: () => success,
    fd_close: () => success,
    fd_prestat_get: () => badDescriptor,
    fd_prestat_dir_name: () => notImplemented,
    path_open: () => noEntry,
    args_get: () => success,
    args_sizes_get: (count, size) => (guest.memory.setU32(count, 0) && guest.memory.setU32(size, 0) ? success : bad(guest)),
    fd_fdstat_get(descriptor, pointer) {
      if (levels[descriptor] === undefined) return badDescriptor
      const mayWrite = 64n
      return guest.memory.setU64(pointer, 0n) && guest.memory.setU64(pointer + 8, mayWrite) && guest.memory.setU64(pointer + 16, 0n)
        ? success
        : bad(guest)
    },
    environ_sizes_get(count, size) {
      const all = variables(guest).map((variable) => Buffer.byteLength(variable))
      const total = all.reduce((sum, length) => sum + length, 0)
      return guest.memory.setU32(count, all.length) && guest.memory.setU32(size, total) ? success : bad(guest)
    },
    environ_get(pointers, buffer) {
      let at = buffer
      for (const [index, variable] of variables(guest).entries()) {
        const bytes = Buffer.from(variable)
        if (!guest.memory.setU32(pointers + index * 4, at) || !guest.memory.set(at, bytes)) return bad(guest)
        at += bytes.length
      }
      return success
    },
    random_get(at, length) {
      if (!guest.memory.has(at, length)) return bad(guest)
      guest.memory.set(at, randomFillSync(Buffer.alloc(length)))
      return success
    },
    // Envoy notes it and returns, which the compiler took for impossible: what follows is mostly a trap.
    proc_exit(code) {
      guest.fault('order', `the filter wanted to exit with ${code}; Envoy does not end it`)
      guest.services.log({ level: 'trace', message: 'wasi_unstable proc_exit', from: 'host' })
      return success
    },
  }
  const all: Record<string, WasmFunction> = {
    clock_time_get(clock, _precision, pointer) {
      guest.enter('clock_time_get')
      if (Number(clock) > monotonic) return notSupported
      return guest.memory.setU64(Number(pointer) >>> 0, nanoseconds(guest.services.now())) ? success : bad(guest)
    },
  }
  for (const [name, answer] of Object.entries(words)) all[name] = guarded(guest, name, answer)
  return all
}
