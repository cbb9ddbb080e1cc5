/** Where in an expression something is wrong. */
export interface Position {
  /** UTF-16 code units before it. */
  readonly offset: number
  /** 1 for the first. */
  readonly line: number
  /** In characters, 1 for the first. */
  readonly column: number
}

/** Why an expression makes no filter. The message is a sentence for whoever wrote the expression, and of bounded length. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  /** undefined: the expression as a whole. */
  readonly position: Position | undefined

  constructor(message: string, position?: Position) {
    super(message)
    this.position = position
  }
}

/** An error at a place of a SQL expression. */
export function sqlError(text: string, offset: number, what: string): FilterError {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  const position = { offset, line: before.split('\n').length, column: [...before.slice(lineStart)].length + 1 }
  return new FilterError(`the SQL filter is wrong at line ${position.line}, column ${position.column}: ${what}`, position)
}
