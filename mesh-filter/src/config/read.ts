import { isMap, isScalar, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import { type ConfigProblem, type JsonSteps, jsonPath } from './problem.ts'
import { type Validation, validateConfig } from './validate.ts'

/** A {@link ConfigProblem} and the place in the text it comes from, counted from 1. */
export interface LocatedProblem extends ConfigProblem {
  readonly line: number
  readonly column: number
}

/** What {@link readConfig} found. */
export type Reading = Extract<Validation, { ok: true }> | { readonly ok: false; readonly problems: readonly LocatedProblem[] }

/**
 * Parses and checks the text of a configuration file. The text is JSON in the strict sense, because the filter reads it itself;
 * a key that stands twice in one object is refused as well, since JSON readers differ in which one they believe.
 */
export function readConfig(text: string): Reading {
  const lines = new LineCounter()
  // JSON is a subset of YAML, and this parser knows where each value stands.
  const document = parseDocument(text, { lineCounter: lines, schema: 'json', uniqueKeys: true, prettyErrors: false, logLevel: 'silent' })
  const located = (problem: ConfigProblem, offset: number): LocatedProblem => {
    const { line, col } = lines.linePos(offset)
    return { ...problem, line: Math.max(line, 1), column: Math.max(col, 1) }
  }

  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const offset = Number(/ position (\d+)/.exec(message)?.[1] ?? text.length)
    return { ok: false, problems: [located({ path: '$', message: `not JSON: ${message.replace(/ (in JSON )?at position.*$/s, '')}` }, offset)] }
  }
  const repeated = document.errors.filter((error) => error.code === 'DUPLICATE_KEY')
  if (repeated.length > 0) {
    return { ok: false, problems: repeated.map((error) => located({ path: '$', message: 'this key stands twice in one object' }, error.pos[0])) }
  }

  const validation = validateConfig(json)
  if (validation.ok) return validation
  const places = document.contents === null ? new Map<string, number>() : placesOf(document.contents)
  return {
    ok: false,
    problems: validation.problems
      .map((problem) => located(problem, placeOf(problem.path, places)))
      .toSorted((a, b) => a.line - b.line || a.column - b.column),
  }
}

/** Offset of every value, by JSON path; of a member of an object, that of its key. */
function placesOf(root: ParsedNode): Map<string, number> {
  const places = new Map<string, number>([['$', root.range[0]]])
  const walk = (node: ParsedNode | null, steps: JsonSteps): void => {
    if (isMap(node)) {
      for (const pair of node.items) {
        if (!isScalar(pair.key)) continue
        const inner = [...steps, String(pair.key.value)]
        places.set(jsonPath(inner), pair.key.range?.[0] ?? 0)
        walk(pair.value, inner)
      }
    } else if (node !== null && 'items' in node) {
      for (const [index, item] of node.items.entries()) {
        if (!('range' in item)) continue
        places.set(jsonPath([...steps, index]), item.range[0])
        walk(item, [...steps, index])
      }
    }
  }
  walk(root, [])
  return places
}

/** What is missing has no place of its own: the object that lacks it has. */
function placeOf(path: string, places: ReadonlyMap<string, number>): number {
  let prefix = path
  while (prefix !== '') {
    const place = places.get(prefix)
    if (place !== undefined) return place
    prefix = prefix.replace(/(\.[^.[\]]*|\[[^[\]]*\]|.)$/, '')
  }
  return 0
}
