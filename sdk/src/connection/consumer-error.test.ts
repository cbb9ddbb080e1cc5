import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { consumerError, saidBy } from './consumer-error.ts'

const value = (said: string | undefined) => consumerError(said)?.[0]?.[1]

describe('the header with what went wrong', () => {
  it('is plain where it can be, else percent-encoded UTF-8', () => {
    assert.deepEqual(consumerError('no such account: 7'), [['x-feathermq-error', 'no such account: 7']])
    assert.equal(value('größer: 100 %\n'), 'gr%C3%B6%C3%9Fer: 100 %25')
  })

  it('is none where nothing is said', () => {
    assert.deepEqual([consumerError(undefined), consumerError(''), consumerError(' \n')], [undefined, undefined, undefined])
  })

  it('has at most 1 KiB, cut between two characters', () => {
    assert.equal(value('x'.repeat(2_000)), 'x'.repeat(1_024))
    assert.equal(value(`xx${'ü'.repeat(500)}`), `xx${'%C3%BC'.repeat(170)}`)
    assert.equal(value('😀'.repeat(500)), '%F0%9F%98%80'.repeat(85))
  })

  it('brings any text over, up to its length, as printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (said) => {
        const sent = value(said) ?? ''
        assert.match(sent, /^[\x20-\x7e]{0,1024}$/)
        // Half a surrogate pair has no UTF-8 of its own.
        const whole = Buffer.from(said.trim()).toString()
        assert.ok(whole.startsWith(decodeURIComponent(sent).trimEnd()))
        if (sent.length < 1_000) assert.equal(decodeURIComponent(sent).trimEnd(), whole)
      }),
    )
  })
})

describe('what is said of an error', () => {
  it('is its text, with the name of its class where that says something', () => {
    assert.deepEqual([saidBy(new Error('a')), saidBy(new TypeError('b')), saidBy('c'), saidBy(undefined)], ['a', 'TypeError: b', "'c'", 'undefined'])
  })
})
