// Small readers of JSON values. Each reports what it does not like and answers something harmless, so that one pass finds
// every problem.
import { durationMs } from './duration'
import { JSON_ARRAY, JSON_BOOLEAN, JSON_NUMBER, JSON_OBJECT, JSON_STRING, Json } from './json'
import { Problems, indexPath, keyPath } from './problems'

/** False (and a problem) when the value is of another kind. Absent values are not this function's business. */
export function isKind(value: Json, kind: u32, path: string, problems: Problems): bool {
  if (value.kind == kind) return true
  problems.add(path, 'expected ' + new Json(kind).kindName + ', got ' + value.kindName)
  return false
}

/** Refuses every key that is not in `known`: to ignore one would let somebody believe in a rule that nobody enforces. */
export function checkKeys(object: Json, path: string, known: StaticArray<string>, problems: Problems): void {
  for (let i = 0; i < object.keys.length; i++) {
    const key = object.keys[i]
    if (!known.includes(key)) problems.add(keyPath(path, key), 'unknown key')
  }
}

export function text(object: Json, key: string, path: string, problems: Problems): string | null {
  const value = object.get(key)
  if (value === null || !isKind(value, JSON_STRING, keyPath(path, key), problems)) return null
  if (value.text.length == 0) {
    problems.add(keyPath(path, key), 'must not be empty')
    return null
  }
  return value.text
}

export function requiredText(object: Json, key: string, path: string, problems: Problems): string | null {
  if (object.get(key) === null) problems.add(keyPath(path, key), 'missing')
  return text(object, key, path, problems)
}

/** Index of the value in `values`, or `fallback` when the key is absent. */
export function choice(object: Json, key: string, path: string, values: StaticArray<string>, fallback: i32, problems: Problems): i32 {
  const given = text(object, key, path, problems)
  if (given === null) return fallback
  const at = values.indexOf(given)
  if (at < 0) {
    problems.add(keyPath(path, key), '"' + given + '" is none of ' + values.join(', '))
    return fallback
  }
  return at
}

export function integer(object: Json, key: string, path: string, least: f64, most: f64, fallback: u32, problems: Problems): u32 {
  const value = object.get(key)
  if (value === null) return fallback
  const at = keyPath(path, key)
  if (!isKind(value, JSON_NUMBER, at, problems)) return fallback
  if (value.number != Math.floor(value.number) || value.number < least || value.number > most) {
    problems.add(at, 'expected a whole number from ' + (<i64>least).toString() + ' to ' + (<i64>most).toString())
    return fallback
  }
  return <u32>value.number
}

export function duration(object: Json, key: string, path: string, least: f64, most: f64, fallback: u32, problems: Problems): u32 {
  const given = text(object, key, path, problems)
  if (given === null) return fallback
  const ms = durationMs(given)
  if (ms < 0) {
    problems.add(keyPath(path, key), '"' + given + '" is no duration such as "500ms" or "2s"')
    return fallback
  }
  if (ms < least || ms > most) {
    problems.add(keyPath(path, key), 'expected a duration from ' + (<i64>least).toString() + 'ms to ' + (<i64>most).toString() + 'ms')
    return fallback
  }
  return <u32>ms
}

/** 1 or 0, or `fallback` when the key is absent. */
export function flag(object: Json, key: string, path: string, fallback: u32, problems: Problems): u32 {
  const value = object.get(key)
  if (value === null || !isKind(value, JSON_BOOLEAN, keyPath(path, key), problems)) return fallback
  return value.number != 0 ? 1 : 0
}

/** The object under `key`, or null when it is absent or something else. */
export function object(parent: Json, key: string, path: string, problems: Problems): Json | null {
  const value = parent.get(key)
  return value !== null && isKind(value, JSON_OBJECT, keyPath(path, key), problems) ? value : null
}

/**
 * A list of distinct non-empty strings; with `single`, one string counts as a list of one. Null when the key is absent. An item
 * that is none, or that stands there twice, is an empty string in the answer: those behind it keep their index.
 */
export function texts(parent: Json, key: string, path: string, single: bool, problems: Problems): string[] | null {
  const value = parent.get(key)
  if (value === null) return null
  const at = keyPath(path, key)
  const found: string[] = []
  if (single && value.kind == JSON_STRING) {
    if (value.text.length == 0) problems.add(at, 'must not be empty')
    else found.push(value.text)
    return found
  }
  if (value.kind != JSON_ARRAY) {
    problems.add(at, 'expected ' + (single ? 'a string or an array of strings' : 'an array of strings') + ', got ' + value.kindName)
    return found
  }
  if (value.items.length == 0) problems.add(at, 'must not be empty')
  for (let i = 0; i < value.items.length; i++) {
    const item = value.items[i]
    const itemAt = indexPath(at, i)
    let fit = ''
    if (isKind(item, JSON_STRING, itemAt, problems)) {
      if (item.text.length == 0) problems.add(itemAt, 'must not be empty')
      else if (found.includes(item.text)) problems.add(itemAt, '"' + item.text + '" stands there twice')
      else fit = item.text
    }
    found.push(fit)
  }
  return found
}

/** Names that become the value of a header. */
export function checkHeaderText(value: string, path: string, header: string, problems: Problems): void {
  let fits = value.length <= 255
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) < 33 || value.charCodeAt(i) > 126) fits = false
  if (!fits) problems.add(path, 'expected 1 to 255 printable ASCII characters without spaces: the name becomes the header ' + header)
}
