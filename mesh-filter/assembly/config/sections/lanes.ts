// `lanes`: groups and messages of one lane keep to themselves.
import { Bytes } from '../../abi/text'
import { FROM_BAGGAGE, FROM_HEADER, FROM_NODE, LaneSource, Lanes } from '../../rewrite/lanes'
import { checkKeys, object, requiredText, text, texts } from '../checks'
import { Draft, checkPlainName } from '../draft'
import { Json } from '../json'
import { indexPath } from '../problems'
import { patternList } from '../when'

const KEYS: StaticArray<string> = ['base', 'from', 'property', 'groups', 'filter', 'topics']
const GROUPS_KEYS: StaticArray<string> = ['suffix']
const HOLE = '{lane}'

export function readLanes(draft: Draft): void {
  const json = object(draft.root, 'lanes', '$', draft.problems)
  if (json === null) return
  const path = '$.lanes'
  checkKeys(json, path, KEYS, draft.problems)
  const lanes = changetype<Lanes>(draft.alloc(offsetof<Lanes>()))
  draft.settings.lanes = changetype<usize>(lanes)
  const base = text(json, 'base', path, draft.problems)
  lanes.base = keep(draft, base === null ? 'base' : base)
  checkName(draft, base, '$.lanes.base')
  readSources(draft, json, lanes)
  const property = text(json, 'property', path, draft.problems)
  lanes.property = keep(draft, property === null ? 'fmq_lane' : property)
  checkProperty(draft, property)
  readSuffix(draft, json, lanes)
  readFilter(draft, json)
  const topics = texts(json, 'topics', path, true, draft.problems)
  if (topics !== null) lanes.topics = patternList(draft, topics)
}

function keep(draft: Draft, value: string): Bytes {
  const bytes = draft.alloc(offsetof<Bytes>())
  draft.keep(value, bytes)
  return changetype<Bytes>(bytes)
}

function isWord(c: i32): bool {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c == 95
}

function checkName(draft: Draft, name: string | null, path: string): void {
  if (name === null) return
  let fits = name.length <= 64
  for (let i = 0; i < name.length; i++) if (!isWord(name.charCodeAt(i)) && name.charCodeAt(i) != 45) fits = false
  if (!fits) draft.add(path, 'expected 1 to 64 letters, digits, dashes and underscores')
}

/** The broker's SQL has no other names, and no way to quote one. */
function checkProperty(draft: Draft, name: string | null): void {
  if (name === null) return
  let fits = name.length <= 64
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i)
    if (!isWord(c) && c != 36) fits = false
    if (i == 0 && c >= 48 && c <= 57) fits = false
  }
  if (!fits) draft.add('$.lanes.property', 'expected 1 to 64 letters, digits, "_" and "$", no digit first: the broker\'s SQL filter reads it as a name')
}

function readSources(draft: Draft, json: Json, lanes: Lanes): void {
  if (json.get('from') === null) draft.add('$.lanes.from', 'missing')
  const from = texts(json, 'from', '$.lanes', false, draft.problems)
  if (from === null) return
  lanes.sourceCount = from.length
  lanes.sources = draft.alloc(<usize>from.length * offsetof<LaneSource>())
  for (let i = 0; i < from.length; i++) {
    if (from[i].length == 0) continue
    const source = changetype<LaneSource>(lanes.sources + <usize>i * offsetof<LaneSource>())
    const colon = from[i].indexOf(':')
    const kind = colon < 0 ? from[i] : from[i].substring(0, colon)
    const name = colon < 0 ? '' : from[i].substring(colon + 1)
    if (kind == 'header') source.kind = FROM_HEADER
    else if (kind == 'baggage') source.kind = FROM_BAGGAGE
    else if (kind == 'node') source.kind = FROM_NODE
    else {
      draft.add(indexPath('$.lanes.from', i), '"' + from[i] + '" is none of header:<name>, baggage:<key>, node:<key of the node\'s metadata>')
      continue
    }
    checkPlainName(name.length == 0 ? ' ' : name, indexPath('$.lanes.from', i), draft.problems)
    if (source.kind == FROM_NODE) source.header = keep(draft, 'xds\0node\0metadata\0' + name)
    else source.header = keep(draft, source.kind == FROM_BAGGAGE ? 'baggage' : name)
    source.key = keep(draft, name)
  }
}

function readSuffix(draft: Draft, json: Json, lanes: Lanes): void {
  const groups = object(json, 'groups', '$.lanes', draft.problems)
  let suffix = '-lane-{lane}'
  if (groups !== null) {
    checkKeys(groups, '$.lanes.groups', GROUPS_KEYS, draft.problems)
    const given = requiredText(groups, 'suffix', '$.lanes.groups', draft.problems)
    if (given !== null) suffix = given
  }
  const hole = suffix.indexOf(HOLE)
  if (hole < 0) {
    draft.add('$.lanes.groups.suffix', '"' + suffix + '" lacks {lane}')
    return
  }
  const head = suffix.substring(0, hole)
  const tail = suffix.substring(hole + HOLE.length)
  let fits = suffix.length <= 64
  for (let i = 0; i < head.length; i++) if (!isGroupCharacter(head.charCodeAt(i))) fits = false
  for (let i = 0; i < tail.length; i++) if (!isGroupCharacter(tail.charCodeAt(i))) fits = false
  if (!fits) draft.add('$.lanes.groups.suffix', 'expected up to 64 letters, digits and "%|_-" around {lane}: no others may stand in a group')
  lanes.suffixHead = keep(draft, head)
  lanes.suffixTail = keep(draft, tail)
}

function isGroupCharacter(c: i32): bool {
  return isWord(c) || c == 45 || c == 37 || c == 124
}

/** Without the broker's SQL filter every lane would get the messages of all. */
function readFilter(draft: Draft, json: Json): void {
  if (json.get('filter') === null) draft.add('$.lanes.filter', 'missing')
  const given = text(json, 'filter', '$.lanes', draft.problems)
  if (given !== null && given != 'sql') draft.add('$.lanes.filter', '"' + given + '" is none of sql')
}
