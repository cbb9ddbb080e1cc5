/** What is left of `parts` when their first `written` bytes are done. */
export function rest(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  const left: Uint8Array[] = []
  let skip = written
  for (const part of parts) {
    if (skip < part.length) left.push(skip === 0 ? part : part.subarray(skip))
    skip = Math.max(0, skip - part.length)
  }
  return left
}

export function total(parts: readonly Uint8Array[]): number {
  let bytes = 0
  for (const part of parts) bytes += part.length
  return bytes
}
