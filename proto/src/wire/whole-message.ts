import { Reader } from './reader.ts'

/**
 * The content of a nested message that came in several parts: all of them joined, which decodes to the same as each part merged into the ones before
 * (protobuf encoding, last one wins). `rivals`: tags of the members of its oneof; another member makes what came before it void.
 */
export function wholeMessage(bytes: Uint8Array, tag: number, rivals: readonly number[] = [tag]): Uint8Array {
  let parts: Uint8Array[] = []
  const r = new Reader(bytes)
  const end = bytes.length
  while (r.pos < end) {
    const next = r.tag(end)
    if (next === tag) parts.push(r.bytesField(end))
    else {
      if (rivals.includes(next)) parts = []
      r.skip(next, end)
    }
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
}
