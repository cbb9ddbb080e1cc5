/**
 * FNV-1a, 32 bits, over the UTF-16 units of a tag, low byte first; 0 for a message without one. Index entries carry it, so that a filter passes over
 * most messages that it does not want without reading them. Two tags may share a hash: who reads the message compares the tag itself.
 */
export function tagHash(tag: string | undefined): number {
  if (tag === undefined) return 0
  let hash = 0x811c9dc5
  for (let index = 0; index < tag.length; index += 1) hash = Math.imul(hash ^ tag.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
