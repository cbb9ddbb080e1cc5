import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { SimulatedDisk } from '../../files/test-kit/simulated-files.ts'
import { SegmentReaders } from './segment-readers.ts'
import { turn } from './test-kit/log-world.ts'

async function disk(count: number): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk()
  await disk.files.makeFolder('d')
  for (let index = 0; index < count; index += 1) {
    const file = await disk.files.create(`d/${index}`, 10)
    await file.write([Uint8Array.of(index)], 0)
    await file.close()
  }
  return disk
}

async function first(readers: SegmentReaders, path: string): Promise<number | undefined> {
  const into = new Uint8Array(1)
  await readers.read(path, into, 0)
  return into[0]
}

describe('files that are open for reading', () => {
  it('are few, however many are read, and those read last stay open', async () => {
    const world = await disk(20)
    const readers = new SegmentReaders(world.files, 3)
    for (let index = 0; index < 20; index += 1) assert.equal(await first(readers, `d/${index}`), index)
    await turn()
    assert.equal(world.openFiles, 3)
    const { open } = world.counts
    for (let index = 17; index < 20; index += 1) await first(readers, `d/${index}`)
    assert.equal(world.counts.open, open)
    readers.close()
    await turn()
    assert.equal(world.openFiles, 0)
  })

  it('stay open while someone reads them, and are opened once for all who read', async () => {
    const world = await disk(20)
    const readers = new SegmentReaders(world.files, 3)
    const read = Array.from({ length: 60 }, (_, index) => first(readers, `d/${index % 20}`))
    readers.close()
    assert.deepEqual(
      await Promise.all(read),
      Array.from({ length: 60 }, (_, index) => index % 20),
    )
    assert.equal(world.counts.open, 20)
    await turn()
    assert.equal(world.openFiles, 0)
  })

  it('are opened anew after a failure', async () => {
    const world = await disk(1)
    const readers = new SegmentReaders(world.files)
    for (const operation of ['open', 'read'] as const) {
      world.fault({ operation, times: 1 }, { fail: 'EIO' })
      await assert.rejects(first(readers, 'd/0'), { code: 'EIO' })
      assert.equal(await first(readers, 'd/0'), 0)
      readers.close()
    }
    await turn()
    assert.equal(world.openFiles, 0)
  })
})
