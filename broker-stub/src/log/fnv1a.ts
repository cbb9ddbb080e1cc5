/** FNV-1a, 32 bits, over the UTF-16 units of a text. Values of it are on disk, and choose queues: it stays what it is. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
