import { fnv1a } from '../fnv1a.ts'

/**
 * 0 for a message without a tag. Index entries carry it, so that a filter passes over most messages that it does not want without reading them. Two tags
 * may share a hash: who reads the message compares the tag itself.
 */
export function tagHash(tag: string | undefined): number {
  return tag === undefined ? 0 : fnv1a(tag)
}
