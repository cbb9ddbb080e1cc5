import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Declaration, type Doc, declarationsOf } from './declarations.ts'
import { cell, tableOf } from './markdown.ts'

const sdk = fileURLToPath(new URL('../', import.meta.url))

/** Where each exported name is declared. */
function exportedNames(index: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const [, list = '', file = ''] of index.matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/(.+)\.ts'/gm)) {
    for (const name of list.split(',').map((part) => part.replace(/^\s*type /, '').trim())) if (name !== '') names.set(name, file)
  }
  return names
}

/** Every exported declaration, in the order of the index. Needs the built `.d.ts` files. */
export function publishedDeclarations(): readonly Declaration[] {
  const byFile = new Map<string, readonly Declaration[]>()
  return [...exportedNames(readFileSync(`${sdk}src/index.ts`, 'utf8'))].map(([name, file]) => {
    const path = `${sdk}dist/${file}.d.ts`
    if (!existsSync(path)) throw new Error(`${path} is missing: build first ("npm run build")`)
    const known = byFile.get(file) ?? declarationsOf(readFileSync(path, 'utf8'))
    byFile.set(file, known)
    const found = known.find((declaration) => declaration.name === name)
    if (found === undefined) throw new Error(`${path} declares no ${name}`)
    return found
  })
}

/** `docs/api.md`. */
export function apiPage(declarations: readonly Declaration[] = publishedDeclarations()): string {
  const isValue = ({ kind }: Declaration) => kind !== 'interface' && kind !== 'type'
  const byName = (a: Declaration, b: Declaration) => (a.name < b.name ? -1 : 1)
  const values = declarations.filter(isValue).sort(byName)
  const types = declarations.filter((declaration) => !isValue(declaration)).sort(byName)
  const links = (all: readonly Declaration[]) => all.map(({ name }) => `[\`${name}\`](#${name.toLowerCase()})`).join(', ')
  return `# API of @feathermq/sdk

<!-- Written by "npm run generate" from the docstrings of sdk/src. -->

Everything that \`@feathermq/sdk\` exports. How to use it is in the guides: [sending](sending.md), [consuming](consuming.md), [order](order.md), [delay](delay.md),
[transactions](transactions.md), [observing](observing.md),
[dead letters](dead-letters.md), [shutdown](shutdown.md), [TLS and credentials](tls-and-credentials.md).

**To call:** ${links(values)}

**Types:** ${links(types)}

${[...values, ...types].map(section).join('\n')}`
}

function section(declaration: Declaration): string {
  const { name, kind, signature, doc } = declaration
  const parts = [`## ${name}\n`, `\`${signature}\`\n`]
  if (doc.text !== '') parts.push(`${doc.text}\n`)
  parts.push(...notes(doc))
  parts.push(kind === 'interface' ? fieldsOf(declaration) : membersOf(declaration))
  return parts.filter((part) => part !== '').join('\n')
}

function fieldsOf({ members }: Declaration): string {
  if (members.length === 0) return ''
  const rows = members.map(({ signature, doc }) => {
    const [, name, optional, type] = /^(?:readonly )?(\w+|\[[^\]]+\])(\??): (.*)$/s.exec(signature) ?? []
    const about = cell([doc.text, ...doc.throws.map((text) => `Throws ${text}`)].filter((text) => text !== '').join(' '))
    if (name === undefined || type === undefined) return [`\`${code(signature)}\``, '', about]
    return [`\`${name}${optional}\``, `\`${code(type.replace(optional === '?' ? / \| undefined$/ : /$^/, ''))}\``, about]
  })
  return tableOf(['field', 'type', ''], rows)
}

function membersOf({ name, members }: Declaration): string {
  return members
    .filter(({ doc }) => !doc.internal)
    .map(({ signature, doc }) => {
      const shown = signature.replace(/^constructor\(/, `new ${name}(`).replace(/^override /, '')
      const lines = [`### \`${shown}\`\n`, ...(doc.text === '' ? [] : [`${doc.text}\n`]), ...notes(doc)]
      return lines.join('\n')
    })
    .join('\n')
}

function notes({ params, throws }: Doc): string[] {
  return [...params.map(([name, text]) => `- \`${name}\`: ${text}\n`), ...throws.map((text) => `Throws or rejects with ${text}\n`)]
}

/** A pipe would end the cell, also within code. */
function code(text: string): string {
  return text.replaceAll('|', '\\|')
}
