// A configuration while it is being read: what every section's reader gets.
import { Bytes } from '../abi/text'
import { JSON_ARRAY, JSON_OBJECT, Json } from './json'
import { checkHeaderText, checkKeys, flag, isKind, requiredText, text } from './checks'
import { Problems, indexPath, keyPath } from './problems'
import { Rule, Rules, SECTION_ROUTES, Settings, newRule, newRules, setRule, settingsAlloc, settingsText } from './settings'

export class Draft {
  /** The clusters of `clusters.allow`. */
  allowed: string[] = []
  constructor(
    public root: Json,
    public settings: Settings,
    public problems: Problems,
  ) {}

  add(path: string, what: string): void {
    this.problems.add(path, what)
  }

  alloc(size: usize): usize {
    return settingsAlloc(this.settings, size)
  }

  /** `cell` is where a Bytes (address, length) begins. */
  keep(value: string, cell: usize): void {
    settingsText(this.settings, value, changetype<Bytes>(cell))
  }

  checkCluster(cluster: string, path: string): void {
    if (!this.allowed.includes(cluster)) this.add(path, '"' + cluster + '" is not in $.clusters.allow')
  }
}

/** 1 to 64 characters that need no quoting anywhere. */
export function checkPlainName(name: string, path: string, problems: Problems): void {
  let plain = name.length <= 64
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i)
    if (!((c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c == 45 || c == 46 || c == 95)) plain = false
  }
  if (!plain) problems.add(path, 'expected 1 to 64 letters, digits, dots, dashes and underscores')
}

/** Reads one rule beyond what all have. `json` is an object, its keys are checked. */
export type ReadRule = (draft: Draft, json: Json, path: string, rule: Rule) => void

/**
 * The list under `parent[key]`: names (unique in the section), keys, `shadow`, and whatever `read` reads; `size` is that of the
 * section's own kind of Rule. Null when it is absent or no list.
 */
export function readRules(
  draft: Draft,
  parent: Json,
  key: string,
  parentPath: string,
  section: u32,
  size: usize,
  keys: StaticArray<string>,
  read: ReadRule,
): Rules | null {
  const list = parent.get(key)
  const at = keyPath(parentPath, key)
  if (list === null || !isKind(list, JSON_ARRAY, at, draft.problems)) return null
  const count = list.items.length
  const rules = newRules(draft.settings, count)
  const names: string[] = []
  for (let i = 0; i < count; i++) {
    const path = indexPath(at, i)
    const rule = newRule(draft.settings, section, size)
    setRule(rules, i, rule)
    const json = list.items[i]
    if (!isKind(json, JSON_OBJECT, path, draft.problems)) continue
    checkKeys(json, path, keys, draft.problems)
    readName(draft, json, path, rule, names)
    if (keys.includes('shadow')) rule.shadow = flag(json, 'shadow', path, 0, draft.problems)
    read(draft, json, path, rule)
  }
  return rules
}

function readName(draft: Draft, json: Json, path: string, rule: Rule, names: string[]): void {
  const name = requiredText(json, 'name', path, draft.problems)
  if (name === null) return
  const at = keyPath(path, 'name')
  const isRoute = rule.section == SECTION_ROUTES
  if (names.includes(name)) draft.add(at, 'another ' + (isRoute ? 'route' : 'rule') + ' is named "' + name + '"')
  if (isRoute) checkHeaderText(name, at, 'x-fmq-route', draft.problems)
  else checkPlainName(name, at, draft.problems)
  names.push(name)
  draft.keep(name, changetype<usize>(rule) + offsetof<Rule>('nameAt'))
}

/** A cluster that must be allowed; kept at `cell`. */
export function cluster(draft: Draft, json: Json, key: string, path: string, cell: usize): void {
  const name = text(json, key, path, draft.problems)
  if (name === null) return
  draft.checkCluster(name, keyPath(path, key))
  draft.keep(name, cell)
}
