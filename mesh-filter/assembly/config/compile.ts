// From the JSON configuration to Settings. The keys and values are those of the configuration model that the generators and
// the schema share; what this build cannot do is refused with its path.
import { isKind } from './checks'
import { Draft } from './draft'
import { JSON_OBJECT, parseJson } from './json'
import { Problems } from './problems'
import { readSections } from './sections/index'
import { Settings, newSettings, releaseSettings } from './settings'

/** Null, with the reasons in `problems`, when the configuration is refused. */
export function compileSettings(at: usize, length: usize, problems: Problems): Settings | null {
  const parsed = parseJson(at, length)
  const root = parsed.value
  if (root === null) {
    problems.add('$', parsed.error)
    return null
  }
  if (!isKind(root, JSON_OBJECT, '$', problems)) return null
  const settings = newSettings()
  readSections(new Draft(root, settings, problems))
  if (!problems.any) return settings
  releaseSettings(settings)
  return null
}
