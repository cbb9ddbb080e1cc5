// The memory of strings, arrays and JSON trees: what is managed lives while a configuration is being read, and no longer. So nothing
// has to be found out about what is still in use: __collect, at the end of proxy_on_configure, frees everything that was made since
// the last time. It stands in for the compiler's own collector (scripts/build-filter.mjs), which would look through it all with the same result
// and is 1.5 KB larger. No global and nothing in unmanaged memory may hold a managed object that was made at run time.

/** Before each object, as the compiler expects it: here the ones that were made before and after it, its type, its size. */
const HEADER: usize = 16
const NEWER: usize = 4
const TYPE: usize = 8
const SIZE: usize = 12

let last: usize = 0

// @ts-ignore: decorator
@global @unsafe
export function __new(size: usize, id: u32): usize {
  const block = __alloc(HEADER + size)
  store<usize>(block, last)
  store<usize>(block, 0, NEWER)
  store<u32>(block, id, TYPE)
  store<u32>(block, <u32>size, SIZE)
  if (last != 0) store<usize>(last, block, NEWER)
  last = block
  return block + HEADER
}

// @ts-ignore: decorator
@global @unsafe
export function __renew(old: usize, size: usize): usize {
  if (old < __heap_base) {
    // Of the constants, which stay.
    const copy = __new(size, load<u32>(old - HEADER, TYPE))
    memory.copy(copy, old, min<usize>(size, <usize>load<u32>(old - HEADER, SIZE)))
    return copy
  }
  const block = __realloc(old - HEADER, HEADER + size)
  const older = load<usize>(block)
  const newer = load<usize>(block, NEWER)
  store<u32>(block, <u32>size, SIZE)
  if (older != 0) store<usize>(older, block, NEWER)
  if (newer != 0) store<usize>(newer, block)
  else last = block
  return block + HEADER
}

// @ts-ignore: decorator
@global @unsafe
export function __link(parent: usize, child: usize, several: bool): void {}

// @ts-ignore: decorator
@global @unsafe
export function __visit(at: usize, cookie: u32): void {}

// @ts-ignore: decorator
@global @unsafe
export function __pin(at: usize): usize {
  return at
}

// @ts-ignore: decorator
@global @unsafe
export function __unpin(at: usize): void {}

// @ts-ignore: decorator
@global @unsafe
export function __collect(): void {
  while (last != 0) {
    const block = last
    last = load<usize>(block)
    __free(block)
  }
}
