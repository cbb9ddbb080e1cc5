// The form in which header maps cross the boundary: the number of pairs, the lengths of every name and value, then all of them
// in order, each with a zero byte behind it. Everything is little-endian, 32 bits.
import { HeaderMap } from './header-map.ts'
import type { GuestMemory } from './memory.ts'

const word = 4

export function pairsSize(headers: HeaderMap): number {
  return word + headers.size * (2 * word + 2) + headers.byteSize
}

/** Writes a map to memory that was allocated for it. */
export function writePairs(memory: GuestMemory, start: number, headers: HeaderMap): void {
  const count = headers.size
  memory.setU32(start, count)
  let sizes = start + word
  let at = sizes + count * 2 * word
  for (let index = 0; index < count; index++) {
    for (const text of [headers.nameAt(index), headers.valueAt(index)]) {
      memory.setU32(sizes, text.length)
      memory.setText(at, `${text}\0`)
      sizes += word
      at += text.length + 1
    }
  }
}

/** Reads a map that the filter has written; undefined when it is not well-formed, which the real host takes for an empty one. */
export function readPairs(memory: GuestMemory, start: number, length: number): HeaderMap | undefined {
  const headers = new HeaderMap()
  if (length === 0) return headers
  const end = start + length
  if (length < word) return undefined
  const count = memory.u32(start)
  let sizes = start + word
  let at = sizes + count * 2 * word
  if (at > end) return undefined
  const next = (): string | undefined => {
    const size = memory.u32(sizes)
    if (at + size + 1 > end) return undefined
    const text = memory.text(at, size + 1)
    sizes += word
    at += size + 1
    return text.endsWith('\0') ? text.slice(0, -1) : undefined
  }
  for (let index = 0; index < count; index++) {
    const name = next()
    const value = name === undefined ? undefined : next()
    if (name === undefined || value === undefined) return undefined
    headers.add(name, value)
  }
  return at === end ? headers : undefined
}
