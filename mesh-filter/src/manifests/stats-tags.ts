// Envoy cuts the first group of a match out of the name and takes the second as the label's value. Names of topics and groups have
// no dot, so a label ends at the next one.
const calls = '^wasmcustom\\.fmq\\.calls\\.op\\.'
const rules = '^wasmcustom\\.fmq\\.rules'

/** A rule that takes a label out of a counter's name. */
export type StatsTag = { readonly tag_name: string; readonly regex: string }

function tag(name: string, regex: string): StatsTag {
  return { tag_name: name, regex }
}

/** Rules that turn the filter's counters into `fmq_calls{op, topic, group, code}`, `fmq_opaque{reason}`, `fmq_denied{reason}` and `fmq_rules{section, outcome, rule}`. */
export const statsTags: readonly StatsTag[] = [
  tag('op', '^wasmcustom\\.fmq\\.calls(\\.op\\.([^.]+))\\.topic\\.'),
  tag('topic', `${calls}[^.]+(\\.topic\\.([^.]+))\\.group\\.`),
  tag('group', `${calls}[^.]+\\.topic\\.[^.]+(\\.group\\.([^.]+))\\.code\\.`),
  tag('code', `${calls}[^.]+\\.topic\\.[^.]+\\.group\\.[^.]+(\\.code\\.([^.]+)\\.end)$`),
  tag('section', `${rules}(\\.section\\.([^.]+))\\.outcome\\.`),
  tag('outcome', `${rules}\\.section\\.[^.]+(\\.outcome\\.([^.]+))\\.rule\\.`),
  // Names of routes may have dots, those of other rules too.
  tag('rule', `${rules}\\.section\\.[^.]+\\.outcome\\.[^.]+(\\.rule\\.(.+)\\.end)$`),
  tag('reason', '^wasmcustom\\.fmq\\.(?:opaque|denied)(\\.([^.]+))$'),
]
