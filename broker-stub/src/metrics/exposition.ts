import type { Histogram } from './histogram.ts'
import { OVERFLOW, SeriesLimit } from './series-limit.ts'

export type Labels = Readonly<Record<string, string | number | boolean>>
export type Row = readonly [labels: Labels, value: number]

/** `text`: Prometheus' text format 0.0.4. `openmetrics`: OpenMetrics 1.0, which names a counter's family without `_total` and has an end. */
export type Format = 'text' | 'openmetrics'

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** Series of one name. A stock server has up to 50,000; a scrape of so many would hold up everybody else. */
export const DEFAULT_MAX_SERIES = 2_000

/** How gauges that share the overflow are taken together. */
export type Together = 'sum' | 'max'

const escaped = (value: string): string => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')

const pairs = (labels: Labels): string[] => Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`)

/** Writes families of metrics one after the other. It stays from scrape to scrape, for it remembers which series have a place of their own. */
export class Exposition {
  readonly #maxSeries: number
  readonly #limits = new Map<string, SeriesLimit>()
  #lines: string[] = []
  #common: readonly string[] = []
  #format: Format = 'text'

  constructor(maxSeries: number = DEFAULT_MAX_SERIES) {
    this.#maxSeries = maxSeries
  }

  /** @param common On every sample. */
  begin(format: Format, common: Labels): void {
    this.#lines = []
    this.#common = pairs(common)
    this.#format = format
  }

  counter(name: `${string}_total`, help: string, rows: Iterable<Row>): void {
    this.#head(name, 'counter', help)
    const limit = this.#limit(name)
    let shared = false
    for (const [labels, value] of rows) {
      const series = this.#series(labels)
      if (limit.admits(series)) this.#lines.push(`${name}{${series}} ${value}`)
      else {
        limit.share(series, value)
        shared = true
      }
    }
    const overflow = limit.finish()
    if (shared || overflow > 0) this.#lines.push(`${name}{${this.#series(OVERFLOW)}} ${overflow}`)
  }

  gauge(name: string, help: string, rows: Iterable<Row>, together: Together = 'sum'): void {
    this.#head(name, 'gauge', help)
    const limit = this.#limit(name)
    let overflow: number | undefined
    for (const [labels, value] of rows) {
      const series = this.#series(labels)
      if (limit.admits(series)) this.#lines.push(`${name}{${series}} ${value}`)
      else overflow = together === 'sum' ? (overflow ?? 0) + value : Math.max(overflow ?? 0, value)
    }
    limit.finish()
    if (overflow !== undefined) this.#lines.push(`${name}{${this.#series(OVERFLOW)}} ${overflow}`)
  }

  /** Whoever fills the histograms sees to it that they are not too many. */
  histogram(name: string, help: string, rows: Iterable<readonly [labels: Labels, histogram: Histogram]>): void {
    this.#head(name, 'histogram', help)
    for (const [labels, { bounds, cumulative, sum }] of rows) {
      const series = this.#series(labels)
      cumulative.forEach((count, at) => {
        this.#lines.push(`${name}_bucket{${series},le="${this.#bound(bounds[at])}"} ${count}`)
      })
      this.#lines.push(`${name}_sum{${series}} ${sum}`, `${name}_count{${series}} ${cumulative.at(-1)}`)
    }
  }

  end(): string {
    if (this.#format === 'openmetrics') this.#lines.push('# EOF')
    const text = `${this.#lines.join('\n')}\n`
    this.#lines = []
    return text
  }

  #head(name: string, kind: 'counter' | 'gauge' | 'histogram', help: string): void {
    const family = this.#format === 'openmetrics' ? name.replace(/_total$/, '') : name
    this.#lines.push(`# HELP ${family} ${help}`, `# TYPE ${family} ${kind}`)
  }

  #series(labels: Labels): string {
    return [...this.#common, ...pairs(labels)].join(',')
  }

  /** OpenMetrics writes bounds as floats, and wants them alike in every scrape. */
  #bound(bound: number | undefined): string {
    if (bound === undefined) return '+Inf'
    return this.#format === 'openmetrics' && Number.isInteger(bound) ? `${bound}.0` : String(bound)
  }

  #limit(name: string): SeriesLimit {
    let limit = this.#limits.get(name)
    if (limit === undefined) {
      limit = new SeriesLimit(this.#maxSeries)
      this.#limits.set(name, limit)
    }
    limit.begin()
    return limit
  }
}
