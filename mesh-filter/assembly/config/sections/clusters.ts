import { Settings } from '../settings'
import { checkHeaderText, checkKeys, object, text, texts } from '../checks'
import { Draft } from '../draft'
import { indexPath } from '../problems'

const KEYS: StaticArray<string> = ['default', 'allow']

/** Before every section that names a cluster. */
export function readClusters(draft: Draft): void {
  const settings = draft.settings
  const clusters = object(draft.root, 'clusters', '$', draft.problems)
  if (clusters === null) {
    if (settings.routing != 0 && draft.root.get('clusters') === null) draft.add('$.clusters.default', 'missing')
    return
  }
  checkKeys(clusters, '$.clusters', KEYS, draft.problems)
  if (settings.routing != 0 && clusters.get('default') === null) draft.add('$.clusters.default', 'missing')
  const standard = text(clusters, 'default', '$.clusters', draft.problems)
  const allow = texts(clusters, 'allow', '$.clusters', false, draft.problems)
  if (allow === null) draft.add('$.clusters.allow', 'missing')
  else draft.allowed = allow
  const allowed = draft.allowed
  for (let i = 0; i < allowed.length; i++) if (allowed[i].length > 0) checkHeaderText(allowed[i], indexPath('$.clusters.allow', i), 'x-fmq-cluster', draft.problems)
  if (standard === null) return
  draft.checkCluster(standard, '$.clusters.default')
  draft.keep(standard, changetype<usize>(settings) + offsetof<Settings>('clusterAt'))
}
