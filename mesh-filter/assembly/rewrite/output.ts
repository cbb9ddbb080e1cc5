// Where a rewritten body is put together. One block for the whole VM, which grows to what was needed once and stays: a body is
// handed to Envoy in the callback in which it was written. Places in it are offsets, since the block may move when it grows.

let block: usize = 0
let room: usize = 0
let used: usize = 0

export function beginOutput(): void {
  used = 0
}

// @ts-ignore: decorator
@inline
export function outputAt(): usize {
  return block
}

// @ts-ignore: decorator
@inline
export function outputLength(): usize {
  return used
}

/** Forgets what was written behind `length`. */
export function cutOutput(length: usize): void {
  used = length
}

function reserve(size: usize): void {
  if (used + size <= room) return
  const bigger = max<usize>(used + size, max<usize>(room << 1, 4096))
  const moved = heap.alloc(bigger)
  memory.copy(moved, block, used)
  if (block != 0) heap.free(block)
  block = moved
  room = bigger
}

export function write(at: usize, length: usize): void {
  reserve(length)
  memory.copy(block + used, at, length)
  used += length
}

export function writeByte(byte: u8): void {
  reserve(1)
  store<u8>(block + used++, byte)
}

// @ts-ignore: decorator
@inline
export function varintSize(value: u32): usize {
  return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5
}

export function writeVarint(value: u32): void {
  reserve(5)
  while (value > 127) {
    store<u8>(block + used++, <u8>(value & 127) | 128)
    value >>= 7
  }
  store<u8>(block + used++, <u8>value)
}

/** A tag with wire type 2. */
// @ts-ignore: decorator
@inline
export function writeTag(field: u32): void {
  writeVarint((field << 3) | 2)
}

/** Makes room for a length that is not known yet; `closeLength` wants the place that this answers. */
export function openLength(): usize {
  reserve(5)
  used += 5
  return used
}

/**
 * What stands behind `start` is the content: its length goes before it, in as few bytes as it takes. `beyond`: bytes of it that are
 * not here, because they pass on their own.
 */
export function closeLength(start: usize, beyond: usize = 0): void {
  const length = used - start
  const size = varintSize(<u32>(length + beyond))
  memory.copy(block + start - 5 + size, block + start, length)
  used = start - 5
  writeVarint(<u32>(length + beyond))
  used += length
}

/** The five bytes of a gRPC frame that is not compressed. */
export function writeFrameHead(length: u32): void {
  reserve(5)
  store<u8>(block + used, 0)
  store<u32>(block + used + 1, bswap(length))
  used += 5
}

/** Puts the length into such bytes, at their address. */
export function setFrameLength(at: usize, length: u32): void {
  store<u32>(at + 1, bswap(length))
}
