import type { Curve } from './plot.ts'
import { svg } from './plot.ts'
import type { Result } from './result.ts'
import { type Experiment, experiments, type Figure, type Measured } from './scaling-experiments.ts'
import { ratios, spread, withSpread } from './statistics.ts'

export interface ScalingOptions {
  readonly rounds: number
  readonly sizes: 'quick' | 'usual' | 'full'
  log(line: string): void
}

export interface Scaling {
  /** Those with a bound. */
  readonly results: readonly Result[]
  /** Markdown; it shows the plots, which stand in `plots/`. */
  readonly text: string
  /** SVG by file name. */
  readonly plots: ReadonlyMap<string, string>
}

/** What an item costs when there are many of them: bytes and CPU over their number. */
export async function scaling({ rounds, sizes: which, log }: ScalingOptions): Promise<Scaling> {
  const parts: string[] = []
  const results: Result[] = []
  const plots = new Map<string, string>()
  for (const experiment of experiments) {
    const sizes = experiment.sizes[which]
    const done: (readonly Measured[])[] = []
    for (let round = 0; round < rounds; round += 1) {
      const measured = await experiment.run(sizes)
      done.push(measured)
      const told = sizes.map((size, at) => {
        const figures = Object.entries(measured[at] ?? {}).map(([key, value]) => `${key} ${value.toFixed(1)}`)
        return `${size.toLocaleString('en')}: ${figures.join(', ')}`
      })
      log(`${experiment.name}, round ${round + 1}: ${told.join('; ')}`)
    }
    parts.push(table(experiment, sizes, done))
    // Figures of one unit share a plot.
    for (const [unit, figures] of grouped(experiment)) {
      const name = `${experiment.name}-${unit
        .replace('µ', 'u')
        .replace(/[^a-z]+/gi, '-')
        .toLowerCase()}.svg`
      plots.set(
        name,
        svg({ title: `${experiment.axis}: ${unit}`, x: experiment.axis, y: unit, curves: figures.map((each) => curve(each, sizes, done)) }),
      )
      parts.push(`![${unit} over ${experiment.axis}](plots/${name})`)
    }
    results.push(...bounded(experiment, sizes, done))
  }
  return { results, text: parts.join('\n\n'), plots }
}

/** Figures by their unit. Node 20 has no Map.groupBy. */
function grouped({ figures }: Experiment): ReadonlyMap<string, readonly (readonly [string, Figure])[]> {
  const groups = new Map<string, (readonly [string, Figure])[]>()
  for (const entry of Object.entries(figures)) groups.set(entry[1].unit, [...(groups.get(entry[1].unit) ?? []), entry])
  return groups
}

/** The values of all rounds at one of the sizes. */
const valuesAt = (done: readonly (readonly Measured[])[], at: number, key: string): readonly number[] =>
  done.map((measured) => measured[at]?.[key] ?? Number.NaN)

function curve([key, { what }]: readonly [string, Figure], sizes: readonly number[], done: readonly (readonly Measured[])[]): Curve {
  const points = sizes.flatMap((x, at) => {
    const { median, min, max } = spread(valuesAt(done, at, key))
    return Number.isNaN(median) ? [] : [{ x, y: median, low: min, high: max }]
  })
  return { name: what, points }
}

function table({ axis, figures }: Experiment, sizes: readonly number[], done: readonly (readonly Measured[])[]): string {
  const head = [axis, ...sizes.map((size) => size.toLocaleString('en'))]
  const rows = Object.entries(figures).map(([key, { what, unit }]) => [
    `${what}, ${unit}`,
    ...sizes.map((_, at) => {
      const figures = spread(valuesAt(done, at, key))
      return Number.isNaN(figures.median) ? '' : withSpread(figures)
    }),
  ])
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function bounded({ axis, figures }: Experiment, sizes: readonly number[], done: readonly (readonly Measured[])[]): readonly Result[] {
  return Object.entries(figures).flatMap(([key, { what, unit, most }]) => {
    if (most === undefined) return []
    const last = sizes.length - 1
    const growth = ratios(valuesAt(done, 0, key), valuesAt(done, last, key))
    const from = `from ${sizes[0]?.toLocaleString('en')} to ${sizes[last]?.toLocaleString('en')} ${axis}`
    return [{ what, unit, costs: [], ratios: [], bounds: [{ what: `the growth ${from}`, value: growth, most }] }]
  })
}
