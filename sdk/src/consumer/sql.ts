import { invalidOption } from '../errors.ts'

/** A SQL filter for `subscribe`, made by {@link sql}. */
export class SqlExpression {
  readonly #expression: string

  /** @internal Use {@link sql}. */
  constructor(expression: string) {
    this.#expression = expression
  }

  toString(): string {
    return this.#expression
  }
}

/**
 * Subscribes by properties instead of by tags: `subscribe: { orders: sql("amount > 100 AND region IN ('eu', 'us')") }`.
 *
 * The server decides by the user properties of each message, its tag as `TAGS`, and its keys as `KEYS`, joined by blanks. There are `AND OR NOT`, `= <> < <= >
 * >=`, `BETWEEN … AND …`, `IN ('a', 'b')`, `IS NULL`, `CONTAINS STARTSWITH ENDSWITH 'text'`, each with `NOT`, and `TRUE FALSE`; texts stand between single
 * quotes. Properties are texts, read as numbers beside numbers. A message without a property that decides is not delivered; `IS NULL` asks for it. What is
 * not delivered counts as consumed, so all consumers of a group should ask for the same.
 *
 * The text goes to the server as it is: put no input of strangers into it. What the server cannot read fails with ILLEGAL_FILTER_EXPRESSION when messages
 * are asked for; a FeatherMQ broker says where it is wrong.
 *
 * @throws {FeatherMQError} INVALID_OPTION for what is no text, or blank
 */
export function sql(expression: string): SqlExpression {
  if (typeof expression !== 'string' || expression.trim() === '') throw invalidOption('sql()', expression, "a condition, e.g. 'amount > 100'")
  return new SqlExpression(expression)
}
