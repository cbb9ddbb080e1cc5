// What the host functions have in common: how an answer gets into the filter's memory, and what becomes of bad arguments.
import { status } from '../codes.ts'
import type { Guest } from '../guest.ts'
import type { WasmFunction } from '../web-assembly.ts'

/** A host function. All its arguments are 32 bits, unsigned; those that the function does not have are 0. */
export type Words = (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => number

/** Arguments arrive signed; pointers and lengths are not. */
export function guarded(guest: Guest, name: string, answer: Words): WasmFunction {
  return (a, b, c, d, e, f, g, h) => {
    guest.enter(name)
    return answer(word(a), word(b), word(c), word(d), word(e), word(f), word(g), word(h))
  }
}

function word(value: number | bigint | undefined): number {
  return typeof value === 'number' ? value >>> 0 : 0
}

/** Gives `size` bytes to the filter through two of its pointers. */
export function give(guest: Guest, bytes: Uint8Array, start: number, end: number, pointer: number, sizePointer: number): number {
  let at = 0
  if (end > start) {
    const allocated = guest.allocate(end - start)
    if (allocated === undefined) return status.invalidMemoryAccess
    guest.memory.set(allocated, bytes, start, end)
    at = allocated
  }
  return point(guest, at, end - start, pointer, sizePointer)
}

/** Gives a byte string to the filter. */
export function giveText(guest: Guest, text: string, pointer: number, sizePointer: number): number {
  let at = 0
  if (text.length > 0) {
    const allocated = guest.allocate(text.length)
    if (allocated === undefined) return status.invalidMemoryAccess
    guest.memory.setText(allocated, text)
    at = allocated
  }
  return point(guest, at, text.length, pointer, sizePointer)
}

/** Tells the filter where the answer is. */
export function point(guest: Guest, at: number, size: number, pointer: number, sizePointer: number): number {
  if (guest.memory.setU32(pointer, at) && guest.memory.setU32(sizePointer, size)) return status.ok
  return badMemory(guest, 'where the answer shall go')
}

/** A status, with a fault on record. */
export function badMemory(guest: Guest, what: string): number {
  guest.fault('memory', `${what} is outside of the memory (${guest.memory.size} bytes)`)
  return status.invalidMemoryAccess
}

/** A status, with a fault on record. */
export function badNumber(guest: Guest, what: string, value: number): number {
  guest.fault('argument', `there is no ${what} ${value}`)
  return status.badArgument
}

/** A status, with a fault on record. */
export function noStream(guest: Guest, answer: number): number {
  guest.fault('phase', 'this context is no HTTP stream, so nothing happens')
  return answer
}

export function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n
}
