// Envoy cuts the first group of a match out of the name and takes the second as the label's value. Names of topics and groups have
// no dot, so a label ends at the next one.
const histograms = '^wasmcustom\\.fmq\\.(?:latency|body-size|delivery-latency|redelivery)'
const labelled = '^wasmcustom\\.fmq\\.(?:calls|latency|body-size|delivery-latency|redelivery)'
const calls = '^wasmcustom\\.fmq\\.calls\\.op\\.'
const rules = '^wasmcustom\\.fmq\\.rules'

/** A rule that takes a label out of a counter's name. */
export type StatsTag = { readonly tag_name: string; readonly regex: string }

function tag(name: string, regex: string): StatsTag {
  return { tag_name: name, regex }
}

/** Rules that turn the filter's metrics into `fmq_calls{op, topic, group, code}`, `fmq_latency{op, topic, group}` and other histograms, `fmq_rewritten{section}`, `fmq_not_rewritten{reason}`, `fmq_opaque{reason}`, `fmq_denied{reason}` and `fmq_rules{section, outcome, rule}`. */
export const statsTags: readonly StatsTag[] = [
  tag('op', `${labelled}(\\.op\\.([^.]+))\\.topic\\.`),
  tag('topic', `${labelled}\\.op\\.[^.]+(\\.topic\\.([^.]+))\\.group\\.`),
  tag('group', `${calls}[^.]+\\.topic\\.[^.]+(\\.group\\.([^.]+))\\.code\\.`),
  tag('group', `${histograms}\\.op\\.[^.]+\\.topic\\.[^.]+(\\.group\\.([^.]+)\\.end)$`),
  tag('reason', '^wasmcustom\\.fmq\\.not_rewritten(\\.([^.]+))$'),
  tag('section', '^wasmcustom\\.fmq\\.rewritten(\\.([^.]+))$'),
  tag('code', `${calls}[^.]+\\.topic\\.[^.]+\\.group\\.[^.]+(\\.code\\.([^.]+)\\.end)$`),
  tag('section', `${rules}(\\.section\\.([^.]+))\\.outcome\\.`),
  tag('outcome', `${rules}\\.section\\.[^.]+(\\.outcome\\.([^.]+))\\.rule\\.`),
  // Names of routes may have dots, those of other rules too.
  tag('rule', `${rules}\\.section\\.[^.]+\\.outcome\\.[^.]+(\\.rule\\.(.+)\\.end)$`),
  tag('reason', '^wasmcustom\\.fmq\\.(?:opaque|denied)(\\.([^.]+))$'),
]
