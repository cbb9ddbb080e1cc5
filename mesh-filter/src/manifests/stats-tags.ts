// Envoy cuts the first group of a match out of the name and takes the second as the label's value. Names of topics and groups have
// no dot, so a label ends at the next one.
const calls = '^wasmcustom\\.fmq\\.calls\\.op\\.'

/** A rule that takes a label out of a counter's name. */
export type StatsTag = { readonly tag_name: string; readonly regex: string }

function tag(name: string, regex: string): StatsTag {
  return { tag_name: name, regex }
}

/** Rules that turn the filter's counters into `fmq_calls{op, topic, group, code}`, `fmq_opaque{reason}` and `fmq_denied{reason}`. */
export const statsTags: readonly StatsTag[] = [
  tag('op', '^wasmcustom\\.fmq\\.calls(\\.op\\.([^.]+))\\.topic\\.'),
  tag('topic', `${calls}[^.]+(\\.topic\\.([^.]+))\\.group\\.`),
  tag('group', `${calls}[^.]+\\.topic\\.[^.]+(\\.group\\.([^.]+))\\.code\\.`),
  tag('code', `${calls}[^.]+\\.topic\\.[^.]+\\.group\\.[^.]+(\\.code\\.([^.]+)\\.end)$`),
  tag('reason', '^wasmcustom\\.fmq\\.(?:opaque|denied)(\\.([^.]+))$'),
]
