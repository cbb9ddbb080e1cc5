import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { checkFormat, FORMAT_BYTES, writeFormat } from './format.ts'

const format = { magic: 'FMQTEST.', version: 3 }

function headOf(magic: string, version: number): Uint8Array {
  const bytes = new Uint8Array(FORMAT_BYTES)
  writeFormat(bytes, { magic, version })
  return bytes
}

describe('format of a file', () => {
  it('is told by its magic and its version, older ones too', () => {
    const inside = new Uint8Array(100).fill(9)
    writeFormat(inside.subarray(7), format)
    assert.equal(Buffer.from(inside.subarray(7, 19)).toString('latin1'), 'FMQTEST.\x03\0\0\0')
    assert.equal(checkFormat(inside.subarray(7), 'file', format), 3)
    assert.equal(checkFormat(headOf('FMQTEST.', 1), 'file', format), 1)
  })

  it('refuses a newer version by name, with its number and ours', () => {
    assert.throws(() => checkFormat(headOf('FMQTEST.', 4), 'data/log/1.log', format), {
      name: 'FormatError',
      kind: 'newer',
      path: 'data/log/1.log',
      message: 'data/log/1.log has format version 4, and this version of FeatherMQ reads up to 3: it was written by a newer one',
    })
  })

  it('refuses what is of another kind, or too short to tell', () => {
    for (const bytes of [headOf('FMQOTHER', 3), headOf('FMQTEST.', 3).subarray(0, 11), new Uint8Array(20)]) {
      assert.throws(() => checkFormat(bytes, 'data/x', format), { name: 'FormatError', kind: 'foreign', path: 'data/x' })
    }
  })
})
