/** What a comment of the form `<!-- snippet: … -->` says about the block below it. test/README.md tells what each is for. */
export type Directive =
  | { readonly kind: 'needs broker' }
  | { readonly kind: 'continues' }
  | { readonly kind: 'setup'; readonly code: string; readonly line: number }
  | { readonly kind: 'teardown'; readonly code: string; readonly line: number }
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'types only'; readonly reason: string }
  | { readonly kind: 'not run'; readonly reason: string }

/** One fenced code block of a Markdown file. */
export interface Block {
  /** First word after the fence, lower case; `''` when there is none. */
  readonly language: string
  readonly code: string
  /** Line number, from 1, of the first line of {@link code}. */
  readonly line: number
  readonly directives: readonly Directive[]
}

/** A comment that says what no directive means, or stands where no block follows. */
export interface Misplaced {
  readonly line: number
  readonly text: string
  readonly why: string
}

export interface Blocks {
  readonly blocks: readonly Block[]
  readonly misplaced: readonly Misplaced[]
}

type Place = 'below' | 'above'

interface Comment {
  readonly place: Place
  readonly text: string
  readonly line: number
}

/** One or more directives, in one comment separated by `;`. Undefined: a directive that does not exist. */
function directives(comment: Comment): readonly Directive[] | undefined {
  const hidden = /^(setup|teardown)[ \t]*\n([\s\S]*)$/.exec(comment.text)
  if (hidden?.[2] !== undefined) return [{ kind: hidden[1] === 'setup' ? 'setup' : 'teardown', code: hidden[2], line: comment.line + 1 }]
  const reasoned = /^(types only|not run):([\s\S]*)$/.exec(comment.text)
  if (reasoned?.[2] !== undefined) {
    return [{ kind: reasoned[1] === 'not run' ? 'not run' : 'types only', reason: reasoned[2].replaceAll(/\s+/g, ' ').trim() }]
  }
  const found: Directive[] = []
  for (const part of comment.text.split(';').map((text) => text.trim())) {
    const file = /^file ([\w.-]+)$/.exec(part)
    if (part === 'needs broker' || part === 'continues') found.push({ kind: part })
    else if (file?.[1] !== undefined) found.push({ kind: 'file', name: file[1] })
    else return undefined
  }
  return found
}

/**
 * The fenced blocks of a Markdown text (CommonMark 4.5: three or more backticks or tildes, closed by as many) with the snippet comments that stand
 * directly above them, blank lines and other comments aside. `<!-- snippet above: … -->` may stand below the block instead.
 */
export function fencedBlocks(markdown: string): Blocks {
  const lines = markdown.split('\n')
  const blocks: { language: string; code: string; line: number; directives: Directive[] }[] = []
  const misplaced: Misplaced[] = []
  let waiting: Comment[] = []

  const strand = () => {
    for (const comment of waiting) misplaced.push({ ...comment, why: 'no code block follows' })
    waiting = []
  }
  const take = (comment: Comment, into: Directive[]) => {
    const found = directives(comment)
    if (found === undefined) misplaced.push({ ...comment, why: 'no such directive' })
    else into.push(...found)
  }

  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    const fence = /^( {0,3})(`{3,}|~{3,})\s*([^`]*)$/.exec(line)
    if (fence !== null) {
      const [, indent = '', marks = '', info = ''] = fence
      const code: string[] = []
      const first = index + 2
      const closing = new RegExp(`^ {0,3}${marks[0] === '`' ? '`' : '~'}{${marks.length},}\\s*$`)
      for (index += 1; index < lines.length && !closing.test(lines[index] ?? ''); index += 1) {
        code.push((lines[index] ?? '').replace(new RegExp(`^ {0,${indent.length}}`), ''))
      }
      const block = { language: (info.split(/\s/)[0] ?? '').toLowerCase(), code: `${code.join('\n')}\n`, line: first, directives: [] as Directive[] }
      for (const comment of waiting) take(comment, block.directives)
      waiting = []
      blocks.push(block)
      continue
    }
    const opening = /^\s*<!--\s*(snippet(?: above)?:)?/.exec(line)
    if (opening !== null) {
      const first = index + 1
      let text = line
      while (!text.includes('-->') && index + 1 < lines.length) text += `\n${lines[++index] ?? ''}`
      if (opening[1] === undefined) continue
      const comment: Comment = {
        place: opening[1] === 'snippet:' ? 'below' : 'above',
        text: text
          .slice(opening[0].length)
          .replace(/\s*-->\s*$/, '')
          .trim(),
        line: first,
      }
      const above = blocks.at(-1)
      if (comment.place === 'below') waiting.push(comment)
      else if (above === undefined) misplaced.push({ ...comment, why: 'no code block stands above' })
      else take(comment, above.directives)
      continue
    }
    if (line.trim() !== '') strand()
  }
  strand()
  return { blocks, misplaced }
}
