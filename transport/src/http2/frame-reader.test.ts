import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { FrameReader } from './frame-reader.ts'
import { ConnectionError } from './protocol.ts'
import { type Frame, frame } from './test-kit/frames.ts'

const MAX = 200

function reading(stopAfter = Number.POSITIVE_INFINITY): { readonly reader: FrameReader; readonly frames: Frame[]; readonly buffers: Buffer[] } {
  const frames: Frame[] = []
  const buffers: Buffer[] = []
  const reader = new FrameReader(
    {
      onFrame(type, flags, id, bytes, start, end) {
        frames.push({ type, flags, id, payload: Buffer.from(bytes.subarray(start, end)) })
        buffers.push(bytes)
        return frames.length < stopAfter
      },
    },
    MAX,
  )
  return { reader, frames, buffers }
}

const anyFrame = fc.record(
  {
    type: fc.nat(255),
    flags: fc.nat(255),
    id: fc.nat(0x7fff_ffff),
    payload: fc.uint8Array({ maxLength: MAX }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
)

describe('FrameReader', () => {
  it('finds the same frames however their bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(40), { minLength: 1, maxLength: 20 }), (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(({ type, flags, id, payload }) => frame(type, flags, id, payload)))
        const { reader, frames } = reading()
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const end = at + (sizes[turn % sizes.length] as number) + 1
          reader.push(Buffer.from(bytes.subarray(at, end)))
          at = end
        }
        assert.deepEqual(frames, sent)
        assert.equal(reader.pending, false)
      }),
    )
  })

  it('finds two frames cut in two at every byte', () => {
    const sent: Frame[] = [
      { type: 0, flags: 1, id: 0x7fff_ffff, payload: Buffer.from('the first') },
      { type: 4, flags: 0, id: 0, payload: Buffer.alloc(0) },
    ]
    const bytes = Buffer.concat(sent.map(({ type, flags, id, payload }) => frame(type, flags, id, payload)))
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const { reader, frames } = reading()
      reader.push(bytes.subarray(0, cut))
      assert.equal(reader.pending, cut !== 0 && cut !== 18 && cut !== bytes.length, `pending at ${cut}`)
      reader.push(bytes.subarray(cut))
      assert.deepEqual(frames, sent, `cut at ${cut}`)
    }
  })

  it('does not look at the reserved bit of a stream id', () => {
    const bytes = frame(0, 0, 5)
    bytes[5] = 0x80
    const { reader, frames } = reading()
    reader.push(bytes)
    assert.equal(frames[0]?.id, 5)
  })

  it('hands a frame that is whole out in place', () => {
    const { reader, buffers } = reading()
    const bytes = Buffer.concat([frame(0, 0, 1, Buffer.alloc(50)), frame(0, 0, 1, Buffer.alloc(50))])
    reader.push(bytes)
    assert.ok(buffers.every((buffer) => buffer === bytes))
  })

  it('takes the longest frame it may', () => {
    const { reader, frames } = reading()
    reader.push(frame(0, 0, 1, Buffer.alloc(MAX)))
    assert.equal(frames[0]?.payload.length, MAX)
  })

  it('refuses a frame that is one byte too long by its head alone, wherever that is cut', () => {
    const head = frame(0, 0, 1, Buffer.alloc(MAX + 1)).subarray(0, 9)
    for (let cut = 0; cut <= 8; cut += 1) {
      const { reader, frames } = reading()
      reader.push(head.subarray(0, cut))
      assert.throws(
        () => reader.push(head.subarray(cut)),
        (error) => error instanceof ConnectionError && error.code === 'FRAME_SIZE_ERROR' && /201/.test(error.message),
      )
      assert.deepEqual(frames, [])
    }
  })

  it('keeps no more than the frame that has begun, and nothing between frames', () => {
    const { reader } = reading()
    assert.equal(reader.kept, 0)
    reader.push(Buffer.concat([frame(0, 0, 1, Buffer.alloc(100)), frame(0, 0, 1, Buffer.alloc(60)).subarray(0, 20)]))
    assert.equal(reader.kept, 69)
    reader.push(Buffer.alloc(49))
    assert.equal(reader.kept, 0)
    reader.push(Buffer.of(0))
    assert.equal(reader.kept, 9)
  })

  it('reads nothing behind a frame with which the connection is over', () => {
    const { reader, frames } = reading(1)
    reader.push(Buffer.concat([frame(7), frame(8), frame(9).subarray(0, 4)]))
    assert.equal(frames.length, 1)
    assert.equal(reader.pending, false)

    const cut = reading(1)
    cut.reader.push(frame(7).subarray(0, 3))
    cut.reader.push(Buffer.concat([frame(7).subarray(3), frame(8), frame(9).subarray(0, 4)]))
    assert.equal(cut.frames.length, 1)
    assert.equal(cut.reader.pending, false)
  })
})
