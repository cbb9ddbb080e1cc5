import { cpus } from 'node:os'
import type { Result } from './result.ts'
import { withSpread } from './statistics.ts'

export const begin = '<!-- bench:begin -->'
export const end = '<!-- bench:end -->'

export interface Circumstances {
  readonly rounds: number
  /** `YYYY-MM-DD`. */
  readonly date: string
}

/** Machine and method in one line: a figure without them means nothing. */
function circumstances({ rounds, date }: Circumstances): string {
  const [first] = cpus()
  const machine = `${cpus().length} cores (${first?.model.trim() ?? 'unknown model'}), shared with other work`
  return `${date}, ${machine}, Node ${process.versions.node}, ${process.platform}; ${rounds} interleaved rounds; median (least–most).`
}

function cell(result: Result, who: string): string {
  const found = result.costs.find((cost) => cost.who === who)
  if (found === undefined) return '–'
  return found.broker === undefined ? withSpread(found.cost) : `${withSpread(found.cost)}; broker ${withSpread(found.broker)}`
}

/** One Markdown table for each set of peers, in the order of the results. */
export function tables(results: readonly Result[], when: Circumstances): string {
  const groups = new Map<string, Result[]>()
  for (const result of results) {
    const key = result.costs.map(({ who }) => who).join('|')
    groups.set(key, [...(groups.get(key) ?? []), result])
  }
  const parts = [circumstances(when)]
  for (const group of groups.values()) {
    const who = group[0]?.costs.map((cost) => cost.who) ?? []
    const peers = group[0]?.ratios.map(({ peer }) => peer) ?? []
    const head = ['', ...who, ...peers.map((peer) => `times cheaper than ${peer}`)]
    const rows = group.map((result) => [
      `${result.what}, ${result.unit}`,
      ...who.map((name) => cell(result, name)),
      ...result.ratios.map(({ ratio, floor }) => `**${withSpread(ratio)}**${floor === undefined ? '' : `, floor ${floor}`}`),
    ])
    parts.push([head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n'))
  }
  return parts.join('\n\n')
}

/** The page with everything between its markers replaced. @throws an Error when the markers are missing. */
export function update(page: string, text: string): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from === -1 || to < from) throw new Error(`docs/benchmarks.md has lost its markers "${begin}" and "${end}"`)
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`
}
