/** A docstring in parts. */
export interface Doc {
  /** Paragraphs in Markdown; references to other names are code. */
  readonly text: string
  readonly params: readonly (readonly [name: string, text: string])[]
  readonly throws: readonly string[]
  readonly internal: boolean
}

export interface Member {
  /** One line, without the final semicolon. */
  readonly signature: string
  readonly doc: Doc
}

export interface Declaration {
  readonly name: string
  readonly kind: 'class' | 'interface' | 'type' | 'function' | 'const'
  /** One line: the head of a class or interface, the whole of the rest. */
  readonly signature: string
  readonly doc: Doc
  /** Of a class or interface. */
  readonly members: readonly Member[]
}

const head = /^export (?:declare )?(?:abstract )?(class|interface|type|function|const) (\w+)/

/**
 * The exported declarations of a `.d.ts` file as tsc writes it: four spaces for a member, docstrings right above. No parser of TypeScript, because the
 * compiler that builds this project has no API for one, and its own output is regular.
 */
export function declarationsOf(text: string): readonly Declaration[] {
  const found: Declaration[] = []
  const lines = text.split('\n')
  let comment: string[] = []
  for (let row = 0; row < lines.length; row += 1) {
    const line = lines[row] ?? ''
    if (line.startsWith('/**')) {
      const end = lines.findIndex((candidate, index) => index >= row && candidate.includes('*/'))
      comment = lines.slice(row, end + 1)
      row = end
      continue
    }
    const [, kind, name] = head.exec(line) ?? []
    if (kind === undefined || name === undefined) {
      comment = []
      continue
    }
    const isBlock = kind === 'class' || kind === 'interface'
    const end = endOf(lines, row, isBlock ? '}' : ';')
    const whole = lines.slice(row, end + 1)
    found.push({
      name,
      kind: kind as Declaration['kind'],
      signature: oneLine(isBlock ? (whole[0]?.replace(/\s*\{\}?$/, '') ?? '') : whole.join('\n')),
      doc: docOf(comment),
      members: isBlock ? membersOf(whole.slice(1, -1)) : [],
    })
    comment = []
    row = end
  }
  return found
}

/** The line on which what begins on `row` ends: all brackets closed, and `last` behind them. */
function endOf(lines: readonly string[], row: number, last: ';' | '}'): number {
  let depth = 0
  for (let index = row; index < lines.length; index += 1) {
    const code = (lines[index] ?? '').replace(/\/\*.*?\*\//g, '').replace(/^\s*\/?\*.*$/, '')
    for (const letter of code.replaceAll('=>', '').replace(/'[^']*'/g, '')) depth += '{(['.includes(letter) ? 1 : '})]'.includes(letter) ? -1 : 0
    if (depth === 0 && code.trimEnd().endsWith(last)) return index
  }
  return lines.length - 1
}

function membersOf(lines: readonly string[]): Member[] {
  const members: Member[] = []
  let comment: string[] = []
  for (let row = 0; row < lines.length; row += 1) {
    const line = lines[row] ?? ''
    if (line.trim().startsWith('/**')) {
      const end = lines.findIndex((candidate, index) => index >= row && candidate.includes('*/'))
      comment = lines.slice(row, end + 1)
      row = end
      continue
    }
    const end = endOf(lines, row, ';')
    const signature = oneLine(lines.slice(row, end + 1).join('\n'))
    row = end
    if (signature !== '' && !/^(#private|private |protected )/.test(signature)) members.push({ signature, doc: docOf(comment) })
    comment = []
  }
  return members
}

function oneLine(text: string): string {
  return text
    .replaceAll(/\/\*\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^(export )?(declare )?|;\s*$/g, '')
    .trim()
}

export function docOf(comment: readonly string[]): Doc {
  const lines = comment.map((line) =>
    line
      .replace(/^\s*\/\*\*\s?/, '')
      .replace(/\s*\*\/\s*$/, '')
      .replace(/^\s*\* ?/, '')
      .trimEnd(),
  )
  // A line first, so that a docstring that begins with a tag has a text, an empty one.
  const [text = '', ...tags] = `\n${lines.join('\n')}`.split(/^(?=@)/m)
  const params: (readonly [string, string])[] = []
  const throws: string[] = []
  let internal = false
  for (const tag of tags) {
    const [, name, rest = ''] = /^@(\w+)\s*(.*)$/s.exec(tag) ?? []
    if (name === 'internal') internal = true
    else if (name === 'throws') throws.push(prose(rest.replace(/^\{(\w+)\}\s*/, '`$1` ')))
    else if (name === 'param') {
      const [, parameter = '', about = ''] = /^(\w+)\s*(.*)$/s.exec(rest) ?? []
      params.push([parameter, prose(about)])
    } else throw new Error(`no way is known to show @${name}: ${tag}`)
  }
  return { text: prose(text), params, throws, internal }
}

/** Lines of a paragraph become one; `{@link x}` becomes code. */
function prose(text: string): string {
  return text
    .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s*\n\s*(?![-*|])/g, ' '))
    .join('\n\n')
}
