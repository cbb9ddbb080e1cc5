import assert from 'node:assert/strict'
import type { Format } from '../../metrics/exposition.ts'

export interface Sample {
  /** That of the family, with what its kind adds: `_total`, `_bucket`, `_sum`, `_count`. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly help: string
  readonly kind: string
  readonly samples: Sample[]
}

/** One `name="value"` of a sample; within the quotes a backslash stands before a backslash, a quote or an n, and nowhere else. */
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const at = LABEL.lastIndex
    const [, name, value] = LABEL.exec(text) ?? []
    assert.ok(name !== undefined && value !== undefined, `no label at ${at} of ${text}`)
    assert.ok(!(name in labels), `the label ${name} twice in ${text}`)
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  }
  return labels
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = { counter: ['_total'], gauge: [''], histogram: ['_bucket', '_sum', '_count'] }

/**
 * Reads the text exposition format 0.0.4, or OpenMetrics 1.0, as their descriptions have them and nothing beyond: families are not interleaved, each
 * has HELP and TYPE first. Families are named as in the first, where counters end in `_total`.
 */
export function parseExposition(text: string, format: Format = 'text'): ReadonlyMap<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line has an end')
  const families = new Map<string, Family>()
  const lines = text.slice(0, -1).split('\n')
  if (format === 'openmetrics') assert.equal(lines.pop(), '# EOF', 'the last line says that it is')
  let current: { name: string; family: Family } | undefined
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const [, helped, help] = /^# HELP ([a-z_]+) ([^\\]+)$/.exec(line) ?? []
    if (helped !== undefined && help !== undefined) {
      const [, typed, kind = ''] = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(lines[++at] ?? '') ?? []
      assert.equal(typed, helped, `TYPE follows HELP of ${helped}`)
      assert.equal(helped.endsWith('_total'), kind === 'counter' && format === 'text', `${helped} is named as what it is`)
      const name = kind === 'counter' ? helped.replace(/(_total)?$/, '_total') : helped
      assert.ok(!families.has(name), `${name} is there once`)
      current = { name: helped.replace(/_total$/, ''), family: { help, kind, samples: [] } }
      families.set(name, current.family)
      continue
    }
    const [, name, labels, value] = /^([a-z_]+)\{(.*)\} (\S+)$/.exec(line) ?? []
    assert.ok(name !== undefined && labels !== undefined && value !== undefined && current !== undefined, `a sample: ${line}`)
    const { family } = current
    assert.ok(
      SUFFIXES[family.kind]?.some((suffix) => name === `${current?.name}${suffix}`),
      `samples stand below their family: ${line}`,
    )
    assert.match(value, /^\d+(\.\d+)?(e[+-]\d+)?$/)
    const sample = { name, labels: labelsOf(labels), value: Number(value) }
    const same = family.samples.find((other) => other.name === name && JSON.stringify(other.labels) === JSON.stringify(sample.labels))
    assert.equal(same, undefined, `one sample per series: ${line}`)
    family.samples.push(sample)
  }
  for (const [name, { kind, samples }] of families) if (kind === 'histogram') checkBuckets(name, samples)
  return families
}

/** Buckets of a series grow with their bound up to `+Inf`, which holds as many as there are; sum and count follow. */
function checkBuckets(name: string, samples: readonly Sample[]): void {
  let bounds: number[] = []
  let least = 0
  for (const [at, sample] of samples.entries()) {
    const { le, ...labels } = sample.labels
    switch (sample.name.slice(name.length)) {
      case '_bucket': {
        assert.match(le ?? '', /^(\d+(\.\d+)?|\+Inf)$/)
        const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
        assert.ok(bound > (bounds.at(-1) ?? -1) && sample.value >= least, `buckets of ${name} grow`)
        bounds.push(bound)
        least = sample.value
        break
      }
      case '_sum':
        assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY)
        break
      default:
        assert.equal(sample.value, least)
        assert.deepEqual(samples[at - 1], { name: `${name}_sum`, labels, value: samples[at - 1]?.value })
        bounds = []
        least = 0
    }
  }
}
