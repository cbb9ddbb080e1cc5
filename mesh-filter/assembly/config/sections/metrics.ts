import { GROUP_BIT, TOPIC_BIT } from '../../protocol/facts'
import { checkKeys, integer, object, texts } from '../checks'
import { Draft } from '../draft'
import { indexPath } from '../problems'
import { CODE_BIT, OP_BIT } from '../settings'

const KEYS: StaticArray<string> = ['labels', 'topics', 'groups', 'series']
const LATER: StaticArray<string> = ['histograms']
const LABELS: StaticArray<string> = ['op', 'topic', 'group', 'code']
const DEFAULT_NAMES: u32 = 200
const MOST_NAMES: f64 = 1000
const DEFAULT_SERIES: u32 = 2000
const MOST_SERIES: f64 = 10000

export function readMetrics(draft: Draft): void {
  const settings = draft.settings
  const problems = draft.problems
  settings.labels = OP_BIT | TOPIC_BIT | GROUP_BIT | CODE_BIT
  settings.topics = DEFAULT_NAMES
  settings.groups = DEFAULT_NAMES
  settings.series = DEFAULT_SERIES
  const metrics = object(draft.root, 'metrics', '$', problems)
  if (metrics === null) return
  checkKeys(metrics, '$.metrics', KEYS, LATER, problems)
  settings.topics = integer(metrics, 'topics', '$.metrics', 1, MOST_NAMES, DEFAULT_NAMES, problems)
  settings.groups = integer(metrics, 'groups', '$.metrics', 1, MOST_NAMES, DEFAULT_NAMES, problems)
  settings.series = integer(metrics, 'series', '$.metrics', 1, MOST_SERIES, DEFAULT_SERIES, problems)
  const labels = texts(metrics, 'labels', '$.metrics', false, problems)
  if (labels === null) return
  settings.labels = 0
  for (let i = 0; i < labels.length; i++) {
    if (labels[i].length == 0) continue
    const label = LABELS.indexOf(labels[i])
    if (label == 0) settings.labels |= OP_BIT
    else if (label == 1) settings.labels |= TOPIC_BIT
    else if (label == 2) settings.labels |= GROUP_BIT
    else if (label == 3) settings.labels |= CODE_BIT
    else problems.add(indexPath('$.metrics.labels', i), '"' + labels[i] + '" is none of ' + LABELS.join(', '))
  }
}
