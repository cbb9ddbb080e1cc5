import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { stored } from '../log/test-kit/stored.ts'
import { tagFilter } from './tag-filter.ts'

const matches = (expression: string, tag: string | undefined): boolean =>
  tagFilter(expression).matches(stored({ topic: 'orders', messageId: 'm', tag }))

describe('the tag filter', () => {
  it('takes everything for an empty expression and for the star, blanks around them or not', () => {
    for (const expression of ['', ' ', '\t\n', '*', ' * ']) {
      for (const tag of ['a', '*', 'a || b', undefined]) assert.equal(matches(expression, tag), true, `${expression} ${tag}`)
    }
  })

  it('takes the tags between the bars, and no others', () => {
    for (const expression of ['a||b', 'a || b', '  a   ||b  ', '||a||||b||', 'b || a || b']) {
      const taken = ['a', 'b', 'c', 'ab', 'a || b', 'A', '', ' a', '*', undefined].filter((tag) => matches(expression, tag))
      assert.deepEqual(taken, ['a', 'b'], expression)
    }
  })

  it('takes a message without a tag for the star only', () => {
    assert.equal(matches('a', undefined), false)
    assert.equal(matches('undefined', undefined), false)
    assert.equal(matches('||', undefined), false)
    assert.equal(matches('*', undefined), true)
  })

  it('takes nothing when only bars are left', () => {
    for (const expression of ['||', ' || ', '||||']) assert.equal(matches(expression, 'a'), false, expression)
  })

  it('knows a single bar, a regular expression or a star among tags for nothing but a tag', () => {
    assert.equal(matches('a|b', 'a'), false)
    assert.equal(matches('a|b', 'a|b'), true)
    assert.equal(matches('.', 'a'), false)
    assert.equal(matches('a*', 'ab'), false)
    assert.equal(matches('a || *', 'b'), false)
    assert.equal(matches('a || *', '*'), true)
    assert.equal(matches('constructor', 'toString'), false)
  })

  it('says the same of two expressions exactly when they take the same', () => {
    assert.equal(tagFilter('b||a').expression, tagFilter(' a || b || a ').expression)
    assert.equal(tagFilter('').expression, tagFilter(' * ').expression)
    assert.notEqual(tagFilter('a').expression, tagFilter('a || b').expression)
    assert.notEqual(tagFilter('||').expression, tagFilter('*').expression)
  })

  it('takes exactly the tags of any list of tags', () => {
    const tag = fc.stringMatching(/^[a-zA-Z0-9_|*.-]{1,8}$/).filter((text) => !text.includes('||') && !text.startsWith('|') && !text.endsWith('|'))
    const blanks = fc.constantFrom('', ' ', '  ')
    fc.assert(
      fc.property(fc.array(tag, { minLength: 1, maxLength: 6 }), tag, blanks, (tags, other, blank) => {
        fc.pre(tags.length > 1 || tags[0] !== '*')
        const filter = tagFilter(tags.join(`${blank}||${blank}`))
        for (const each of [...tags, other]) {
          assert.equal(filter.matches(stored({ topic: 'orders', messageId: 'm', tag: each })), tags.includes(each))
        }
        assert.equal(tagFilter(filter.expression).expression, filter.expression)
      }),
    )
  })
})
