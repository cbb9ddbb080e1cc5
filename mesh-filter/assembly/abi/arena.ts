// Memory that the host asks for while it answers a call (`malloc`). It lives until the next callback begins, so nobody
// frees it piece by piece: the filter allocates nothing per request and its memory stays flat.
// An answer that does not fit (a large configuration) gets its own block, which the next callback gives back.

const SIZE: usize = 32 * 1024
const BLOCK_HEADER: usize = 8

const base: usize = heap.alloc(SIZE)
let top: usize = 0
let overflow: usize = 0

/** To be called first in every callback of the host. */
export function resetArena(): void {
  top = 0
  while (overflow != 0) {
    const next = load<usize>(overflow)
    heap.free(overflow)
    overflow = next
  }
}

export function arenaAlloc(size: usize): usize {
  const rounded = (size + 7) & ~7
  if (rounded < size) return 0
  if (top + rounded <= SIZE) {
    const at = base + top
    top += rounded
    return at
  }
  // The host refuses to go on with a null pointer; heap.alloc would trap instead, and it traps above 1 GiB only,
  // which is where Envoy's own limit per VM lies.
  const block = heap.alloc(rounded + BLOCK_HEADER)
  store<usize>(block, overflow)
  overflow = block
  return block + BLOCK_HEADER
}
