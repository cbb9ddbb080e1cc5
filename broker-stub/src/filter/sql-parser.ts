import { sqlError } from './filter-error.ts'
import { excerpt, type Keyword, Lexer, type Punctuation, type Token } from './sql-lexer.ts'
import type { Comparison, SqlNode, TextMatch } from './sql-tree.ts'

/** Longest expression, UTF-16 code units. A stock server has no limit; what an expression costs per message grows with its length. */
export const MAX_SQL_LENGTH = 8_192
/** How deep parentheses, NOTs and signs may nest: parser, checker and filter recurse that often. */
export const MAX_SQL_DEPTH = 64

const RELATIONS: ReadonlySet<Punctuation> = new Set<Punctuation>(['<', '<=', '>', '>='])
const TEXT_MATCHES: ReadonlySet<Keyword> = new Set<Keyword>(['CONTAINS', 'STARTSWITH', 'ENDSWITH'])

/**
 * Reads a SQL filter (the grammar of a stock server, SelectorParser, whose whole text must be an expression here):
 *
 *     or       = and { OR and }
 *     and      = not { AND not }
 *     not      = NOT not | equality
 *     equality = relation [ ("=" | "<>") relation | IS [NOT] NULL ]
 *     relation = signed [ ("<" | "<=" | ">" | ">=") signed | [NOT] BETWEEN signed AND signed
 *                       | [NOT] IN "(" text { "," text } ")" | [NOT] (CONTAINS | STARTSWITH | ENDSWITH) text ]
 *     signed   = ("+" | "-") signed | number | text | TRUE | FALSE | NULL | property | "(" or ")"
 *
 * NOT binds as in SQL, so that `NOT a = 1` is `NOT (a = 1)`; to a stock server it is `(NOT a) = 1`, which nothing matches.
 * @throws {FilterError} with the position
 */
export function parseSql(text: string): SqlNode {
  if (text.length > MAX_SQL_LENGTH) {
    throw sqlError(text, MAX_SQL_LENGTH, `the expression has ${text.length} characters, more than the ${MAX_SQL_LENGTH} that are taken`)
  }
  return new Parser(text).whole()
}

class Parser {
  readonly #lexer: Lexer
  #token: Token
  /** What came before {@link #token}, for messages. */
  #previous: Token | undefined
  #depth = 0

  constructor(text: string) {
    this.#lexer = new Lexer(text)
    this.#token = this.#lexer.next()
  }

  whole(): SqlNode {
    if (this.#atEnd()) throw sqlError(this.#lexer.text, 0, 'it is empty; the SQL filter that takes everything is TRUE')
    const tree = this.#or()
    if (!this.#atEnd()) throw this.#expected('AND, OR or the end')
    return tree
  }

  #or(): SqlNode {
    return this.#joined('or', 'OR', () => this.#and())
  }

  #and(): SqlNode {
    return this.#joined('and', 'AND', () => this.#not())
  }

  /** One list for all terms in a row, so that a long row is not a deep tree. */
  #joined(kind: 'or' | 'and', word: Keyword, term: () => SqlNode): SqlNode {
    const { start } = this.#token
    const terms = [term()]
    while (this.#keyword(word)) terms.push(term())
    const [first] = terms
    return terms.length === 1 && first !== undefined ? first : { kind, terms, at: start }
  }

  #not(): SqlNode {
    const { start } = this.#token
    if (!this.#keyword('NOT')) return this.#equality()
    return { kind: 'not', operand: this.#deeper(start, () => this.#not()), at: start }
  }

  #equality(): SqlNode {
    const { start: at } = this.#token
    const left = this.#relation()
    const operator = this.#symbolOf('=', '<>')
    if (operator !== undefined) return { kind: 'compare', operator, left, right: this.#relation(), at }
    if (!this.#keyword('IS')) return left
    const negated = this.#keyword('NOT')
    if (!this.#keyword('NULL')) throw this.#expected(negated ? 'NULL' : 'NULL or NOT NULL')
    return { kind: 'is-null', negated, operand: left, at }
  }

  #relation(): SqlNode {
    const { start: at } = this.#token
    const value = this.#signed()
    const token = this.#token
    if (token.kind === 'symbol' && RELATIONS.has(token.symbol)) {
      this.#advance()
      return { kind: 'compare', operator: token.symbol as Comparison, left: value, right: this.#signed(), at }
    }
    const negated = this.#keyword('NOT')
    if (this.#keyword('BETWEEN')) {
      const low = this.#signed()
      if (!this.#keyword('AND')) throw this.#expected('AND and the upper bound')
      return { kind: 'between', negated, value, low, high: this.#signed(), at }
    }
    if (this.#keyword('IN')) return { kind: 'in', negated, value, options: this.#texts(), at }
    const match = this.#token
    if (match.kind === 'keyword' && TEXT_MATCHES.has(match.word)) {
      this.#advance()
      return { kind: 'match', negated, how: match.word as TextMatch, value, part: this.#text(), at }
    }
    if (negated) throw this.#expected('BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH')
    return value
  }

  #signed(): SqlNode {
    const { start: at } = this.#token
    const sign = this.#symbolOf('+', '-')
    if (sign === undefined) return this.#primary()
    return { kind: 'sign', sign, operand: this.#deeper(at, () => this.#signed()), at }
  }

  #primary(): SqlNode {
    const token = this.#token
    const at = token.start
    switch (token.kind) {
      case 'property':
        this.#advance()
        return { kind: 'property', name: token.name, at }
      case 'text':
        this.#advance()
        return { kind: 'text', value: token.value, at }
      case 'number':
        this.#advance()
        return { kind: 'number', value: token.value, at }
      case 'keyword':
        if (this.#keyword('NULL')) return { kind: 'null', at }
        if (this.#keyword('TRUE')) return { kind: 'boolean', value: true, at }
        if (this.#keyword('FALSE')) return { kind: 'boolean', value: false, at }
        break
      case 'symbol':
        if (this.#symbolOf('(') !== undefined) {
          const inner = this.#deeper(at, () => this.#or())
          if (this.#symbolOf(')') === undefined) throw this.#expected('AND, OR or ")"')
          return inner
        }
    }
    throw this.#expected('a property, a text, a number, TRUE, FALSE, NULL or "("')
  }

  #texts(): string[] {
    if (this.#symbolOf('(') === undefined) throw this.#expected('"(" and a list of texts')
    const texts = [this.#text()]
    while (this.#symbolOf(',') !== undefined) texts.push(this.#text())
    if (this.#symbolOf(')') === undefined) throw this.#expected('"," or ")"')
    return texts
  }

  #text(): string {
    const token = this.#token
    if (token.kind !== 'text') throw this.#expected("a text between single quotes, such as 'paid'")
    this.#advance()
    return token.value
  }

  #deeper(at: number, work: () => SqlNode): SqlNode {
    if (this.#depth === MAX_SQL_DEPTH) {
      throw sqlError(this.#lexer.text, at, `parentheses, NOTs and signs nest deeper than the ${MAX_SQL_DEPTH} levels that are taken`)
    }
    this.#depth++
    const node = work()
    this.#depth--
    return node
  }

  #atEnd(): boolean {
    return this.#token.kind === 'end'
  }

  /** Takes the keyword if it is next. */
  #keyword(word: Keyword): boolean {
    if (this.#token.kind !== 'keyword' || this.#token.word !== word) return false
    this.#advance()
    return true
  }

  /** Takes one of the symbols if it is next. */
  #symbolOf<S extends Punctuation>(...symbols: readonly S[]): S | undefined {
    const token = this.#token
    if (token.kind !== 'symbol') return undefined
    const found = symbols.find((symbol) => symbol === token.symbol)
    if (found !== undefined) this.#advance()
    return found
  }

  #advance(): void {
    this.#previous = this.#token
    this.#token = this.#lexer.next()
  }

  #expected(what: string): Error {
    const { text } = this.#lexer
    const token = this.#token
    const after = this.#previous === undefined ? '' : ` after ${excerpt(text, this.#previous.start, this.#previous.end)}`
    const found = token.kind === 'end' ? 'the end' : excerpt(text, token.start, token.end)
    const hint = token.kind === 'property' && /^like$/i.test(token.name) ? '; there is no LIKE, use CONTAINS, STARTSWITH or ENDSWITH' : ''
    return sqlError(text, token.start, `expected ${what}${after}, found ${found}${hint}`)
  }
}
