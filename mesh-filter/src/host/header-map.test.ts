import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { HeaderMap } from './header-map.ts'
import { GuestMemory } from './memory.ts'
import { pairsSize, readPairs, writePairs } from './pairs.ts'
import { webAssembly } from './web-assembly.ts'

describe('a header map', () => {
  it('keeps several values of a name, and gives the first', () => {
    const headers = new HeaderMap([
      ['x-a', '1'],
      ['X-A', '2'],
    ])
    assert.equal(headers.get('x-A'), '1')
    assert.deepEqual(headers.toList(), [
      ['x-a', '1'],
      ['x-a', '2'],
    ])
  })

  it('appends with a comma where Envoy has room for one value only', () => {
    const headers = new HeaderMap([['content-type', 'application/grpc']])
    headers.add('Content-Type', 'text/plain')
    assert.deepEqual(headers.toList(), [['content-type', 'application/grpc,text/plain']])
  })

  it('replaces and removes all values of a name', () => {
    const headers = new HeaderMap([
      ['x-a', '1'],
      ['x-b', '2'],
      ['x-a', '3'],
    ])
    headers.replace('x-a', '4')
    assert.deepEqual(headers.toList(), [
      ['x-b', '2'],
      ['x-a', '4'],
    ])
    headers.remove('X-a')
    assert.deepEqual(headers.toList(), [['x-b', '2']])
  })

  const byteText = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 60 })
  const name = byteText.map((text) => `x-${text.toLowerCase()}`)

  it('crosses the boundary and comes back the same, whatever bytes it has', () => {
    const memory = new GuestMemory(new webAssembly.Memory({ initial: 1 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, byteText), { maxLength: 20 }), fc.nat({ max: 1000 }), (list, start) => {
        const headers = new HeaderMap(list)
        const size = pairsSize(headers)
        assert.equal(
          size,
          list.reduce((sum, [key, value]) => sum + key.length + value.length + 10, 4),
        )
        writePairs(memory, start, headers)
        assert.deepEqual(readPairs(memory, start, size)?.toList(), headers.toList())
        assert.equal(readPairs(memory, start, size - 1), undefined)
        assert.equal(readPairs(memory, start, size + 1), undefined)
      }),
    )
  })

  it('is read from any bytes without a crash', () => {
    const memory = new GuestMemory(new webAssembly.Memory({ initial: 1 }))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        memory.set(65536 - bytes.length, bytes)
        readPairs(memory, 65536 - bytes.length, bytes.length)
      }),
    )
  })
})
