import assert from 'node:assert/strict'
import { decodeMessage, encodeMessage } from '@feathermq/protocol'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { sqlFilter } from './sql-filter.ts'
import { numberOf } from './sql-number.ts'
import type { SqlNode } from './sql-tree.ts'
import { type Contents, messageWith, storedAs } from './test-kit/message-with.ts'
import { conditions, NAMES, TEXTS, wordsOf } from './test-kit/sql-trees.ts'

const matches = (text: string, contents: Contents): boolean => sqlFilter(text).matches(messageWith(contents))
/** Of the values, those with which the property `a` matches. */
const taken = (text: string, ...values: readonly string[]): string[] => values.filter((a) => matches(text, { properties: { a } }))

describe('the SQL filter', () => {
  it('compares a property with a number as numbers, however each is written', () => {
    const values = ['1', '01', '+1', '1.0', '1e0', '1.', '1.5', '2', '-1', '.5']
    assert.deepEqual(taken('a = 1', ...values), ['1', '01', '+1', '1.0', '1e0', '1.'])
    assert.deepEqual(taken('a <> 1', ...values), ['1.5', '2', '-1', '.5'])
    assert.deepEqual(taken('a > 1', ...values), ['1.5', '2'])
    assert.deepEqual(taken('1 > a', ...values), ['-1', '.5'])
    assert.deepEqual(taken('a >= 1.5', ...values), ['1.5', '2'])
    assert.deepEqual(taken('a <= -1', ...values), ['-1'])
    assert.deepEqual(taken('-a > 0.5', ...values), ['-1'])
    assert.deepEqual(taken('a BETWEEN 1 AND 1.5', ...values), ['1', '01', '+1', '1.0', '1e0', '1.', '1.5'])
    assert.deepEqual(taken('a NOT BETWEEN 1 AND 1.5', ...values), ['2', '-1', '.5'])
  })

  it('tells ids of 64 bits apart to the last digit', () => {
    const ids = ['9223372036854775806', '9223372036854775807', '-9223372036854775808', '9007199254740993.0']
    assert.deepEqual(taken('a = 9223372036854775807', ...ids), ['9223372036854775807'])
    assert.deepEqual(taken('a < -9223372036854775807', ...ids), ['-9223372036854775808'])
    assert.deepEqual(taken('a > 9007199254740992 AND a < 9223372036854775807', '9007199254740993', ...ids), ['9007199254740993', ids[0]])
  })

  it('compares a property with a text, and with another property, letter by letter', () => {
    assert.deepEqual(taken("a = '1'", '1', '1.0', ' 1'), ['1'])
    assert.deepEqual(taken("a <> '1'", '1', '1.0', ' 1'), ['1.0', ' 1'])
    assert.deepEqual(taken("a = 'it''s'", "it's", "it''s"), ["it's"])
    assert.equal(matches('a = b', { properties: { a: '1', b: '1.0' } }), false)
    assert.equal(matches('a = b', { properties: { a: 'x', b: 'x' } }), true)
    assert.equal(matches('a <= b', { properties: { a: '1', b: '1.0' } }), true)
    assert.equal(matches('a BETWEEN b AND c', { properties: { a: '9', b: '-1', c: '10' } }), true)
  })

  it('finds a text in a list, and within a property at its beginning, its end, or anywhere', () => {
    const values = ['', 'paid', 'unpaid', 'paid?', 'Paid']
    assert.deepEqual(taken("a IN ('x', 'paid')", ...values), ['paid'])
    assert.deepEqual(taken("a NOT IN ('x', 'paid')", ...values), ['', 'unpaid', 'paid?', 'Paid'])
    assert.deepEqual(taken("a CONTAINS 'paid'", ...values), ['paid', 'unpaid', 'paid?'])
    assert.deepEqual(taken("a STARTSWITH 'paid'", ...values), ['paid', 'paid?'])
    assert.deepEqual(taken("a ENDSWITH 'paid'", ...values), ['paid', 'unpaid'])
    assert.deepEqual(taken("a NOT CONTAINS 'paid'", ...values), ['', 'Paid'])
    assert.deepEqual(taken("a NOT STARTSWITH 'paid'", ...values), ['', 'unpaid', 'Paid'])
    assert.deepEqual(taken("a NOT ENDSWITH 'paid'", ...values), ['', 'paid?', 'Paid'])
  })

  it('takes a property that says true, in any case, for a condition that is met, and any other text for one that is not', () => {
    const values = ['true', 'TRUE', 'tRue', 'false', 'yes', '1', '']
    assert.deepEqual(taken('a', ...values), ['true', 'TRUE', 'tRue'])
    assert.deepEqual(taken('a = TRUE', ...values), ['true', 'TRUE', 'tRue'])
    assert.deepEqual(taken('NOT a', ...values), ['false', 'yes', '1', ''])
    assert.deepEqual(taken('FALSE = a', ...values), ['false', 'yes', '1', ''])
    assert.equal(matches('a = (b > 1)', { properties: { a: 'false', b: '0' } }), true)
  })

  describe('has no answer, whether asked or asked for the contrary,', () => {
    const both = (condition: string): readonly string[] => [condition, `NOT (${condition})`]
    const missing = [
      ...[
        'missing',
        'missing = TRUE',
        "missing = 'x'",
        "missing <> 'x'",
        "'x' <> missing",
        'missing = 1',
        'missing <> 1',
        'missing < 1',
        '-missing < 1',
      ],
      ...['missing BETWEEN 1 AND 2', 'a BETWEEN 0 AND missing', "missing IN ('x')", "missing NOT IN ('x')", "missing CONTAINS 'x'"],
      ...[
        "missing NOT STARTSWITH 'x'",
        'missing = gone',
        'missing <> gone',
        'a = missing',
        'a <> missing',
        'missing > gone',
        'NULL',
        'missing AND a = 1',
      ],
    ]
    it('where a property is missing', () => {
      for (const text of missing.flatMap(both)) assert.equal(matches(text, { properties: { a: '1', x: 'x' } }), false, text)
    })

    it('where a property is no number and one is needed', () => {
      const values = ['', ' ', ' 1', '1 ', 'abc', '1,5', '0x10', 'NaN', 'Infinity', '1L', '--1', '1e', '.', '١', '1_0']
      const texts = ['a = 1', 'a <> 1', 'a < 1', 'a >= 1', 'a > b', '+a = 1', 'a BETWEEN 0 AND 9', 'a NOT BETWEEN 0 AND 9']
      for (const text of texts.flatMap(both)) assert.deepEqual(taken(text, ...values), [], text)
    })
  })

  it('is decided by what it knows, where the rest does not matter', () => {
    assert.equal(matches('missing > 1 OR a = 1', { properties: { a: '1' } }), true)
    assert.equal(matches('a = 1 OR missing > 1', { properties: { a: '1' } }), true)
    assert.equal(matches('NOT (missing > 1 AND a = 2)', { properties: { a: '1' } }), true)
    assert.equal(matches('NOT (a = 2 AND missing > 1)', { properties: { a: '1' } }), true)
    assert.equal(matches("a > 1 OR a = 'abc'", { properties: { a: 'abc' } }), true)
  })

  it('knows whether a property is there, and whether a condition has an answer', () => {
    const contents = { properties: { a: '', b: 'x' } }
    for (const text of [
      'a IS NOT NULL',
      'c IS NULL',
      '(c > 1) IS NULL',
      'b > 1 IS NULL',
      '-b IS NULL',
      'NULL IS NULL',
      '(a = b) IS NOT NULL',
      "'x' IS NOT NULL",
    ]) {
      assert.equal(matches(text, contents), true, text)
      assert.equal(matches(`NOT ${text}`, contents), false, `NOT ${text}`)
    }
  })

  it('takes everything for TRUE and nothing for FALSE', () => {
    assert.equal(matches('TRUE', {}), true)
    assert.equal(matches('FALSE', {}), false)
  })

  it('sees the tag as TAGS, and the keys as KEYS with a blank between them', () => {
    const contents = { tag: 'paid', keys: ['o-1', 'o-2'] }
    assert.equal(matches("TAGS IN ('created', 'paid') AND KEYS = 'o-1 o-2'", contents), true)
    assert.equal(matches("KEYS CONTAINS 'o-3'", contents), false)
    assert.equal(matches('TAGS IS NULL AND KEYS IS NULL', { properties: { a: '1' } }), true)
    assert.equal(matches('tags IS NULL', contents), true, 'names are told apart by case')
  })

  it('tells properties of the same length apart, and those of one name of which only the last counts', () => {
    const message = (entries: readonly (readonly [string, string])[]) =>
      storedAs(
        Buffer.concat(
          [...entries.map((entry) => encodeMessage({ userProperties: new Map([entry]) })), encodeMessage({ systemProperties: {} })].map((each) =>
            Buffer.from(each),
          ),
        ),
      )
    const filter = sqlFilter("ab = '1' AND ba = '2' AND aa IS NULL")
    assert.equal(
      filter.matches(
        message([
          ['ab', '1'],
          ['ba', '2'],
        ]),
      ),
      true,
    )
    assert.equal(
      filter.matches(
        message([
          ['ab', '0'],
          ['ba', '2'],
          ['ab', '1'],
        ]),
      ),
      true,
    )
    assert.equal(
      filter.matches(
        message([
          ['ab', '1'],
          ['ba', '2'],
          ['ab', '0'],
        ]),
      ),
      false,
    )
    assert.equal(
      filter.matches(
        message([
          ['ab', '1'],
          ['ba', '2'],
          ['aa', ''],
        ]),
      ),
      false,
    )
  })

  it('reads a property without a key or a value as a client does', () => {
    const entry = (...content: readonly number[]) => storedAs(Uint8Array.of(0x12, content.length, ...content))
    assert.deepEqual([...decodeMessage(entry(0x0a, 1, 97).bytes).userProperties], [['a', '']])
    assert.equal(sqlFilter("a = ''").matches(entry(0x0a, 1, 97)), true)
    assert.equal(sqlFilter("a = 'x'").matches(entry(0x12, 1, 120, 0x0a, 1, 97)), true)
    assert.equal(sqlFilter('a IS NULL').matches(entry(0x12, 1, 120)), true)
  })

  it('remembers nothing of the message before', () => {
    const filter = sqlFilter("a = '1' OR TAGS = 'x'")
    assert.equal(filter.matches(messageWith({ properties: { a: '1' }, tag: 'x' })), true)
    assert.equal(filter.matches(messageWith({})), false)
    assert.equal(filter.matches(messageWith({ properties: { a: '1' } })), true)
  })

  it('looks at user properties only when it needs them', () => {
    const broken = { ...messageWith({ tag: 'x' }), bytes: Uint8Array.of(0xff) }
    assert.equal(sqlFilter("TAGS = 'x' OR a = 1").matches(broken), true)
    assert.throws(() => sqlFilter("TAGS <> 'x' OR a = 1").matches(broken), /varint/)
  })

  it('has a normal form of its own, which no filter of tags has', () => {
    assert.equal(sqlFilter(' a ').expression, sqlFilter('a').expression)
    assert.notEqual(sqlFilter('a').expression, 'a')
  })

  it('agrees with a reading of the tree word by word', () => {
    const values = fc.dictionary(fc.constantFrom(...NAMES.filter((name) => name !== 'TAGS' && name !== 'KEYS')), fc.constantFrom(...TEXTS))
    const messages = fc.record({
      tag: fc.option(fc.constantFrom(...TEXTS), { nil: undefined }),
      keys: fc.array(fc.constantFrom(...TEXTS), { maxLength: 2 }),
      values,
    })
    let met = 0
    fc.assert(
      fc.property(conditions, fc.array(messages, { minLength: 1, maxLength: 4 }), (tree, several) => {
        const text = wordsOf(tree).join(' ')
        const filter = sqlFilter(text)
        for (const { tag, keys, values: properties } of several) {
          const all = new Map<string, string>(Object.entries(properties))
          if (tag !== undefined) all.set('TAGS', tag)
          if (keys.length > 0) all.set('KEYS', keys.join(' '))
          const expected = answer(tree, all) === true
          if (expected) met++
          assert.equal(filter.matches(messageWith({ tag, keys, properties })), expected, text)
        }
      }),
      { numRuns: 2_000 },
    )
    assert.ok(met > 200, 'many of them match')
  })
})

describe('a text as a number', () => {
  it('is what the text says, for whole numbers of up to 19 digits to the last of them', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 19n) + 1n, max: 10n ** 19n - 1n }), (value) => BigInt(numberOf(String(value)) ?? 0) === value))
    fc.assert(fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => Number(numberOf(String(value))) === value))
  })

  it('is none when it has more than 256 characters, so that reading it costs little', () => {
    assert.equal(numberOf('0'.repeat(255).concat('7')), 7)
    assert.equal(numberOf('0'.repeat(256).concat('7')), undefined)
  })
})

type Answer = boolean | null

/** What SQL says of a tree, written down as plainly as can be: null is unknown. */
function answer(node: SqlNode, properties: ReadonlyMap<string, string>): Answer {
  const not = (value: Answer): Answer => (value === null ? null : !value)
  const text = (each: SqlNode): string | null =>
    each.kind === 'text' ? each.value : each.kind === 'property' ? (properties.get(each.name) ?? null) : null
  const number = (each: SqlNode): number | bigint | null => {
    if (each.kind === 'number') return each.value
    if (each.kind === 'sign') {
      const value = number(each.operand)
      return value === null || each.sign === '+' ? value : -value
    }
    const value = text(each)
    if (value === null || value.trim() !== value || value === '' || Number.isNaN(Number(value))) return null
    return value.includes('.') || value.includes('e') ? Number(value) : BigInt(value)
  }
  const condition = (each: SqlNode): Answer => answer(each, properties)
  const isNumber = (each: SqlNode) => each.kind === 'number' || each.kind === 'sign'
  const isText = (each: SqlNode) => each.kind === 'text' || each.kind === 'property'
  const least = (left: Answer, right: Answer): Answer => (left === false || right === false ? false : left === null || right === null ? null : true)
  const compare = (operator: string, left: SqlNode, right: SqlNode): Answer => {
    if (operator === '<>') return not(compare('=', left, right))
    if (operator === '>' || operator === '>=') return compare(operator.replace('>', '<'), right, left)
    if (operator === '<' || operator === '<=' || isNumber(left) || isNumber(right)) {
      const [one, other] = [number(left), number(right)]
      if (one === null || other === null) return null
      return operator === '<' ? one < other : operator === '<=' ? one <= other : one <= other && one >= other
    }
    const read = isText(left) && isText(right) ? text : condition
    const [one, other] = [read(left), read(right)]
    return one === null || other === null ? null : one === other
  }
  switch (node.kind) {
    case 'or':
      return not(node.terms.map((term) => not(condition(term))).reduce(least))
    case 'and':
      return node.terms.map(condition).reduce(least)
    case 'not':
      return not(condition(node.operand))
    case 'compare':
      return compare(node.operator, node.left, node.right)
    case 'between': {
      const inside = least(compare('>=', node.value, node.low), compare('<=', node.value, node.high))
      return node.negated ? not(inside) : inside
    }
    case 'in': {
      const value = text(node.value)
      return value === null ? null : node.options.some((option) => option === value) !== node.negated
    }
    case 'match': {
      const value = text(node.value)
      if (value === null) return null
      const at = node.how === 'ENDSWITH' ? value.lastIndexOf(node.part) : value.indexOf(node.part)
      const found = node.how === 'CONTAINS' ? at >= 0 : node.how === 'STARTSWITH' ? at === 0 : at >= 0 && at === value.length - node.part.length
      return found !== node.negated
    }
    case 'is-null': {
      const { operand } = node
      const value = isNumber(operand) ? number(operand) : isText(operand) ? text(operand) : condition(operand)
      return (value === null) !== node.negated
    }
    case 'property': {
      const value = text(node)
      return value === null ? null : /^true$/i.test(value)
    }
    case 'boolean':
      return node.value
    default:
      return null
  }
}
