import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { readRequestHead, readResponseHead, readTrailers } from './field-rules.ts'

type Field = readonly [name: string, value: string]

const flat = (fields: readonly Field[]): string[] => fields.flat()

const request: readonly Field[] = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/a.B/C'],
  [':authority', 'localhost'],
]

const without = (name: string): Field[] => request.filter((field) => field[0] !== name)
const requestWith = (...fields: readonly Field[]): string[] => flat([...request, ...fields])

function isMalformed(fields: readonly string[], because: RegExp): void {
  const verdict = readRequestHead(fields)
  assert.ok(typeof verdict === 'string', 'it is well-formed')
  assert.match(verdict, because)
}

describe('the fields of a request', () => {
  it('give the control data and where ordinary fields begin', () => {
    assert.deepEqual(readRequestHead(requestWith(['te', 'trailers'], ['content-length', '5'])), {
      method: 'POST',
      scheme: 'http',
      path: '/a.B/C',
      authority: 'localhost',
      contentLength: 5,
      firstField: 8,
    })
  })

  it('are looked at again where the last request had others that were fine', () => {
    for (let times = 0; times < 3; times += 1) {
      assert.ok(typeof readRequestHead(requestWith(['a', 'b'], ['x', 'y'])) !== 'string')
      isMalformed(requestWith(['a', 'b\n'], ['x', 'y']), /a value of a/)
      isMalformed(requestWith(['a', 'b'], ['X', 'y']), /a field name/)
      assert.match(readTrailers(['x', 'y\0']) ?? '', /a value of x/)
      assert.equal(readTrailers(['x', 'y']), undefined)
    }
  })

  it('need no authority and no ordinary fields', () => {
    const head = readRequestHead(flat(without(':authority')))
    assert.ok(typeof head !== 'string')
    assert.deepEqual([head.authority, head.contentLength, head.firstField], ['', -1, 6])
  })

  for (const name of [':method', ':scheme', ':path']) {
    it(`are malformed without ${name}, and when it is empty`, () => {
      isMalformed(flat(without(name)), /without/)
      isMalformed(flat([...without(name), [name, '']]), /without/)
    })
  }

  for (const [name, value] of request) {
    it(`are malformed with ${name} twice, be it the same`, () => {
      isMalformed(requestWith([name, value]), /twice/)
    })
  }

  const wrong: readonly (readonly [title: string, because: RegExp, ...fields: readonly Field[]])[] = [
    ['a pseudo field behind ordinary ones', /after ordinary fields/, ['x', 'y'], [':path', '/']],
    ['a pseudo field of responses', /which no request has/, [':status', '200']],
    ['a pseudo field that nobody knows', /which no request has/, [':protocol', 'websocket']],
    ['an empty name', /field name/, ['', 'y']],
    ['a name in upper case', /field name/, ['X-a', 'y']],
    ['a name with a colon', /field name/, ['a:b', 'y']],
    ['a name with a space', /field name/, ['a b', 'y']],
    ['a name beyond ASCII', /field name/, ['\xe4', 'y']],
    ['a name with DEL', /field name/, ['a\x7f', 'y']],
    ['a line feed in a value', /value of x/, ['x', 'a\nb']],
    ['a carriage return in a value', /value of x/, ['x', 'a\rb']],
    ['NUL in a value', /value of x/, ['x', '\0']],
    ['a space before a value', /value of x/, ['x', ' y']],
    ['a tab behind a value', /value of x/, ['x', 'y\t']],
    ['connection', /one connection/, ['connection', 'close']],
    ['proxy-connection', /one connection/, ['proxy-connection', 'close']],
    ['keep-alive', /one connection/, ['keep-alive', '5']],
    ['transfer-encoding', /one connection/, ['transfer-encoding', 'chunked']],
    ['upgrade', /one connection/, ['upgrade', 'h2c']],
    ['te that is not trailers', /^te: /, ['te', 'gzip']],
    ['a length that is none', /^content-length: /, ['content-length', '5x']],
    ['a negative length', /^content-length: /, ['content-length', '-5']],
    ['an endless length', /^content-length: /, ['content-length', '9'.repeat(16)]],
    ['two lengths', /^content-length: /, ['content-length', '5'], ['content-length', '6']],
  ]
  for (const [title, because, ...fields] of wrong) {
    it(`are malformed with ${title}`, () => {
      isMalformed(requestWith(...fields), because)
    })
  }

  it('are malformed when a pseudo field has a value that is none', () => {
    isMalformed(flat([...without(':path'), [':path', '/a\r\nx: y']]), /value of :path/)
  })

  it('are refused for CONNECT', () => {
    isMalformed(flat([[':method', 'CONNECT'], ...without(':method')]), /CONNECT/)
  })

  it('may repeat the same length, and have empty values, inner spaces and bytes beyond ASCII', () => {
    const head = readRequestHead(requestWith(['content-length', '7'], ['content-length', '7'], ['x', ''], ['x', 'a \t b'], ['x', '\xff\x80']))
    assert.ok(typeof head !== 'string', String(head))
    assert.equal(head.contentLength, 7)
  })

  it('give a head or a sentence, whatever they are', () => {
    const name = fc.oneof(fc.constantFrom(':method', ':path', ':scheme', ':status', 'te', 'content-length', ''), fc.string())
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (fields) => {
        const verdict = readRequestHead(fields.flat())
        if (typeof verdict !== 'string') assert.ok(verdict.firstField <= fields.length * 2)
      }),
    )
  })
})

describe('the fields of a response', () => {
  it('begin with a status of three digits', () => {
    assert.deepEqual(readResponseHead([':status', '200', 'x', 'y']), { status: 200, contentLength: -1, firstField: 2 })
    for (const fields of [[], ['x', 'y', ':status', '200'], [':status', '20'], [':status', '2000'], [':status', 'abc'], [':status', '']]) {
      assert.equal(readResponseHead(fields), 'a response without :status')
    }
  })

  it('say how long their body is, where they have one', () => {
    const lengthOf = (...fields: string[]): unknown => {
      const head = readResponseHead(fields)
      return typeof head === 'string' ? head : head.contentLength
    }
    assert.equal(lengthOf(':status', '200', 'x', 'y', 'content-length', '17'), 17)
    assert.equal(lengthOf(':status', '304', 'content-length', '17'), -1)
    assert.equal(lengthOf(':status', '200', 'content-length', '17', 'content-length', '18'), 'content-length: 18')
    assert.equal(lengthOf(':status', '200', 'content-length', 'x'), 'content-length: x')
  })

  it('do not change to another protocol, and have no status below 100', () => {
    for (const status of ['101', '099', '000']) assert.equal(readResponseHead([':status', status]), `a response with the status ${status}`)
    assert.equal(typeof readResponseHead([':status', '100']), 'object')
  })

  it('have no other pseudo field, and none twice', () => {
    assert.equal(typeof readResponseHead([':status', '200', ':status', '200']), 'string')
    assert.equal(typeof readResponseHead([':status', '200', ':path', '/']), 'string')
  })

  it('are held to the rules of fields', () => {
    assert.equal(typeof readResponseHead([':status', '200', 'Server', 'x']), 'string')
    assert.equal(typeof readResponseHead([':status', '200', 'connection', 'close']), 'string')
  })
})

describe('trailers', () => {
  it('have no pseudo fields', () => {
    assert.equal(readTrailers(['grpc-status', '0']), undefined)
    assert.equal(typeof readTrailers([':status', '200']), 'string')
    assert.equal(typeof readTrailers(['grpc-status', '0', ':path', '/']), 'string')
  })
})
