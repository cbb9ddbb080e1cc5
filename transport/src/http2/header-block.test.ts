import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { HeaderBlock } from './header-block.ts'
import { ConnectionError } from './protocol.ts'

const calm = (error: unknown): boolean => error instanceof ConnectionError && error.code === 'ENHANCE_YOUR_CALM'

describe('HeaderBlock', () => {
  it('puts the pieces together in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 1, maxLength: 32 }), (pieces) => {
        const block = new HeaderBlock(1, false, 3_200)
        for (const piece of pieces) block.add(Buffer.concat([Buffer.of(1, 2), piece, Buffer.of(3)]), 2, 2 + piece.length)
        assert.deepEqual(block.bytes, Buffer.concat(pieces))
      }),
    )
  })

  it('keeps bytes of its own: those of a frame are only lent', () => {
    const block = new HeaderBlock(1, true, 100)
    const lent = Buffer.from('lent')
    block.add(lent, 0, 4)
    lent.fill(0)
    assert.equal(block.bytes.toString(), 'lent')
  })

  it('takes as many bytes as it may and not one more', () => {
    const block = new HeaderBlock(1, false, 100)
    block.add(Buffer.alloc(100), 0, 60)
    block.add(Buffer.alloc(100), 0, 40)
    assert.throws(() => block.add(Buffer.alloc(1), 0, 1), calm)
    assert.throws(() => new HeaderBlock(1, false, 100).add(Buffer.alloc(101), 0, 101), calm)
  })

  it('takes 32 frames and not one more, be they empty', () => {
    const block = new HeaderBlock(1, false, 100)
    for (let index = 0; index < 32; index += 1) block.add(Buffer.alloc(0), 0, 0)
    assert.throws(() => block.add(Buffer.alloc(0), 0, 0), calm)
  })
})
