import { metricType, status } from './codes.ts'

interface Counter {
  kind: 'counter' | 'gauge'
  value: number
}

interface Histogram {
  kind: 'histogram'
  values: number[]
}

type Metric = Counter | Histogram

/** The counters, gauges and histograms of a process: VMs that define the same name share the value. */
export class Metrics {
  readonly #counters = new Map<string, Counter>()
  readonly #gauges = new Map<string, Counter>()
  readonly #histograms = new Map<string, Histogram>()

  /** Value of a counter; 0 when nobody has defined it. */
  counter(name: string): number {
    return this.#counters.get(name)?.value ?? 0
  }

  /** Value of a gauge; 0 when nobody has defined it. */
  gauge(name: string): number {
    return this.#gauges.get(name)?.value ?? 0
  }

  /** What was recorded in a histogram, in order. */
  histogram(name: string): readonly number[] {
    return this.#histograms.get(name)?.values ?? []
  }

  /** All counters that are not 0, by name. */
  counters(): ReadonlyMap<string, number> {
    const found = new Map<string, number>()
    for (const [name, { value }] of this.#counters) if (value !== 0) found.set(name, value)
    return found
  }

  /** Names that were defined, of every kind. */
  get defined(): number {
    return this.#counters.size + this.#gauges.size + this.#histograms.size
  }

  /** The metric of that type and name, which exists from then on. */
  metric(type: number, name: string): Metric {
    if (type === metricType.histogram) return ensure(this.#histograms, name, () => ({ kind: 'histogram', values: [] }))
    if (type === metricType.gauge) return ensure(this.#gauges, name, () => ({ kind: 'gauge', value: 0 }))
    return ensure(this.#counters, name, () => ({ kind: 'counter', value: 0 }))
  }
}

function ensure<T>(all: Map<string, T>, name: string, create: () => T): T {
  const known = all.get(name)
  if (known !== undefined) return known
  const created = create()
  all.set(name, created)
  return created
}

const typeMask = 3
const idStep = 4

/**
 * The metric ids of one VM. As in Envoy every definition has a new id, also of a name that has one already: the type stands in
 * its two lowest bits, and nobody ever gives one back.
 */
export class MetricIds {
  readonly #metrics: Metrics
  readonly #byId = new Map<number, Metric>()
  readonly #last: [number, number, number] = [metricType.counter, metricType.gauge, metricType.histogram]

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  get count(): number {
    return this.#byId.size
  }

  define(type: 0 | 1 | 2, name: string): number {
    this.#last[type] += idStep
    const id = this.#last[type]
    this.#byId.set(id, this.#metrics.metric(type, name))
    return id
  }

  /** A status. */
  increment(id: number, offset: number): number {
    const metric = this.#byId.get(id)
    const type = id & typeMask
    if (type !== metricType.counter && type !== metricType.gauge) return status.badArgument
    if (metric === undefined || metric.kind === 'histogram') return status.notFound
    if (metric.kind === 'counter' && offset <= 0) return status.badArgument
    metric.value += offset
    return status.ok
  }

  /** A status. Counters add, gauges are set. */
  record(id: number, value: number): number {
    const metric = this.#byId.get(id)
    if (metric === undefined) return status.notFound
    if (metric.kind === 'histogram') metric.values.push(value)
    else if (metric.kind === 'gauge') metric.value = value
    else metric.value += value
    return status.ok
  }

  /** The value, or a status. */
  get(id: number): { readonly value: number } | { readonly status: number } {
    const type = id & typeMask
    if (type !== metricType.counter && type !== metricType.gauge) return { status: status.badArgument }
    const metric = this.#byId.get(id)
    return metric === undefined || metric.kind === 'histogram' ? { status: status.notFound } : { value: metric.value }
  }
}
