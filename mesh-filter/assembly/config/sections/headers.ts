import { OP_BIT } from '../settings'
import { checkKeys, flag, object, texts } from '../checks'
import { Draft } from '../draft'
import { LANE_BIT } from '../../protocol/facts'
import { indexPath } from '../problems'
import { NO_LANES } from '../when'

const KEYS: StaticArray<string> = ['facts', 'responseCode', 'route']
/** In the order of the fact numbers; the names as they stand behind `x-fmq-`. */
const FACTS: StaticArray<string> = ['topic', 'group', 'tag', 'message-group', 'broker']
const LANE_NAME = 'lane'

export function readHeaders(draft: Draft): void {
  const settings = draft.settings
  settings.routeHeader = 1
  const headers = object(draft.root, 'headers', '$', draft.problems)
  if (headers === null) return
  checkKeys(headers, '$.headers', KEYS, draft.problems)
  settings.responseCode = flag(headers, 'responseCode', '$.headers', 0, draft.problems)
  settings.routeHeader = flag(headers, 'route', '$.headers', 1, draft.problems)
  const facts = texts(headers, 'facts', '$.headers', false, draft.problems)
  if (facts === null) return
  for (let i = 0; i < facts.length; i++) {
    if (facts[i].length == 0) continue
    const fact = FACTS.indexOf(facts[i])
    if (facts[i] == 'op') settings.headers |= OP_BIT
    else if (fact >= 0) settings.headers |= 1 << fact
    else if (facts[i] == LANE_NAME) {
      settings.headers |= LANE_BIT
      if (draft.root.get('lanes') === null) draft.add(indexPath('$.headers.facts', i), NO_LANES)
    } else draft.add(indexPath('$.headers.facts', i), '"' + facts[i] + '" is none of op, ' + FACTS.join(', ') + ', ' + LANE_NAME)
  }
}
