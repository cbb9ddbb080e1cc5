import { strict as assert } from 'node:assert'
import type { Code } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { overall, status } from './status.ts'

const entries = (...codes: readonly Code[]) => codes.map((code, index) => ({ status: status(code, `entry ${index}`) }))

describe('a status', () => {
  it('says OK of success as a stock server does, the code of anything without a text, and else the text', () => {
    assert.deepEqual(status('OK'), { code: 'OK', message: 'OK' })
    assert.deepEqual(status('MULTIPLE_RESULTS'), { code: 'MULTIPLE_RESULTS', message: 'MULTIPLE_RESULTS' })
    assert.deepEqual(status('BAD_REQUEST', 'why'), { code: 'BAD_REQUEST', message: 'why' })
  })

  it('over entries of one code is the first of them', () => {
    assert.deepEqual(overall(entries('OK', 'OK')), { code: 'OK', message: 'entry 0' })
    assert.deepEqual(overall(entries('TOO_MANY_REQUESTS')), { code: 'TOO_MANY_REQUESTS', message: 'entry 0' })
  })

  it('over entries that differ is MULTIPLE_RESULTS, wherever the other one stands', () => {
    for (const codes of [
      ['OK', 'INVALID_RECEIPT_HANDLE', 'OK'],
      ['INVALID_RECEIPT_HANDLE', 'OK', 'OK'],
      ['OK', 'OK', 'INVALID_RECEIPT_HANDLE'],
    ] as const) {
      assert.equal(overall(entries(...codes)).code, 'MULTIPLE_RESULTS')
    }
  })

  it('over no entries is OK', () => {
    assert.deepEqual(overall([]), { code: 'OK', message: 'OK' })
  })
})
