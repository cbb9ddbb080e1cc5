import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { Output } from './output.ts'
import { flag, frameType } from './protocol.ts'
import { FakeSocket, turn } from './test-kit/fake-socket.ts'
import { framesIn } from './test-kit/frames.ts'

function opened(): { readonly socket: FakeSocket; readonly output: Output; readonly flushes: { count: number } } {
  const socket = new FakeSocket()
  const flushes = { count: 0 }
  const output = new Output(socket, () => {
    flushes.count += 1
  })
  return { socket, output, flushes }
}

/** Large pieces go by reference, small ones are copied. */
const piece = fc.record({
  length: fc.oneof(fc.nat(100), fc.integer({ min: 4_000, max: 20_000 }), fc.integer({ min: 60_000, max: 70_000 })),
  fill: fc.nat(255),
})

describe('Output', () => {
  it('writes what it was told in that order, whatever is copied, handed on as it lies, or too large for a slab', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(piece, fc.constantFrom('copy', 'payload', 'frame', 'numbers', 'turn')), { maxLength: 20 }),
        async (steps) => {
          const { socket, output } = opened()
          const expected: Buffer[] = []
          for (const [{ length, fill }, kind] of steps) {
            const bytes = Buffer.alloc(length, fill)
            if (kind === 'copy') output.copy(bytes, 0, length)
            else if (kind === 'payload') output.payload(bytes, 0, length)
            else if (kind === 'frame') {
              output.frame(length, 6, fill, 0x7f00_0000 + fill)
              expected.push(Buffer.of(length >> 16, length >> 8, length, 6, fill, 0x7f, 0, 0, fill))
            } else if (kind === 'numbers') {
              output.uint8(fill)
              output.uint16(0x100 + fill)
              output.uint32(0xff00_0000 + fill)
              expected.push(Buffer.of(fill, 1, fill, 0xff, 0, 0, fill))
            } else await turn()
            if (kind === 'copy' || kind === 'payload') expected.push(bytes)
          }
          await turn()
          assert.ok(socket.sent().equals(Buffer.concat(expected)))
          assert.equal(output.pressure, 0)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('goes to the socket once per turn', async () => {
    const { socket, output, flushes } = opened()
    for (let index = 0; index < 100; index += 1) output.frame(0, 6, 0, 0)
    assert.equal(socket.writes, 0)
    await turn()
    assert.equal(socket.writes, 1)
    assert.ok(flushes.count >= 1)
    output.frame(0, 6, 0, 0)
    output.payload(Buffer.alloc(10_000), 0, 10_000)
    await turn()
    assert.equal(socket.writes, 2)
  })

  it('hands over what is said while it is held when it is released, and later what was to go later before', async () => {
    const { socket, output, flushes } = opened()
    output.hold()
    output.frame(0, 6, 0, 0)
    output.frame(0, 6, 0, 0)
    assert.equal(socket.writes, 0)
    output.release()
    assert.equal(socket.writes, 1)
    assert.equal(flushes.count, 1)
    output.hold()
    output.release()
    output.frame(0, 6, 0, 0)
    output.hold()
    output.frame(0, 6, 0, 0)
    output.release()
    assert.equal(socket.writes, 1)
    await turn()
    assert.equal(socket.writes, 2)
  })

  it('copies small payload at once, and hands large payload on without copying', async () => {
    const { socket, output } = opened()
    const small = Buffer.from('small')
    output.payload(small, 0, 5)
    small.fill(0)
    await turn()
    assert.equal(socket.sent().toString(), 'small')

    const large = Buffer.alloc(20_000)
    output.payload(large, 100, 20_000)
    await turn()
    const handed = socket.handed.at(-1)
    assert.ok(handed !== undefined)
    assert.deepEqual([handed.buffer, handed.byteOffset, handed.length], [large.buffer, large.byteOffset + 100, 19_900])
  })

  it('sets flags on the last frame while it has not gone, and on no other', async () => {
    const { socket, output } = opened()
    const end = (id: number): boolean => output.amend(frameType.data, flag.endStream, id)
    assert.equal(end(1), false)
    output.frame(4, frameType.data, 0, 1)
    output.payload(Buffer.from('body'), 0, 4)
    assert.equal(end(3), false)
    assert.equal(output.amend(frameType.headers, flag.endStream, 1), false)
    assert.equal(end(1), true)
    output.frame(0, frameType.data, 0, 3)
    assert.equal(end(1), false)
    output.frame(20_000, frameType.data, 0, 5)
    output.payload(Buffer.alloc(20_000), 0, 20_000)
    assert.equal(end(5), true)
    await turn()
    assert.equal(end(5), false)
    assert.deepEqual(
      framesIn(socket.sent()).map(({ id, flags }) => [id, flags]),
      [
        [1, flag.endStream],
        [3, 0],
        [5, flag.endStream],
      ],
    )
  })

  it('never mixes two connections, which use the same slabs one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(4), fc.nat(6_000), fc.constantFrom('write', 'turn', 'stall', 'drain', 'step', 'close')), { maxLength: 60 }),
        async (steps) => {
          const all = Array.from({ length: 5 }, () => ({ ...opened(), expected: [] as Buffer[], closed: false }))
          for (const [index, [which, length, action]] of steps.entries()) {
            const one = all[which]
            if (one === undefined) continue
            const bytes = Buffer.alloc(length, index)
            if (action === 'write') {
              one.output.copy(bytes, 0, length)
              one.expected.push(bytes)
            } else if (action === 'turn') await turn()
            else if (action === 'stall') one.socket.stall()
            else one.socket.drain()
          }
          for (const { socket } of all) socket.drain()
          await turn()
          for (const { socket, expected } of all) assert.ok(socket.sent().equals(Buffer.concat(expected)))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('writes again into what the socket has got rid of', async () => {
    const { socket, output } = opened()
    const buffers = new Set<ArrayBufferLike>()
    for (let index = 0; index < 100; index += 1) {
      output.copy(Buffer.alloc(5_000, index), 0, 5_000)
      await turn()
      for (const handed of socket.handed) buffers.add(handed.buffer)
    }
    assert.ok(buffers.size <= 2, `500,000 bytes went through ${buffers.size} buffers`)
  })

  it('gives the socket one batch at a time: what comes while the peer does not read is put together', async () => {
    const { socket, output } = opened()
    socket.stall()
    output.uint32(0)
    await turn()
    assert.equal(socket.writes, 1)
    assert.notEqual(output.stuckAt, -1)
    for (let index = 1; index <= 1_000; index += 1) {
      output.uint32(index)
      if (index % 100 === 0) await turn()
    }
    assert.equal(socket.writes, 1)
    assert.equal(output.pressure, 4_004)
    socket.drain()
    await turn()
    assert.equal(socket.writes, 2)
    assert.equal(output.pressure, 0)
    assert.equal(output.stuckAt, -1)
    assert.equal(socket.sent().readUInt32BE(4_000), 1_000)
  })

  it('does not write again into what the last words of a connection are in, while its peer does not read', async () => {
    const dying = opened()
    dying.socket.stall()
    dying.output.copy(Buffer.from('first, '), 0, 7)
    await turn()
    // Somebody else holds the slab of the first batch.
    opened().output.copy(Buffer.from('other'), 0, 5)
    dying.output.copy(Buffer.from('last'), 0, 4)
    dying.output.close()
    dying.socket.drain(false)
    await turn()
    const others = Array.from({ length: 70 }, () => opened())
    for (const { output } of others) output.copy(Buffer.alloc(3_000, 0x21), 0, 3_000)
    await turn()
    dying.socket.drain()
    await turn()
    assert.equal(dying.socket.sent().toString(), 'first, last')
  })

  it('says when the socket is ready for more', async () => {
    const { socket, output, flushes } = opened()
    socket.stall()
    output.uint8(1)
    await turn()
    const { count } = flushes
    socket.drain()
    await turn()
    assert.equal(flushes.count, count + 1)
  })

  it('writes what there is when it is closed, be the peer slow, and nothing more', async () => {
    const { socket, output, flushes } = opened()
    socket.stall()
    output.uint8(1)
    await turn()
    output.uint8(2)
    output.close()
    const { count } = flushes
    output.uint8(3)
    output.close()
    socket.drain()
    await turn()
    assert.deepEqual(socket.sent(), Buffer.of(1, 2))
    assert.equal(flushes.count, count)
  })

  it('writes nothing to a socket that is gone', async () => {
    const { socket, output } = opened()
    output.uint8(1)
    socket.destroy()
    await turn()
    assert.deepEqual(socket.written, [])
  })
})
