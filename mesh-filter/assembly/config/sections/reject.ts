// Section `reject`: how a refusal reaches the client. Its cluster is Envoy's matter: the generator makes it and its listener.
import { Bytes } from '../../abi/text'
import { checkHeaderText, checkKeys, choice, flag, object, text } from '../checks'
import { Json } from '../json'
import { Problems } from '../problems'
import { Settings, settingsText } from '../settings'

const KEYS: StaticArray<string> = ['style', 'cluster', 'explain']
const CLUSTER = 'fmq_reject'
const STYLES: StaticArray<string> = ['plain', 'native']

/** Without the section refusals are plain, because nothing says that there is a listener for others. */
export function readReject(root: Json, allowed: string[], settings: Settings, problems: Problems): void {
  settings.explain = 1
  const reject = object(root, 'reject', '$', problems)
  if (reject === null) return
  checkKeys(reject, '$.reject', KEYS, problems)
  const native = choice(reject, 'style', '$.reject', STYLES, 1, problems)
  const cluster = text(reject, 'cluster', '$.reject', problems)
  if (cluster !== null) {
    checkHeaderText(cluster, '$.reject.cluster', 'x-fmq-cluster', problems)
    if (allowed.includes(cluster)) problems.add('$.reject.cluster', '"' + cluster + '" is a cluster of $.clusters.allow; the generator makes one for refused calls alone')
  }
  settings.explain = flag(reject, 'explain', '$.reject', 1, problems)
  if (native != 0) settingsText(settings, cluster === null ? CLUSTER : cluster, changetype<Bytes>(changetype<usize>(settings) + offsetof<Settings>('rejectAt')))
  // A call that is not held has left when it is refused, and its answer can no longer come from elsewhere.
  if (native != 0 && settings.routing == 0 && root.get('mode') !== null) {
    problems.add('$.reject.style', 'native needs mode "route": in mode "observe" no call is held')
  }
}
