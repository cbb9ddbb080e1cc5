import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { FieldList } from './field-list.ts'

const fields = [':path', '/a.B/C', 'x-id', '1', 'x-id', '2', 'x-empty', '', 'x-bytes-bin', 'AP8']

describe('FieldList', () => {
  it('gives the first value of a name, the empty one too', () => {
    const list = new FieldList(fields)
    assert.equal(list.get('x-id'), '1')
    assert.equal(list.get('x-empty'), '')
    assert.equal(list.get('x-none'), undefined)
  })

  it('does not take a value for a name', () => {
    assert.equal(new FieldList(['a', 'b', 'c', 'd']).get('b'), undefined)
  })

  it('shows nothing of what lies before its beginning', () => {
    const list = new FieldList(fields, 2)
    assert.equal(list.get(':path'), undefined)
    assert.deepEqual([...list.entries()][0], ['x-id', '1'])
    assert.equal([...list.entries()].length, 4)
    assert.deepEqual([...new FieldList(fields, fields.length).entries()], [])
  })

  it('decodes the bytes of a name that ends in -bin, padded or not', () => {
    assert.deepEqual(new FieldList(fields).binary('x-bytes-bin'), Uint8Array.of(0, 255))
    assert.deepEqual(new FieldList(['a-bin', 'AP8=']).binary('a-bin'), Uint8Array.of(0, 255))
    assert.equal(new FieldList(fields).binary('y-bin'), undefined)
  })
})
