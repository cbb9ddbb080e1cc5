import type { MessageFilter } from './message-filter.ts'
import { MessageProperties } from './message-properties.ts'
import { checkSql, constantOf, kindOf } from './sql-checker.ts'
import { negative, numberOf, order } from './sql-number.ts'
import { parseSql } from './sql-parser.ts'
import type { Comparison, SqlNode, SqlNumber, TextMatch } from './sql-tree.ts'

/** undefined: unknown, as NULL in SQL. */
type Reads<T> = (properties: MessageProperties) => T | undefined

/**
 * Compiles a SQL filter over the user properties of a message, TAGS and KEYS.
 *
 * Properties are texts, read as what they are compared with: as a number beside a number, `<`, BETWEEN or a sign; as TRUE, which is `true` in any case, or
 * else FALSE beside a condition and where a condition stands; as text otherwise. A property that is missing, or no number where one is needed, makes what
 * depends on it unknown: neither true nor false, and NOT leaves it so (three-valued logic of SQL). A message matches when the whole is true.
 * @throws {FilterError} with the position
 */
export function sqlFilter(text: string): MessageFilter {
  const tree = parseSql(text)
  checkSql(text, tree)
  const names = new Map<string, number>()
  const condition = new Compiler(names).condition(tree)
  const properties = new MessageProperties([...names.keys()])
  return {
    // Begins with bars, as no normal form of tags does.
    expression: `||SQL: ${text.trim()}`,
    matches(message) {
      properties.select(message)
      const matched = condition(properties) === true
      properties.select(undefined)
      return matched
    },
  }
}

const COMPARISONS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

const MATCHES: Readonly<Record<TextMatch, (text: string, part: string) => boolean>> = {
  CONTAINS: (text, part) => text.includes(part),
  STARTSWITH: (text, part) => text.startsWith(part),
  ENDSWITH: (text, part) => text.endsWith(part),
}

/** Turns a checked tree into closures. */
class Compiler {
  /** User properties that the expression names, with their places. */
  readonly #names: Map<string, number>

  constructor(names: Map<string, number>) {
    this.#names = names
  }

  condition(node: SqlNode): Reads<boolean> {
    switch (node.kind) {
      case 'or':
        return joined(this.#conditions(node.terms), true)
      case 'and':
        return joined(this.#conditions(node.terms), false)
      case 'not':
        return known(this.condition(node.operand), (value) => !value)
      case 'compare':
        return this.#comparison(node.operator, node.left, node.right)
      case 'between': {
        const [value, low, high] = [this.#number(node.value), this.#number(node.low), this.#number(node.high)]
        const within = joined([compared(value, low, order, COMPARISONS['>=']), compared(value, high, order, COMPARISONS['<='])], false)
        return node.negated ? known(within, (value) => !value) : within
      }
      case 'in': {
        const options = new Set(node.options)
        const { negated } = node
        return known(this.#text(node.value), (text) => options.has(text) !== negated)
      }
      case 'match': {
        const { negated, part } = node
        const matches = MATCHES[node.how]
        return known(this.#text(node.value), (text) => matches(text, part) !== negated)
      }
      case 'is-null': {
        const { negated } = node
        const value = this.#value(node.operand)
        return (properties) => (value(properties) === undefined) !== negated
      }
      case 'property':
        return known(this.#text(node), (text) => text.toLowerCase() === 'true')
      case 'boolean':
        return () => node.value
      default:
        return () => undefined
    }
  }

  #conditions(nodes: readonly SqlNode[]): Reads<boolean>[] {
    return nodes.map((node) => this.condition(node))
  }

  #comparison(operator: Comparison, left: SqlNode, right: SqlNode): Reads<boolean> {
    const asked = COMPARISONS[operator]
    const kinds = [kindOf(left), kindOf(right)]
    if ((operator !== '=' && operator !== '<>') || kinds.includes('number')) return compared(this.#number(left), this.#number(right), order, asked)
    const equality = (one: unknown, other: unknown): number => (one === other ? 0 : 1)
    if (kinds.includes('condition')) return compared(this.condition(left), this.condition(right), equality, asked)
    return compared(this.#text(left), this.#text(right), equality, asked)
  }

  #value(node: SqlNode): Reads<unknown> {
    switch (kindOf(node)) {
      case 'number':
        return this.#number(node)
      case 'text':
      case 'property':
        return this.#text(node)
      default:
        return this.condition(node)
    }
  }

  #number(node: SqlNode): Reads<SqlNumber> {
    const constant = constantOf(node)
    if (constant !== undefined) return () => constant
    if (node.kind !== 'sign') return known(this.#text(node), numberOf)
    const value = this.#number(node.operand)
    return node.sign === '+' ? value : known(value, negative)
  }

  #text(node: SqlNode): Reads<string> {
    if (node.kind === 'text') return () => node.value
    if (node.kind !== 'property') return () => undefined
    if (node.name === 'TAGS') return (properties) => properties.tag()
    if (node.name === 'KEYS') return (properties) => properties.keys()
    const slot = this.#names.get(node.name) ?? this.#names.size
    this.#names.set(node.name, slot)
    return (properties) => properties.user(slot)
  }
}

/** Of what is unknown nothing follows. */
function known<T, U>(read: Reads<T>, use: (value: T) => U | undefined): Reads<U> {
  return (properties) => {
    const value = read(properties)
    return value === undefined ? undefined : use(value)
  }
}

function compared<T>(left: Reads<T>, right: Reads<T>, by: (left: T, right: T) => number, asked: (order: number) => boolean): Reads<boolean> {
  return (properties) => {
    const one = left(properties)
    if (one === undefined) return undefined
    const other = right(properties)
    return other === undefined ? undefined : asked(by(one, other))
  }
}

/** OR is decided by the first true, AND by the first false; what no term decides is unknown if one of them is. */
function joined(terms: readonly Reads<boolean>[], decisive: boolean): Reads<boolean> {
  return (properties) => {
    let open = false
    for (const term of terms) {
      const value = term(properties)
      if (value === decisive) return decisive
      if (value === undefined) open = true
    }
    return open ? undefined : !decisive
  }
}
