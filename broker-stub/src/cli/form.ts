import { type Command, InvalidArgumentError, Option } from 'commander'
import { callAdmin } from './admin-client.ts'
import type { Output } from './output.ts'

/** Options that all commands about resources have. */
export interface Common {
  readonly admin: string
  readonly output: 'table' | 'json'
}

/** A whole number, 1 or more. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number, 1 or more.')
  return Number(text)
}

/** `1 queue`, `2 queues`. */
export const counted = (amount: number, what: string): string => `${amount} ${what}${amount === 1 ? '' : 's'}`

/** Rows as columns; numbers are few and short, so everything goes to the left. */
export function table(rows: readonly Readonly<Record<string, string | number>>[], empty = ''): string {
  const first = rows[0]
  if (first === undefined) return empty
  const columns = Object.keys(first)
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => String(row[column] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [columns.map((column) => column.toUpperCase()), ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]
    .map(line)
    .join('\n')
}

export function common(command: Command): Command {
  return command
    .addOption(new Option('--admin <address>', "the broker's HTTP address").env('FEATHERMQ_ADMIN').default('http://127.0.0.1:8082'))
    .addOption(new Option('-o, --output <form>', 'how to print').choices(['table', 'json']).default('table'))
}

/** Parts of an answer, an empty line between them. */
export const sections = (...parts: readonly string[]): string => parts.join('\n\n')

/** Sentences as one part, or none. */
export const paragraph = (sentences: readonly string[] = []): readonly string[] => (sentences.length === 0 ? [] : [sentences.join('\n')])

/** How long ago, roughly. */
export function age(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
  ] as const
  for (const [unit, length] of units) if (ms >= 2 * length) return `${Math.floor(ms / length)}${unit}`
  return `${Math.max(0, Math.floor(ms / 1_000))}s`
}

/** Prints what the API answered: as it is, or for people. */
export function show(output: Output, options: Common, answer: unknown, people: () => string): void {
  output.out(`${options.output === 'json' ? JSON.stringify(answer, null, 2) : people()}\n`)
}

/** `… delete <name>`. */
export function addDelete(parent: Command, output: Output, kind: 'topic' | 'group', lost: string): void {
  common(parent.command('delete <name>').description(`delete a ${kind}, and ${lost}`)).action(async (name: string, options: Common) => {
    const answer = await callAdmin(options.admin, 'DELETE', `/api/${kind}s/${encodeURIComponent(name)}`)
    show(output, options, answer, () => `deleted ${kind} ${name}`)
  })
}
