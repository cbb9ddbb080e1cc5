import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { HpackOutput } from './output.ts'

describe('the output of HPACK', () => {
  it('grows without losing what was written', () => {
    const output = new HpackOutput()
    for (let i = 0; i < 10_000; i += 1) {
      output.ensure(1)
      output.bytes[output.length++] = i & 0xff
    }
    assert.equal(output.length, 10_000)
    assert.deepEqual(
      output.bytes.subarray(0, output.length),
      Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff),
    )
  })

  it('makes room for as much as is asked for at once', () => {
    const output = new HpackOutput()
    output.length = 100
    output.ensure(1_000_000)
    assert.ok(output.bytes.length >= 1_000_100)
  })

  it('keeps its bytes from block to block, but not those of one huge block', () => {
    const output = new HpackOutput()
    output.ensure(4_000)
    const kept = output.bytes
    output.length = 4_000
    output.reset()
    assert.equal(output.length, 0)
    assert.equal(output.bytes, kept)
    output.ensure(1_000_000)
    output.reset()
    assert.ok(output.bytes.length < 100_000)
  })
})
