import { checkKeys, object, requiredText, texts } from '../checks'
import { Draft } from '../draft'
import { indexPath } from '../problems'

const KEYS: StaticArray<string> = ['cluster', 'mirror']

/** Routing by path and mirroring are Envoy's; the filter only makes sure that no cluster is named by mistake. */
export function readClientCalls(draft: Draft): void {
  const calls = object(draft.root, 'clientCalls', '$', draft.problems)
  if (calls === null) return
  checkKeys(calls, '$.clientCalls', KEYS, draft.problems)
  const cluster = requiredText(calls, 'cluster', '$.clientCalls', draft.problems)
  if (cluster !== null) draft.checkCluster(cluster, '$.clientCalls.cluster')
  const mirror = texts(calls, 'mirror', '$.clientCalls', false, draft.problems)
  if (mirror === null) return
  for (let i = 0; i < mirror.length; i++) {
    if (mirror[i].length == 0) continue
    const path = indexPath('$.clientCalls.mirror', i)
    draft.checkCluster(mirror[i], path)
    if (cluster !== null && mirror[i] == cluster) draft.add(path, '"' + cluster + '" is $.clientCalls.cluster itself: it would get every call twice')
  }
}
