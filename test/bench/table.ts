import { cpus } from 'node:os'
import { named, type Result } from './result.ts'
import { withSpread } from './statistics.ts'

/** The parts of the page: of all benchmarks that run by default, or of one that does not. */
export type Section = 'bench' | 'bench-rocketmq' | 'bench-scaling' | 'bench-clients' | 'bench-filter'

export interface Circumstances {
  readonly rounds: number
  /** `YYYY-MM-DD`. */
  readonly date: string
}

/** Machine and method in one line: a figure without them means nothing. */
export function circumstances({ rounds, date }: Circumstances): string {
  const [first] = cpus()
  const machine = `${cpus().length} cores (${first?.model.trim() ?? 'unknown model'}), shared with other work`
  return `${date}, ${machine}, Node ${process.versions.node}, ${process.platform}; ${rounds} interleaved rounds; median (least–most).`
}

function cell(result: Result, who: string): string {
  const found = result.costs.find((cost) => cost.who === who)
  if (found === undefined) return '–'
  const figures = [{ of: found.of, cost: found.cost }, ...(found.beside ?? [])]
  return figures.map(({ of, cost }) => (of === undefined ? withSpread(cost) : `${of} ${withSpread(cost)}`)).join('; ')
}

/** What stands above a result's columns; results that agree in it share a table. */
function headOf({ costs, ratios, bounds = [] }: Result): readonly string[] {
  return [
    '',
    ...costs.map(({ who }) => who),
    ...ratios.map(({ peer, of }) => named(`times cheaper than ${peer}`, of)),
    ...bounds.map(({ what }) => what),
  ]
}

function row(result: Result): readonly string[] {
  return [
    `${result.what}, ${result.unit}`,
    ...result.costs.map(({ who }) => cell(result, who)),
    ...result.ratios.map(
      ({ ratio, floor, goal }) =>
        `**${withSpread(ratio)}**${floor === undefined ? '' : `, floor ${floor}`}${goal === undefined ? '' : `, goal ${goal}`}`,
    ),
    ...(result.bounds ?? []).map(({ value, most }) => `**${withSpread(value)}**${most === undefined ? '' : `, at most ${most}`}`),
  ]
}

/** One Markdown table for each set of columns, in the order of the results. */
export function tables(results: readonly Result[], when: Circumstances): string {
  const groups = new Map<string, Result[]>()
  for (const result of results) {
    const key = headOf(result).join('|')
    groups.set(key, [...(groups.get(key) ?? []), result])
  }
  const parts = [circumstances(when)]
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue
    const head = headOf(first)
    parts.push([head, head.map(() => '---'), row(first), ...others.map(row)].map((cells) => `| ${cells.join(' | ')} |`).join('\n'))
  }
  return parts.join('\n\n')
}

/** The page with everything between a section's markers replaced. @throws an Error when the markers are missing. */
export function update(page: string, text: string, section: Section): string {
  const [begin, end] = [`<!-- ${section}:begin -->`, `<!-- ${section}:end -->`]
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from === -1 || to < from) throw new Error(`docs/benchmarks.md has lost its markers "${begin}" and "${end}"`)
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`
}
