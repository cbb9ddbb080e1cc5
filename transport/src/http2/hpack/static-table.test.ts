import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { findStatic, findStaticName, STATIC_LENGTH, staticNames, staticValues } from './static-table.ts'

describe('the static table of HPACK (RFC 7541, Appendix A)', () => {
  it('has the fields of the appendix at their indexes', () => {
    assert.equal(staticNames.length, STATIC_LENGTH + 1)
    assert.equal(staticValues.length, STATIC_LENGTH + 1)
    // One in five, and whatever has a value: a field too many or too few would move all that follow.
    for (const [index, name, value] of [
      [1, ':authority', ''],
      [2, ':method', 'GET'],
      [3, ':method', 'POST'],
      [4, ':path', '/'],
      [5, ':path', '/index.html'],
      [6, ':scheme', 'http'],
      [7, ':scheme', 'https'],
      [8, ':status', '200'],
      [9, ':status', '204'],
      [10, ':status', '206'],
      [11, ':status', '304'],
      [12, ':status', '400'],
      [13, ':status', '404'],
      [14, ':status', '500'],
      [15, 'accept-charset', ''],
      [16, 'accept-encoding', 'gzip, deflate'],
      [20, 'access-control-allow-origin', ''],
      [23, 'authorization', ''],
      [25, 'content-disposition', ''],
      [28, 'content-length', ''],
      [31, 'content-type', ''],
      [33, 'date', ''],
      [38, 'host', ''],
      [43, 'if-unmodified-since', ''],
      [46, 'location', ''],
      [50, 'range', ''],
      [55, 'set-cookie', ''],
      [58, 'user-agent', ''],
      [61, 'www-authenticate', ''],
    ] as const) {
      assert.deepEqual([staticNames[index], staticValues[index]], [name, value], `index ${index}`)
    }
    assert.equal(staticValues.filter((value) => value !== '').length, 14)
  })

  it('finds each field by name and value, and by its name the first of it', () => {
    for (let index = 1; index <= STATIC_LENGTH; index += 1) {
      const name = staticNames[index] ?? ''
      assert.equal(findStatic(name, staticValues[index] ?? ''), index)
      assert.equal(findStaticName(name), staticNames.indexOf(name))
    }
  })

  it('tells a name that it knows with other values from one that it does not know', () => {
    assert.equal(findStatic(':method', 'PUT'), -2)
    assert.equal(findStatic(':status', '302'), -8)
    assert.equal(findStatic('content-type', 'application/grpc'), -31)
    assert.equal(findStatic('www-authenticate', 'Basic'), -61)
    assert.equal(findStatic('grpc-timeout', ''), 0)
    assert.equal(findStaticName('constructor'), 0)
  })
})
