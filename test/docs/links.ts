import { fencedBlocks } from './fenced-blocks.ts'

export interface Link {
  readonly target: string
  readonly line: number
}

/** The text with fenced blocks and inline code blanked, line numbers kept. */
function prose(markdown: string): string {
  const lines = markdown.split('\n')
  for (const { code, line } of fencedBlocks(markdown).blocks) {
    const length = code.split('\n').length - 1
    for (let index = line - 2; index < line - 1 + length; index += 1) lines[index] = ''
  }
  return lines.join('\n').replaceAll(/`[^`\n]*`/g, (code) => ' '.repeat(code.length))
}

/** Targets of links, images and link definitions that point into the repository: no scheme, not `//host`. */
export function relativeLinks(markdown: string): readonly Link[] {
  const found: Link[] = []
  prose(markdown)
    .split('\n')
    .forEach((text, index) => {
      const targets = [
        ...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
        ...text.matchAll(/^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$/g),
        ...text.matchAll(/<(?:img|a)\b[^>]*\b(?:src|href)="([^"]+)"/g),
      ]
      for (const [, target = ''] of targets) if (!/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) found.push({ target, line: index + 1 })
    })
  return found
}

/** Anchors of a page's headings, made the way GitHub makes them. */
export function anchors(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const found = new Set<string>()
  const lines = markdown.split('\n')
  const text = prose(markdown)
  text.split('\n').forEach((line, index) => {
    if (!/^#{1,6}\s/.test(line)) return
    const base = (lines[index] ?? '')
      .replace(/^#+\s+/, '')
      .replace(/\s+#*\s*$/, '')
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')
    const count = seen.get(base) ?? 0
    seen.set(base, count + 1)
    found.add(count === 0 ? base : `${base}-${count}`)
  })
  for (const [, id = ''] of text.matchAll(/<a\b[^>]*\b(?:id|name)="([^"]+)"/g)) found.add(id)
  return found
}
