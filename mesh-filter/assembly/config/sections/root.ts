// What stands at the root: $schema, version, name, mode, direction, opaque, filterState.
import { choice, flag, isKind, requiredText, text } from '../checks'
import { Draft, checkPlainName } from '../draft'
import { JSON_NUMBER } from '../json'

const MODES: StaticArray<string> = ['observe', 'route']
const DIRECTIONS: StaticArray<string> = ['outbound', 'inbound', 'gateway']
export const DENY_OR_DEFAULT: StaticArray<string> = ['default', 'deny']

export function readRootValues(draft: Draft): void {
  const root = draft.root
  const problems = draft.problems
  const settings = draft.settings
  text(root, '$schema', '$', problems)
  const version = root.get('version')
  if (version === null) problems.add('$.version', 'missing')
  else if (isKind(version, JSON_NUMBER, '$.version', problems) && version.number != 1) problems.add('$.version', 'expected 1, the version that this build reads')
  // It becomes part of the VM's id and of texts.
  const name = requiredText(root, 'name', '$', problems)
  if (name !== null) checkPlainName(name, '$.name', problems)
  if (root.get('mode') === null) problems.add('$.mode', 'missing')
  settings.routing = choice(root, 'mode', '$', MODES, 0, problems)
  settings.outbound = choice(root, 'direction', '$', DIRECTIONS, 0, problems) == 0 ? 1 : 0
  settings.denyOpaque = choice(root, 'opaque', '$', DENY_OR_DEFAULT, 1, problems)
  settings.filterState = flag(root, 'filterState', '$', 1, problems)
}
