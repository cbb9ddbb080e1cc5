import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { RpcError, rpcCodeName, rpcCodeNumber, rpcCodes } from './rpc-error.ts'

describe('RpcError', () => {
  it('says where, what and why in its message, and keeps the text of the status apart', () => {
    const cause = new Error('socket')
    const error = new RpcError('UNAVAILABLE', 'gone', { context: '/a.B/C at host:1', cause })
    assert.equal(error.message, '/a.B/C at host:1: UNAVAILABLE: gone')
    assert.equal(error.details, 'gone')
    assert.equal(error.cause, cause)
    assert.equal(error.name, 'RpcError')
    assert.deepEqual(error.status(), { code: 'UNAVAILABLE', message: 'gone' })
    assert.equal(new RpcError('ABORTED').message, 'ABORTED')
    assert.equal('cause' in new RpcError('ABORTED'), false)
  })

  it('names the codes of gRPC by their numbers, and any other number UNKNOWN', () => {
    assert.equal(rpcCodes.length, 17)
    for (const [number, code] of rpcCodes.entries()) {
      assert.equal(rpcCodeNumber(code), number)
      assert.equal(rpcCodeName(number), code)
    }
    assert.deepEqual([rpcCodeNumber('UNAVAILABLE'), rpcCodeNumber('UNAUTHENTICATED'), rpcCodeNumber('UNIMPLEMENTED')], [14, 16, 12])
    for (const number of [-1, 17, 1.5, Number.NaN]) assert.equal(rpcCodeName(number), 'UNKNOWN')
  })
})
