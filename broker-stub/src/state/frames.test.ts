import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { SimulatedDisk } from '../files/test-kit/simulated-files.ts'
import { FrameBuffer, readFrames } from './frames.ts'

type Record = readonly [type: number, bytes: Uint8Array]

async function fileOf(bytes: Uint8Array, before = 0) {
  const file = await new SimulatedDisk().files.create('/file', 0)
  await file.write([bytes], before)
  return file
}

async function read(bytes: Uint8Array, before = 0): Promise<{ readonly end: number; readonly records: Record[] }> {
  const records: Record[] = []
  const end = await readFrames(await fileOf(bytes, before), before, before + bytes.length, (type, each) =>
    records.push([type, Uint8Array.from(each)]),
  )
  return { end, records }
}

const anyRecords = fc.array(
  fc.tuple(
    fc.nat(255),
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(200_000).map((length) => new Uint8Array(length).fill(length)),
    ),
  ),
  {
    maxLength: 20,
  },
)

describe('frames of records', () => {
  it('are read as they were added, whatever the sizes and the turns', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecords, { maxLength: 5 }), fc.nat(5_000), async (turns, before) => {
        const buffer = new FrameBuffer()
        for (const turn of turns) {
          for (const [type, bytes] of turn) buffer.add(type, bytes)
          buffer.seal()
        }
        const written = buffer.from(0)
        const { end, records } = await read(written, before)
        assert.equal(end, before + written.length)
        assert.deepEqual(
          records.map(([type, bytes]) => [type, Buffer.from(bytes).toString('latin1')]),
          turns.flat().map(([type, bytes]) => [type, Buffer.from(bytes).toString('latin1')]),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('hold records larger than what is read at once, and those of a long turn in several', async () => {
    const buffer = new FrameBuffer()
    const large = new Uint8Array(3_000_000).fill(7)
    buffer.add(1, large)
    for (let index = 0; index < 100; index++) buffer.add(2, new Uint8Array(20_000).fill(index))
    buffer.seal()
    const { records } = await read(buffer.from(0))
    assert.equal(records.length, 101)
    assert.deepEqual(records[0]?.[1], large)
    assert.equal(records[100]?.[1][19_999], 99)
  })

  it('end at the first that is cut or changed: no record of it is told, every one before is', async () => {
    const buffer = new FrameBuffer()
    const ends: number[] = []
    for (let frame = 0; frame < 4; frame++) {
      for (let record = 0; record < 3; record++) buffer.add(frame, Uint8Array.of(record, frame, 255))
      buffer.seal()
      ends.push(buffer.length)
    }
    const whole = buffer.from(0).slice()
    for (let at = 0; at < whole.length; at++) {
      const frames = ends.filter((end) => end <= at).length
      const cut = await read(whole.subarray(0, at))
      assert.equal(cut.records.length, frames * 3, `cut at ${at}`)
      const changed = whole.slice()
      changed[at] = (changed[at] ?? 0) ^ 0x81
      const { end, records } = await read(changed)
      assert.equal(records.length, frames * 3, `changed at ${at}`)
      assert.equal(end, ends[frames - 1] ?? 0)
    }
  })

  it('are not found in zeros, nor in a length that nothing is behind', async () => {
    assert.deepEqual(await read(new Uint8Array(1_000)), { end: 0, records: [] })
    assert.deepEqual(await read(Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0, 1, 2, 3)), { end: 0, records: [] })
  })

  it('may be dropped from the front while others are added', async () => {
    const buffer = new FrameBuffer()
    buffer.add(1, Uint8Array.of(1))
    buffer.seal()
    const first = buffer.length
    buffer.add(2, Uint8Array.of(2))
    buffer.drop(first)
    buffer.add(3, new Uint8Array(100_000))
    buffer.seal()
    const { records } = await read(buffer.from(0))
    assert.deepEqual(
      records.map(([type, { length }]) => [type, length]),
      [
        [2, 1],
        [3, 100_000],
      ],
    )
  })
})
