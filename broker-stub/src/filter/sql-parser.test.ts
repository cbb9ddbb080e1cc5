import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { FilterError } from './filter-error.ts'
import { checkSql } from './sql-checker.ts'
import { sqlFilter } from './sql-filter.ts'
import { MAX_SQL_DEPTH, MAX_SQL_LENGTH, parseSql } from './sql-parser.ts'
import { conditions, withoutPlaces, wordsOf } from './test-kit/sql-trees.ts'

const parsed = (text: string) => withoutPlaces(parseSql(text))
const same = (...texts: readonly string[]): void => {
  for (const text of texts) assert.deepEqual(parsed(text), parsed(texts[0] ?? ''), text)
}

function errorOf(text: string): FilterError {
  try {
    sqlFilter(text)
  } catch (error) {
    assert.ok(error instanceof FilterError, String(error))
    return error
  }
  return assert.fail(`${text} is taken`)
}

const KEYWORD = /^(?:OR|AND|NOT|BETWEEN|IN|IS|NULL|TRUE|FALSE|CONTAINS|STARTSWITH|ENDSWITH)$/

describe('the SQL parser', () => {
  it('reads back every tree from its text, whatever stands between the words and in whatever case the keywords are', () => {
    const gap = fc.constantFrom(' ', '\n', '\t\r\f ', " /* a = 'b */ ", ' /***/ ', " -- it's a comment\n")
    fc.assert(
      fc.property(conditions, fc.infiniteStream(gap), fc.infiniteStream(fc.boolean()), (tree, gaps, cases) => {
        const text = wordsOf(tree)
          .map((word) => (KEYWORD.test(word) && cases.next().value ? word.toLowerCase() : word) + gaps.next().value)
          .join('')
        assert.deepEqual(parsed(text), tree, text)
        checkSql(text, parseSql(text))
      }),
      { numRuns: 500 },
    )
  })

  it('binds OR less than AND, AND less than NOT, NOT less than comparisons, and "=" less than "<"', () => {
    same('a OR b AND c', 'a OR (b AND c)')
    same('NOT a AND b', '(NOT a) AND b')
    same('NOT a = 1', 'NOT (a = 1)')
    same('NOT a IS NULL', 'NOT (a IS NULL)')
    same('a = b > 1', 'a = (b > 1)')
    same('a < 1 IS NULL', '(a < 1) IS NULL')
    same('a BETWEEN 1 AND 2 AND b', '(a BETWEEN 1 AND 2) AND b')
    same('-a < -1', '((-a)) < (-(1))')
  })

  it('needs blanks only where words would run together', () => {
    same("NOT(a<>1)AND b NOT IN('x','y')OR-c>=+5", "NOT ( a <> 1 ) AND b NOT IN ( 'x' , 'y' ) OR - c >= + 5")
  })

  it('reads numbers with and without a fraction, an exponent, and an L', () => {
    same('a = 5', 'a = 5L', 'a = 5l', 'a = 5.', 'a = 5.0', 'a = 5e0', 'a = 0.5E+1', 'a = 50e-1', 'a = 005.0')
    same('a = 0.5', 'a = .5', 'a = 5.e-1')
    same('a = 9223372036854775808', 'a = 9223372036854775808L')
    assert.notDeepEqual(parsed('a = 9007199254740992'), parsed('a = 9007199254740993'))
  })

  it('reads two quotes within a text as one', () => {
    assert.deepEqual(parsed("a = '''it''s'''"), {
      kind: 'compare',
      operator: '=',
      left: { kind: 'property', name: 'a', at: 0 },
      right: { kind: 'text', value: "'it's'", at: 0 },
      at: 0,
    })
  })

  it('takes a comment as the end, and words that only begin like keywords as properties', () => {
    same('a = 1', 'a = 1 -- the end', 'a = 1 /* the end */', '--\na = 1')
    same('ORDER = 1 AND in_ = 2 AND $NOT = 3', '(ORDER = 1) AND (in_ = 2) AND ($NOT = 3)')
  })

  describe('says where an expression goes wrong, and what it expected', () => {
    const rows: readonly (readonly [text: string, line: number, column: number, message: RegExp])[] = [
      ['', 1, 1, /it is empty; .* TRUE$/],
      [' \n ', 1, 1, /it is empty/],
      ['a >', 1, 4, /expected a property, a text, a number, TRUE, FALSE, NULL or "\(" after ">", found the end$/],
      ['a > 1 b', 1, 7, /expected AND, OR or the end after "1", found "b"$/],
      ['a = 1 = 2', 1, 7, /expected AND, OR or the end after "1", found "="$/],
      ['(a > 1', 1, 7, /expected AND, OR or "\)" after "1", found the end$/],
      ['a\n  > 1\n  AND OR', 3, 7, /after "AND", found "OR"$/],
      ["a = 'ä👍' b", 1, 10, /after "'ä👍'", found "b"$/],
      ['a NOT 5', 1, 7, /expected BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH after "NOT", found "5"$/],
      ['a > NOT b', 1, 5, /after ">", found "NOT"$/],
      ['a IS 5', 1, 6, /expected NULL or NOT NULL after "IS"/],
      ['a IS NOT 5', 1, 10, /expected NULL after "NOT"/],
      ['a BETWEEN 1 OR 2', 1, 13, /expected AND and the upper bound after "1", found "OR"$/],
      ['a IN 5', 1, 6, /expected "\(" and a list of texts after "IN"/],
      ['a IN (1)', 1, 7, /expected a text between single quotes/],
      ["a IN ('x' 'y')", 1, 11, /expected "," or "\)" after "'x'"/],
      ["a LIKE 'x%'", 1, 3, /there is no LIKE, use CONTAINS, STARTSWITH or ENDSWITH$/],
      ['a == 1', 1, 3, /unexpected "==": equality is written "="$/],
      ['a != 1', 1, 3, /unexpected "!=": inequality is written "<>"$/],
      ['a && b', 1, 3, /write "AND"$/],
      ['a || b', 1, 3, /write "OR"; tags joined by bars/],
      ['a = "x"', 1, 5, /between single quotes$/],
      ['*', 1, 1, /TRUE$/],
      ['a + 1 > 2', 1, 3, /expected AND, OR or the end after "a", found "\+"$/],
      ['a = ?', 1, 5, /unexpected "\?"$/],
      ['a = \ud83d', 1, 5, /unexpected "\\ud83d"$/],
      ["a = 'x", 1, 5, /no closing '$/],
      ['a /* x', 1, 3, /no closing \*\/$/],
      ['a > 007', 1, 5, /does not begin with 0$/],
      ['a > 1.5L', 1, 5, /"1.5L" is no number$/],
      ['a > 0x10', 1, 5, /"0x10" is no number$/],
      ['a > 9223372036854775809', 1, 5, /"9223372036854775809" is too large$/],
      ['a > 1e999', 1, 5, /"1e999" is too large$/],
      ['5', 1, 1, /expected a condition as the whole expression, found a number$/],
      ["'x'", 1, 1, /expected a condition as the whole expression, found a text$/],
      ['a AND (5)', 1, 8, /expected a condition beside AND, found a number$/],
      ['a OR -b', 1, 6, /expected a condition beside OR, found a number$/],
      ["NOT 'x'", 1, 5, /expected a condition after NOT, found a text$/],
      ["a < 'x'", 1, 5, /expected a number or a property beside "<", which compares numbers, found a text$/],
      ['TRUE >= a', 1, 1, /beside ">=", which compares numbers, found TRUE$/],
      ['a < (b > 1)', 1, 6, /found a condition$/],
      ["-'x' = a", 1, 2, /expected a number or a property after "-", found a text$/],
      ['a = NULL', 1, 5, /write IS NULL or IS NOT NULL$/],
      ['NULL <> a', 1, 1, /write IS NULL or IS NOT NULL$/],
      ["1 = 'x'", 1, 5, /a number is compared with a text, so that they are never equal$/],
      ['a = 1 AND TRUE = 1', 1, 18, /TRUE is compared with a number/],
      ['a BETWEEN 2 AND 1', 1, 11, /nothing is between 2 and 1: the lower bound comes first$/],
      ['a NOT BETWEEN -1 AND -2', 1, 15, /nothing is between -1 and -2/],
      ["a BETWEEN 'a' AND 'b'", 1, 11, /for BETWEEN, which compares numbers, found a text$/],
      ["5 IN ('5')", 1, 1, /expected a property before IN, found a number$/],
      ["'x' CONTAINS 'x'", 1, 1, /expected a property before CONTAINS, found a text$/],
      ["a STARTSWITH ''", 1, 1, /STARTSWITH is given an empty text/],
    ]
    for (const [text, line, column, message] of rows) {
      it(`${JSON.stringify(text)}: line ${line}, column ${column}`, () => {
        const error = errorOf(text)
        assert.deepEqual([error.position?.line, error.position?.column], [line, column], error.message)
        assert.match(error.message, message)
        assert.ok(error.message.startsWith(`the SQL filter is wrong at line ${line}, column ${column}: `))
      })
    }
  })

  it('throws nothing but its own error, of bounded length, whatever it is given', () => {
    const words = fc.constantFrom(
      ...'( ( ) , = <> < > <= >= + - AND OR NOT IN BETWEEN IS NULL TRUE CONTAINS STARTSWITH'.split(' '),
      ...["'x'", "'", '1', '1.5', '-- ', '/*', '*/', 'a', 'b', '\n', '\u0000', 'ä'],
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ maxLength: 200 }),
      fc.array(words, { maxLength: 60 }).map((each) => each.join(' ')),
      fc.array(words, { maxLength: 60 }).map((each) => each.join('')),
    )
    fc.assert(
      fc.property(text, (given) => {
        try {
          sqlFilter(given)
        } catch (error) {
          assert.ok(error instanceof FilterError && error.position !== undefined, String(error))
          assert.ok(error.message.length < 300 && Buffer.from(error.message).toString() === error.message, error.message)
          assert.ok(error.position.offset <= given.length)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  describe('is not overwhelmed by', () => {
    const MEGABYTE = 1_048_576
    const tooLong: readonly (readonly [what: string, text: string])[] = [
      ['a megabyte of parentheses', '('.repeat(MEGABYTE)],
      ['a megabyte of NOTs', `${'NOT '.repeat(MEGABYTE / 4)}a`],
      ['a megabyte of signs', `${'- '.repeat(MEGABYTE / 2)}a > 1`],
      ['a megabyte of one text', `a = '${'x'.repeat(MEGABYTE)}'`],
      ['a megabyte of quotes', "'".repeat(MEGABYTE + 1)],
      ['a megabyte of comments', '/**/'.repeat(MEGABYTE / 4)],
      ['a megabyte of lines', '\n'.repeat(MEGABYTE)],
    ]
    for (const [what, text] of tooLong) {
      it(what, () =>
        assert.match(errorOf(text).message, new RegExp(`has ${text.length} characters, more than the ${MAX_SQL_LENGTH} that are taken$`)),
      )
    }

    const deep: readonly (readonly [what: string, text: (levels: number) => string])[] = [
      ['parentheses', (levels) => `${'('.repeat(levels)}a${')'.repeat(levels)}`],
      ['NOTs', (levels) => `${'NOT '.repeat(levels)}a`],
      ['signs', (levels) => `${'- '.repeat(levels)}a > 1`],
      ['a mixture of them', (levels) => `${'NOT ('.repeat(levels / 2)}a = 1${')'.repeat(levels / 2)}`],
    ]
    for (const [what, text] of deep) {
      it(`${what} nested deeper than ${MAX_SQL_DEPTH}, and takes that many`, () => {
        sqlFilter(text(MAX_SQL_DEPTH))
        for (const levels of [MAX_SQL_DEPTH + 2, 1_000]) assert.match(errorOf(text(levels)).message, /nest deeper than the 64 levels that are taken$/)
      })
    }

    it('the longest row of terms that it takes', () => {
      const row = (count: number, word: string) => Array.from({ length: count }, () => 'a').join(word)
      for (const word of [' OR ', ' AND ']) sqlFilter(row(Math.floor(MAX_SQL_LENGTH / (word.length + 1)), word))
    })

    it('a text or comment that never closes', () => {
      assert.match(errorOf("''".repeat(MAX_SQL_LENGTH / 2 - 1).concat("'")).message, /no closing '$/)
      assert.match(errorOf(`/*${'*'.repeat(MAX_SQL_LENGTH - 2)}`).message, /no closing/)
    })
  })
})
