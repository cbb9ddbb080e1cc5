import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { decodeMessage, encodeMessage, readStatus, statusOfHttp, statusOfReset, writeStatus } from './status.ts'

const wellFormed = fc.string({ unit: 'binary' })

describe('grpc-message', () => {
  it('brings every text to the other end, in printable ASCII without spaces at its ends', () => {
    fc.assert(
      fc.property(
        fc.oneof(wellFormed, fc.string(), fc.constantFrom('', ' ', '  ', ' a ', '%', '%25', '%zz', '\t', 'a\r\nb', 'ä', '日本')),
        (text) => {
          const encoded = encodeMessage(text)
          assert.match(encoded, /^[\x20-\x7e]*$/)
          assert.equal(encoded, encoded.trim())
          assert.equal(decodeMessage(encoded), text)
        },
      ),
    )
  })

  it('leaves printable ASCII as it is, but for the percent sign', () => {
    assert.equal(encodeMessage('topic "a/b" is not known (40402)!'), 'topic "a/b" is not known (40402)!')
    assert.equal(encodeMessage('100 %'), '100 %25')
  })

  it('is read although it is not encoded properly', () => {
    assert.equal(decodeMessage('100% %zz %4'), '100% %zz %4')
    assert.equal(decodeMessage('%41%'), 'A%')
    assert.equal(decodeMessage('%ff'), '\ufffd')
  })

  it('is read without throwing, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('%', '4', 'f', 'g', ' ', '\xff') }), (encoded) => {
        assert.equal(typeof decodeMessage(encoded), 'string')
      }),
    )
  })
})

describe('the status in trailers', () => {
  function written(...status: Parameters<typeof writeStatus> extends [unknown, ...infer Rest] ? Rest : never): (readonly [string, string])[] {
    const fields: (readonly [string, string])[] = []
    writeStatus({ field: (name, value) => void fields.push([name, value]), fields: (prepared) => void fields.push(...prepared) }, ...status)
    return fields
  }

  it('is a number, a text if there is one, and then what the handler adds', () => {
    assert.deepEqual(written({ code: 'OK', message: '' }, []), [['grpc-status', '0']])
    assert.deepEqual(written({ code: 'UNAUTHENTICATED', message: 'wer da?' }, [['x', 'y']]), [
      ['grpc-status', '16'],
      ['grpc-message', 'wer da?'],
      ['x', 'y'],
    ])
  })

  it('is none without its number', () => {
    assert.equal(readStatus(undefined, 'a text'), undefined)
  })

  it('is UNKNOWN for a number nobody defined and for what is no number', () => {
    for (const code of ['17', '99', '100', '-1', '', 'OK', '0x0', '1.0', ' 0']) assert.equal(readStatus(code, undefined)?.code, 'UNKNOWN', code)
    assert.deepEqual(readStatus('5', 'no%20topic'), { code: 'NOT_FOUND', message: 'no topic' })
    assert.deepEqual(readStatus('0', undefined), { code: 'OK', message: '' })
  })
})

describe('a call that ended without a status', () => {
  it('ends as gRPC maps the reset of its stream', () => {
    assert.deepEqual(statusOfReset('REFUSED_STREAM', 'why'), { code: 'UNAVAILABLE', message: 'why (REFUSED_STREAM)' })
    assert.equal(statusOfReset('CANCEL', '').code, 'CANCELLED')
    assert.equal(statusOfReset('ENHANCE_YOUR_CALM', '').code, 'RESOURCE_EXHAUSTED')
    assert.equal(statusOfReset('INADEQUATE_SECURITY', '').code, 'PERMISSION_DENIED')
    for (const code of ['NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'STREAM_CLOSED', 'COMPRESSION_ERROR'] as const) {
      assert.equal(statusOfReset(code, '').code, 'INTERNAL', code)
    }
  })

  it('ends as gRPC maps the status of HTTP', () => {
    const mapped = [400, 401, 403, 404, 429, 502, 503, 504, 200, 302, 418, 500].map(statusOfHttp)
    assert.deepEqual(mapped, [
      'INTERNAL',
      'UNAUTHENTICATED',
      'PERMISSION_DENIED',
      'UNIMPLEMENTED',
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNKNOWN',
      'UNKNOWN',
      'UNKNOWN',
      'UNKNOWN',
    ])
  })
})
