import { checkKeys, choice, duration, integer, object } from '../checks'
import { Draft } from '../draft'
import { DENY_OR_DEFAULT } from './root'

const KEYS: StaticArray<string> = ['maxBytes', 'timeout', 'onExhausted', 'onFlagMissing']
const FLAG_MISSING: StaticArray<string> = ['observe', 'fail']
const DEFAULT_BYTES: u32 = 49152
const MOST_BYTES: f64 = 16777216
const DEFAULT_TIMEOUT_MS: u32 = 500

/** After the sections with rules: with any of them, a filter that cannot hold is one that does not do what it is there for. */
export function readHold(draft: Draft): void {
  const settings = draft.settings
  const problems = draft.problems
  settings.holdMaxBytes = DEFAULT_BYTES
  settings.holdTimeoutMs = DEFAULT_TIMEOUT_MS
  settings.denyExhausted = 1
  settings.failWithoutFlag = (settings.routes | settings.affinity | settings.acl | settings.policy | settings.limits | settings.lanes) != 0 ? 1 : 0
  const hold = object(draft.root, 'hold', '$', problems)
  if (hold === null) return
  checkKeys(hold, '$.hold', KEYS, problems)
  settings.holdMaxBytes = integer(hold, 'maxBytes', '$.hold', 1, MOST_BYTES, DEFAULT_BYTES, problems)
  settings.holdTimeoutMs = duration(hold, 'timeout', '$.hold', 10, 60000, DEFAULT_TIMEOUT_MS, problems)
  settings.denyExhausted = choice(hold, 'onExhausted', '$.hold', DENY_OR_DEFAULT, 1, problems)
  settings.failWithoutFlag = choice(hold, 'onFlagMissing', '$.hold', FLAG_MISSING, settings.failWithoutFlag, problems)
}
