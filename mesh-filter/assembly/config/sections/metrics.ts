import { HISTOGRAM_COUNT, HISTOGRAM_NAMES, Histograms } from '../../metrics/histograms'
import { GROUP_BIT, TOPIC_BIT } from '../../protocol/facts'
import { checkKeys, integer, object, texts } from '../checks'
import { Draft } from '../draft'
import { Json } from '../json'
import { Problems, indexPath } from '../problems'
import { CODE_BIT, OP_BIT } from '../settings'

const KEYS: StaticArray<string> = ['labels', 'topics', 'groups', 'series', 'histograms']
const HISTOGRAMS_KEYS: StaticArray<string> = ['names', 'by', 'series']
const DEFAULT_HISTOGRAM_SERIES: u32 = 100
const MOST_HISTOGRAM_SERIES: f64 = 1000
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
  checkKeys(metrics, '$.metrics', KEYS, problems)
  settings.topics = integer(metrics, 'topics', '$.metrics', 1, MOST_NAMES, DEFAULT_NAMES, problems)
  settings.groups = integer(metrics, 'groups', '$.metrics', 1, MOST_NAMES, DEFAULT_NAMES, problems)
  settings.series = integer(metrics, 'series', '$.metrics', 1, MOST_SERIES, DEFAULT_SERIES, problems)
  const labels = texts(metrics, 'labels', '$.metrics', false, problems)
  if (labels !== null) settings.labels = readLabels(labels, '$.metrics.labels', 4, problems)
  readHistograms(draft, metrics)
}

/** `count`: how many of the labels there are here. */
function readLabels(labels: string[], path: string, count: i32, problems: Problems): u32 {
  const bits: StaticArray<u32> = [OP_BIT, TOPIC_BIT, GROUP_BIT, CODE_BIT]
  const known = LABELS.slice<StaticArray<string>>(0, count)
  let found: u32 = 0
  for (let i = 0; i < labels.length; i++) {
    if (labels[i].length == 0) continue
    const label = known.indexOf(labels[i])
    if (label >= 0) found |= bits[label]
    else problems.add(indexPath(path, i), '"' + labels[i] + '" is none of ' + known.join(', '))
  }
  return found
}

function readHistograms(draft: Draft, metrics: Json): void {
  const problems = draft.problems
  const path = '$.metrics.histograms'
  const json = object(metrics, 'histograms', '$.metrics', problems)
  if (json === null) return
  checkKeys(json, path, HISTOGRAMS_KEYS, problems)
  const histograms = changetype<Histograms>(draft.alloc(offsetof<Histograms>()))
  draft.settings.histograms = changetype<usize>(histograms)
  histograms.series = integer(json, 'series', path, HISTOGRAM_COUNT, MOST_HISTOGRAM_SERIES, DEFAULT_HISTOGRAM_SERIES, problems)
  const by = texts(json, 'by', path, false, problems)
  histograms.by = by === null ? TOPIC_BIT : readLabels(by, path + '.by', 3, problems)
  const names = texts(json, 'names', path, false, problems)
  if (names === null) {
    histograms.names = (1 << HISTOGRAM_COUNT) - 1
    return
  }
  for (let i = 0; i < names.length; i++) {
    if (names[i].length == 0) continue
    const at = HISTOGRAM_NAMES.indexOf(names[i])
    if (at >= 0) histograms.names |= 1 << at
    else problems.add(indexPath(path + '.names', i), '"' + names[i] + '" is none of ' + HISTOGRAM_NAMES.join(', '))
  }
}
