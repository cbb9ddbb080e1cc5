import { sqlError } from './filter-error.ts'
import { numberOf } from './sql-number.ts'
import type { SqlNumber } from './sql-tree.ts'

const KEYWORDS = ['OR', 'AND', 'NOT', 'BETWEEN', 'IN', 'IS', 'NULL', 'TRUE', 'FALSE', 'CONTAINS', 'STARTSWITH', 'ENDSWITH'] as const
export type Keyword = (typeof KEYWORDS)[number]
const keywords: ReadonlyMap<string, Keyword> = new Map(KEYWORDS.map((keyword) => [keyword, keyword]))

const SYMBOLS = ['<>', '<=', '>=', '=', '<', '>', '(', ')', ',', '+', '-'] as const
export type Punctuation = (typeof SYMBOLS)[number]

/** {@link Token.start} and {@link Token.end} are its place in the text. */
export type Token = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'keyword'; readonly word: Keyword }
  | { readonly kind: 'symbol'; readonly symbol: Punctuation }
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: SqlNumber }
  | { readonly kind: 'end' }
)

const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/y
const NUMBER = /(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+/y
const TEXT = /'(?:[^']|'')*'/y
const BLANKS = /[ \t\n\r\f]+/y
const LINE_COMMENT = /--[^\n\r]*/y
/** What must not follow a number at once. */
const GLUED = /[A-Za-z0-9_$.]+/y
/** The largest magnitude of 64 bits; a stock server takes no larger one either. */
const LARGEST = 2n ** 63n

/** What people write that know other languages. */
const HINTS: readonly (readonly [start: string, hint: string])[] = [
  ['==', 'equality is written "="'],
  ['!=', 'inequality is written "<>"'],
  ['!', 'negation is written "NOT"'],
  ['&&', 'write "AND"'],
  ['||', 'write "OR"; tags joined by bars make a filter of type TAG'],
  ['"', 'texts stand between single quotes'],
  ['*', 'the SQL filter that takes everything is TRUE'],
]

/** Splits an expression into words, one at a time; comments and blanks are passed over. */
export class Lexer {
  readonly text: string
  #pos = 0

  constructor(text: string) {
    this.text = text
  }

  /** @throws {FilterError} */
  next(): Token {
    this.#passOver()
    const start = this.#pos
    if (start >= this.text.length) return { kind: 'end', start, end: start }
    const word = this.#take(WORD)
    if (word !== undefined) {
      const keyword = keywords.get(word.toUpperCase())
      return keyword === undefined
        ? { kind: 'property', name: word, start, end: this.#pos }
        : { kind: 'keyword', word: keyword, start, end: this.#pos }
    }
    const number = this.#take(NUMBER)
    if (number !== undefined) return this.#number(start, number)
    const text = this.#take(TEXT)
    if (text !== undefined) return { kind: 'text', value: text.slice(1, -1).replaceAll("''", "'"), start, end: this.#pos }
    return this.#symbol(start)
  }

  #symbol(start: number): Token {
    const { text } = this
    if (text[start] === "'") throw sqlError(text, start, "the text that begins here has no closing '")
    const foreign = HINTS.find(([wrong]) => text.startsWith(wrong, start))
    if (foreign !== undefined) throw sqlError(text, start, `unexpected ${JSON.stringify(foreign[0])}: ${foreign[1]}`)
    const symbol = SYMBOLS.find((each) => text.startsWith(each, start))
    if (symbol === undefined) throw sqlError(text, start, `unexpected ${excerpt(text, start, start + 1)}`)
    this.#pos += symbol.length
    return { kind: 'symbol', symbol, start, end: this.#pos }
  }

  #number(start: number, digits: string): Token {
    const whole = !/[.eE]/.test(digits)
    if (whole && /[lL]/.test(this.text[this.#pos] ?? '')) this.#pos++
    if (this.#take(GLUED) !== undefined) throw sqlError(this.text, start, `${excerpt(this.text, start, this.#pos)} is no number`)
    if (whole && /^0\d/.test(digits)) throw sqlError(this.text, start, 'a whole number does not begin with 0')
    const value = numberOf(digits)
    if (value === undefined || (whole ? value > LARGEST : value === Number.POSITIVE_INFINITY)) {
      throw sqlError(this.text, start, `the number ${excerpt(this.text, start, this.#pos)} is too large`)
    }
    return { kind: 'number', value, start, end: this.#pos }
  }

  #passOver(): void {
    for (;;) {
      if (this.#take(BLANKS) !== undefined || this.#take(LINE_COMMENT) !== undefined) continue
      if (!this.text.startsWith('/*', this.#pos)) return
      const end = this.text.indexOf('*/', this.#pos + 2)
      if (end === -1) throw sqlError(this.text, this.#pos, 'the comment that begins here has no closing */')
      this.#pos = end + 2
    }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#pos
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.#pos += found.length
    return found
  }
}

/** A part of the text for a message: quoted, of bounded length, and valid Unicode also where it cuts a character in two. */
export function excerpt(text: string, start: number, end: number): string {
  const whole = String.fromCodePoint(text.codePointAt(start) ?? 0)
  const part = end - start <= whole.length ? whole : end - start <= 32 ? text.slice(start, end) : `${text.slice(start, start + 32)}…`
  return JSON.stringify(part)
}
