import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { OverlayFiles } from './overlay-files.ts'
import { SimulatedDisk } from './test-kit/simulated-files.ts'

const size = 200_000
const step = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    at: fc.nat(size),
    length: fc.integer({ min: 1, max: 150_000 }),
    value: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ kind: fc.constant('truncate' as const), at: fc.nat(2 * size), length: fc.constant(0), value: fc.constant(0) }),
)

describe('files over files', () => {
  it('read as if what was written and cut had happened, and nothing of it has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const { files, peek } = await diskOfOneFile()
        const before = peek()
        const overlay = new OverlayFiles(files)
        let model = Buffer.from(before)
        const file = await overlay.open('/data/a')
        for (const { kind, at, length, value } of steps) {
          if (kind === 'write') {
            await file.write([Buffer.alloc(length, value)], at)
            const longer = Buffer.alloc(Math.max(model.length, at + length))
            model.copy(longer)
            longer.fill(value, at, at + length)
            model = longer
          } else {
            await file.truncate(at)
            const other = Buffer.alloc(at)
            model.copy(other)
            model = other
          }
        }
        await file.close()
        const again = await overlay.open('/data/a')
        const found = Buffer.alloc(model.length + 10)
        assert.equal(await again.read(found, 0), model.length)
        assert.ok(found.subarray(0, model.length).equals(model))
        assert.equal(await again.size(), model.length)
        await again.close()
        assert.ok(Buffer.from(peek()).equals(before))
      }),
      { numRuns: 100 },
    )
  })

  it('list, make, rename and remove in the same way', async () => {
    const { files } = await diskOfOneFile()
    const overlay = new OverlayFiles(files)
    await (await overlay.create('/data/b', 10)).close()
    await assert.rejects(overlay.create('/data/a', 1), { code: 'EEXIST' })
    await overlay.rename('/data/a', '/data/c')
    assert.deepEqual(await overlay.list('/data'), ['b', 'c'])
    await assert.rejects(overlay.open('/data/a'), { code: 'ENOENT' })
    const moved = await overlay.open('/data/c')
    assert.equal(await moved.size(), size)
    await moved.close()
    await overlay.remove('/data/c')
    assert.deepEqual(await overlay.list('/data'), ['b'])
    assert.deepEqual(await files.list('/data'), ['a'])
  })
})

async function diskOfOneFile(): Promise<{ readonly files: SimulatedDisk['files']; readonly peek: () => Buffer }> {
  const disk = new SimulatedDisk()
  await disk.files.makeFolder('/data')
  const file = await disk.files.create('/data/a', size)
  await file.write([Buffer.alloc(size, 'abc')], 0)
  await file.close()
  return { files: disk.files, peek: () => Buffer.from(disk.peek('/data/a') ?? []) }
}
