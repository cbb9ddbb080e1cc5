import { sqlError } from './filter-error.ts'
import { negative, order } from './sql-number.ts'
import type { SqlNode, SqlNumber } from './sql-tree.ts'

/** What a part of an expression yields. A property is a text that is read as what it is compared with. */
export type SqlKind = 'condition' | 'number' | 'text' | 'property' | 'null'

export function kindOf(node: SqlNode): SqlKind {
  switch (node.kind) {
    case 'property':
    case 'text':
    case 'null':
    case 'number':
      return node.kind
    case 'sign':
      return 'number'
    default:
      return 'condition'
  }
}

/** The number that a part is without any message; undefined when it depends on one, or is none. */
export function constantOf(node: SqlNode): SqlNumber | undefined {
  if (node.kind === 'number') return node.value
  if (node.kind !== 'sign') return undefined
  const value = constantOf(node.operand)
  return value === undefined || node.sign === '+' ? value : negative(value)
}

/**
 * Checks that an expression makes sense: it is a condition as a whole, and each part has operands that it can work with. A bare property is a condition,
 * and so is NULL, which is never met.
 * @throws {FilterError} with the position
 */
export function checkSql(text: string, tree: SqlNode): void {
  const fail = (node: SqlNode, expected: string): never => {
    throw sqlError(text, node.at, `expected ${expected}, found ${nounOf(node)}`)
  }
  const condition = (node: SqlNode, where: string): void => {
    const kind = kindOf(node)
    if (kind === 'number' || kind === 'text') fail(node, `a condition ${where}`)
    check(node)
  }
  const number = (node: SqlNode, where: string): void => {
    const kind = kindOf(node)
    if (kind !== 'number' && kind !== 'property') fail(node, `a number or a property ${where}`)
    check(node)
  }
  const equality = (left: SqlNode, right: SqlNode): void => {
    for (const side of [left, right]) {
      if (side.kind === 'null') throw sqlError(text, side.at, 'nothing is equal to NULL, nor unequal: write IS NULL or IS NOT NULL')
      check(side)
    }
    const [one, other] = [kindOf(left), kindOf(right)]
    if (one !== other && one !== 'property' && other !== 'property') {
      throw sqlError(text, right.at, `${nounOf(left)} is compared with ${nounOf(right)}, so that they are never equal`)
    }
  }
  const check = (node: SqlNode): void => {
    switch (node.kind) {
      case 'or':
      case 'and':
        for (const term of node.terms) condition(term, `beside ${node.kind.toUpperCase()}`)
        break
      case 'not':
        condition(node.operand, 'after NOT')
        break
      case 'compare':
        if (node.operator === '=' || node.operator === '<>') equality(node.left, node.right)
        else for (const side of [node.left, node.right]) number(side, `beside "${node.operator}", which compares numbers`)
        break
      case 'between': {
        for (const operand of [node.value, node.low, node.high]) number(operand, 'for BETWEEN, which compares numbers')
        const [low, high] = [constantOf(node.low), constantOf(node.high)]
        if (low !== undefined && high !== undefined && order(low, high) > 0) {
          throw sqlError(text, node.low.at, `nothing is between ${low} and ${high}: the lower bound comes first`)
        }
        break
      }
      case 'in':
        if (node.value.kind !== 'property') fail(node.value, 'a property before IN')
        break
      case 'match':
        if (node.value.kind !== 'property') fail(node.value, `a property before ${node.how}`)
        if (node.part === '') throw sqlError(text, node.at, `${node.how} is given an empty text, which a stock server never matches`)
        break
      case 'is-null':
        check(node.operand)
        break
      case 'sign':
        number(node.operand, `after "${node.sign}"`)
        break
      default:
    }
  }
  condition(tree, 'as the whole expression')
}

function nounOf(node: SqlNode): string {
  switch (node.kind) {
    case 'text':
      return 'a text'
    case 'number':
    case 'sign':
      return 'a number'
    case 'property':
      return 'a property'
    case 'null':
      return 'NULL'
    case 'boolean':
      return node.value ? 'TRUE' : 'FALSE'
    default:
      return 'a condition'
  }
}
