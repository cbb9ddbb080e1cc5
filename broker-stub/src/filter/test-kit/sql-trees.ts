import fc from 'fast-check'
import type { Comparison, SqlNode, TextMatch } from '../sql-tree.ts'

export const NAMES = ['a', 'b', '$x_1', 'Betweens', 'TAGS', 'KEYS'] as const
/** Values of properties, and texts of expressions: some are numbers, some are conditions, some equal each other only as numbers. */
export const TEXTS = [
  '',
  '1',
  '1.0',
  '2.5',
  '-3',
  '007',
  'true',
  'FALSE',
  'paid',
  "it's",
  'pa',
  ' 1',
  '1e1',
  '9007199254740992',
  '9007199254740993',
  'ä👍',
] as const

const at = 0
const name = fc.constantFrom(...NAMES)
const text = fc.constantFrom(...TEXTS)
const part = text.filter((each) => each !== '')
const property: fc.Arbitrary<SqlNode> = name.map((each) => ({ kind: 'property', name: each, at }))
const textNode: fc.Arbitrary<SqlNode> = text.map((value) => ({ kind: 'text', value, at }))
const wholeOrFloat = fc.oneof(
  fc.constantFrom(0, 1, 2.5, 3, 10, 2 ** 53, 2n ** 53n + 1n, 2n ** 63n, 5e-324, 1.5e300),
  fc.double({ min: 0, max: 1e18, noNaN: true }),
)
const number: fc.Arbitrary<SqlNode> = wholeOrFloat.map((value) => ({ kind: 'number', value: normal(value), at }))
const boolean: fc.Arbitrary<SqlNode> = fc.boolean().map((value) => ({ kind: 'boolean', value, at }))

/** As the lexer reads what is printed: whole numbers of plain digits beyond 2^53 are bigints. */
function normal(value: number | bigint): number | bigint {
  if (typeof value === 'bigint' || Number.isSafeInteger(value) || !/^\d+$/.test(String(value))) return Object.is(value, -0) ? 0 : value
  return BigInt(String(value))
}

/** Trees that make sense, see `checkSql`. */
export const conditions: fc.Arbitrary<SqlNode> = fc.letrec<{ condition: SqlNode; number: SqlNode }>((tie) => {
  const condition = tie('condition')
  const numeric = fc.oneof({ weight: 3, arbitrary: property }, { weight: 2, arbitrary: number }, tie('number'))
  const terms = fc.array(condition, { minLength: 2, maxLength: 4 })
  const equality = fc.constantFrom<Comparison>('=', '<>')
  const pairs = fc.oneof(
    fc.tuple(fc.oneof(property, textNode), fc.oneof(property, textNode)),
    fc.tuple(numeric, numeric),
    fc.tuple(fc.oneof(property, condition), condition),
    fc.tuple(condition, property),
  )
  return {
    number: fc
      .tuple(fc.constantFrom<'+' | '-'>('+', '-'), fc.oneof({ depthSize: 'small' }, property, number, tie('number')))
      .map(([sign, operand]): SqlNode => ({ kind: 'sign', sign, operand, at })),
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      property,
      boolean,
      fc.constant<SqlNode>({ kind: 'null', at }),
      fc
        .tuple(fc.constantFrom<Comparison>('=', '<>', '<', '<=', '>', '>='), numeric, numeric)
        .map(([operator, left, right]): SqlNode => ({ kind: 'compare', operator, left, right, at })),
      fc
        .tuple(equality, pairs)
        .filter(([, [left, right]]) => left.kind !== 'null' && right.kind !== 'null')
        .map(([operator, [left, right]]): SqlNode => ({ kind: 'compare', operator, left, right, at })),
      fc
        .tuple(fc.boolean(), numeric, property, fc.oneof(number, property))
        .map(([negated, value, low, high]): SqlNode => ({ kind: 'between', negated, value, low, high, at })),
      fc
        .tuple(fc.boolean(), property, fc.array(text, { minLength: 1, maxLength: 4 }))
        .map(([negated, value, options]): SqlNode => ({ kind: 'in', negated, value, options, at })),
      fc
        .tuple(fc.boolean(), fc.constantFrom<TextMatch>('CONTAINS', 'STARTSWITH', 'ENDSWITH'), property, part)
        .map(([negated, how, value, given]): SqlNode => ({ kind: 'match', negated, how, value, part: given, at })),
      fc
        .tuple(fc.boolean(), fc.oneof(property, numeric, textNode, condition))
        .map(([negated, operand]): SqlNode => ({ kind: 'is-null', negated, operand, at })),
      condition.map((operand): SqlNode => ({ kind: 'not', operand, at })),
      terms.map((each): SqlNode => ({ kind: 'and', terms: each, at })),
      terms.map((each): SqlNode => ({ kind: 'or', terms: each, at })),
    ),
  }
}).condition

/** How tightly a part binds, by the productions of the grammar. */
function levelOf(node: SqlNode): number {
  switch (node.kind) {
    case 'or':
      return 0
    case 'and':
      return 1
    case 'not':
      return 2
    case 'is-null':
      return 3
    case 'compare':
      return node.operator === '=' || node.operator === '<>' ? 3 : 4
    case 'between':
    case 'in':
    case 'match':
      return 4
    case 'sign':
      return 5
    default:
      return 6
  }
}

const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`
const not = (negated: boolean): string[] => (negated ? ['NOT'] : [])

/** The words of an expression, with parentheses only where they are needed. */
export function wordsOf(node: SqlNode, level = 0): string[] {
  return levelOf(node) < level ? ['(', ...bare(node), ')'] : bare(node)
}

function bare(node: SqlNode): string[] {
  switch (node.kind) {
    case 'or':
    case 'and':
      return node.terms.flatMap((term, index) => [...(index === 0 ? [] : [node.kind.toUpperCase()]), ...wordsOf(term, levelOf(node) + 1)])
    case 'not':
      return ['NOT', ...wordsOf(node.operand, 2)]
    case 'compare':
      return [...wordsOf(node.left, levelOf(node) + 1), node.operator, ...wordsOf(node.right, levelOf(node) + 1)]
    case 'between':
      return [...wordsOf(node.value, 5), ...not(node.negated), 'BETWEEN', ...wordsOf(node.low, 5), 'AND', ...wordsOf(node.high, 5)]
    case 'in':
      return [...wordsOf(node.value, 5), ...not(node.negated), 'IN', '(', ...node.options.flatMap((each) => [',', quoted(each)]).slice(1), ')']
    case 'match':
      return [...wordsOf(node.value, 5), ...not(node.negated), node.how, quoted(node.part)]
    case 'is-null':
      return [...wordsOf(node.operand, 4), 'IS', ...not(node.negated), 'NULL']
    case 'sign':
      return [node.sign, ...wordsOf(node.operand, 5)]
    case 'property':
      return [node.name]
    case 'text':
      return [quoted(node.value)]
    case 'number':
      return [String(node.value)]
    case 'boolean':
      return [node.value ? 'TRUE' : 'FALSE']
    case 'null':
      return ['NULL']
  }
}

/** The same tree with every part at the beginning. */
export function withoutPlaces(node: SqlNode): SqlNode {
  switch (node.kind) {
    case 'or':
    case 'and':
      return { ...node, terms: node.terms.map(withoutPlaces), at }
    case 'not':
    case 'sign':
    case 'is-null':
      return { ...node, operand: withoutPlaces(node.operand), at }
    case 'compare':
      return { ...node, left: withoutPlaces(node.left), right: withoutPlaces(node.right), at }
    case 'between':
      return { ...node, value: withoutPlaces(node.value), low: withoutPlaces(node.low), high: withoutPlaces(node.high), at }
    case 'in':
    case 'match':
      return { ...node, value: withoutPlaces(node.value), at }
    default:
      return { ...node, at }
  }
}
