import type { FilterExpression } from '@feathermq/protocol'
import { FilterError } from './filter-error.ts'
import type { MessageFilter } from './message-filter.ts'
import { sqlFilter } from './sql-filter.ts'
import { tagFilter } from './tag-filter.ts'

/** SQL filters kept: far more than the subscriptions of a broker usually differ in, with texts of 2 Mi characters together at most. */
const KEPT = 256

/** Makes filters of what clients ask for. A SQL expression is compiled when it is first seen, and kept until others were used more lately. */
export class Filters {
  readonly #sql = new Map<string, MessageFilter>()

  /**
   * A request without a filter is one for everything, and an expression without a type is one of tags.
   * @throws {FilterError}
   */
  of(asked: FilterExpression | undefined): MessageFilter {
    if (asked === undefined) return tagFilter('*')
    switch (asked.type) {
      case 'TAG':
      case 'FILTER_TYPE_UNSPECIFIED':
        return tagsOf(asked.expression)
      case 'SQL':
        return this.#sqlOf(asked.expression)
      default:
        throw new FilterError(`there is no filter type ${asked.type}`)
    }
  }

  #sqlOf(expression: string): MessageFilter {
    const filter = this.#sql.get(expression) ?? sqlFilter(expression)
    // A Map keeps the order of insertion: the one that was used longest ago comes first.
    this.#sql.delete(expression)
    this.#sql.set(expression, filter)
    const [oldest] = this.#sql.size > KEPT ? this.#sql.keys() : []
    if (oldest !== undefined) this.#sql.delete(oldest)
    return filter
  }
}

/** An expression of bars alone would match nothing and so consume everything (server behaviour: FilterAPI refuses it). */
function tagsOf(expression: string): MessageFilter {
  const filter = tagFilter(expression)
  if (filter.expression === '') throw new FilterError(`the filter "${expression.slice(0, 32)}" names no tag`)
  return filter
}
