import { Document, isMap, isScalar } from 'yaml'
import type { EnvoyBootstrap } from './envoy.ts'

const manager = ['static_resources', 'listeners', 0, 'filter_chains', 0, 'filters', 0, 'typed_config'] as const

/** Said where people who read the file will wonder. */
const comments: readonly (readonly [path: readonly (string | number)[], comment: string])[] = [
  [['admin'], ' The admin interface has no authentication: keep it on the loopback.'],
  [['stats_config'], ' Labels: fmq_calls{op,topic,group,code}, fmq_opaque{reason}, fmq_denied{reason}, fmq_rules{section,outcome,rule}.'],
  [[...manager, 'early_header_mutation_extensions'], ' Headers by which a client could choose its way itself, removed before all filters.'],
  [
    [...manager, 'route_config', 'virtual_hosts', 0, 'routes'],
    ' In this order. The filter sets x-fmq-cluster; Envoy reads it after the filter has let the call go.',
  ],
]

/** A bootstrap as text. YAML carries comments; the filter's configuration stands in it as a readable block. */
export function renderEnvoy(bootstrap: EnvoyBootstrap, format: 'yaml' | 'json', title: string): string {
  if (format === 'json') return `${JSON.stringify(bootstrap, null, 2)}\n`
  const document = new Document(bootstrap, { aliasDuplicateObjects: false })
  document.commentBefore = ` ${title}`
  for (const [path, comment] of comments) {
    const parent = document.getIn(path.slice(0, -1), true)
    if (!isMap(parent)) continue
    for (const { key } of parent.items) if (isScalar(key) && key.value === path.at(-1)) key.commentBefore = comment
  }
  return document.toString({ lineWidth: 0, blockQuote: 'literal' })
}
