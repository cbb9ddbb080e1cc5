import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { filesConformance } from '../conformance.ts'
import type { File } from '../files.ts'
import { SECTOR } from './simulated-content.ts'
import { SimulatedDisk } from './simulated-files.ts'

filesConformance(
  'the simulated ones',
  async () => {
    const disk = new SimulatedDisk()
    await disk.files.makeFolder('/data/here')
    return { files: disk.files, folder: '/data/here', end: async () => {} }
  },
  { describe, it },
)

const bytes = (text: string): Uint8Array => Buffer.from(text)
const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1)

/** A disk with a file `/data/file` that holds 'old' where it was synced, name and all. */
async function prepared(seed: number): Promise<{ readonly disk: SimulatedDisk; readonly file: File }> {
  const disk = new SimulatedDisk({ seed })
  await disk.files.makeFolder('/data')
  const file = await disk.files.create('/data/file', 0)
  await file.write([bytes('old')], 0)
  await file.sync()
  await disk.files.syncFolder('/data')
  return { disk, file }
}

const shown = (disk: SimulatedDisk, path = '/data/file'): string | undefined => {
  const content = disk.peek(path)
  return content === undefined ? undefined : Buffer.from(content).toString()
}

/** What the crash left under all seeds, sorted. */
async function outcomes(body: (disk: SimulatedDisk, file: File) => Promise<string | undefined>): Promise<(string | undefined)[]> {
  const seen = new Set<string | undefined>()
  for (const seed of SEEDS) {
    const { disk, file } = await prepared(seed)
    seen.add(await body(disk, file))
  }
  return [...seen].sort()
}

describe('simulated disk', () => {
  describe('when the process is killed', () => {
    it('has all that was written, synced or not, and every name', async () => {
      const { disk, file } = await prepared(1)
      await file.write([bytes('new one')], 0)
      file.writeNow([bytes('!')], 7)
      await disk.files.create('/data/other', 5)
      await disk.files.rename('/data/other', '/data/third')
      disk.crash('kill')
      assert.equal(shown(disk), 'new one!')
      assert.deepEqual(disk.paths, ['/data/file', '/data/third'])
    })

    it('may have a beginning of what was being written, and nothing but a beginning', async () => {
      const left = await outcomes(async (disk, file) => {
        void file.write([bytes('abcdef')], 0).catch(() => {})
        disk.crash('kill')
        return shown(disk)
      })
      assert.deepEqual(
        left,
        ['abc', 'abcd', 'abcde', 'abcdef', 'abd', 'ald', 'old'].filter((each) => left.includes(each)),
      )
      assert.ok(left.length >= 4, left.join())
    })

    it('ends whatever the process goes on asking, and gives its locks to the next', async () => {
      const { disk, file } = await prepared(1)
      await disk.files.lock('/data')
      const { files } = disk
      const pending = [file.write([bytes('never')], 0), files.remove('/data/file')]
      disk.crash('kill', 'none')
      for (const each of pending) await assert.rejects(each, { code: 'CRASHED' })
      await assert.rejects(files.list('/data'), { code: 'CRASHED' })
      assert.throws(() => file.writeNow([bytes('never')], 0), { code: 'CRASHED' })
      await file.close()
      assert.equal(shown(disk), 'old')
      await (await disk.files.lock('/data')).release()
      assert.equal(disk.openFiles, 0)
      assert.equal(disk.crashes, 1)
    })
  })

  describe('when the power goes', () => {
    it('has what was synced, and perhaps what was not, or an earlier version of it', async () => {
      const left = await outcomes(async (disk, file) => {
        await file.write([bytes('1st')], 0)
        await file.write([bytes('2nd')], 0)
        disk.crash('power')
        return shown(disk)
      })
      assert.deepEqual(left, ['1st', '2nd', 'old'])
    })

    it('loses whole sectors by themselves', async () => {
      const left = await outcomes(async (disk, file) => {
        await file.truncate(3 * SECTOR)
        await file.sync()
        await file.write([new Uint8Array(3 * SECTOR).fill(120)], 0)
        disk.crash('power')
        const content = disk.peek('/data/file') ?? new Uint8Array()
        for (let at = 0; at < 3; at++) assert.equal(new Set(content.subarray(at * SECTOR + 3, (at + 1) * SECTOR)).size, 1)
        return [0, 1, 2].map((at) => (content[at * SECTOR + 3] === 120 ? 'x' : '-')).join('')
      })
      assert.deepEqual(left, ['---', '--x', '-x-', '-xx', 'x--', 'x-x', 'xx-', 'xxx'])
    })

    it('may have a size without its bytes, or bytes without the size', async () => {
      const left = await outcomes(async (disk, file) => {
        await file.write([bytes('z')], SECTOR)
        disk.crash('power')
        return `${disk.peek('/data/file')?.length} ${disk.peek('/data/file')?.[SECTOR] ?? 'none'}`
      })
      assert.deepEqual(left, ['3 none', '513 0', '513 122'])
    })

    it('syncs what was written before the sync began, and not what came while it ran', async () => {
      const left = await outcomes(async (disk, file) => {
        await file.write([bytes('abc')], 0)
        const syncing = file.sync()
        file.writeNow([bytes('xyz')], 0)
        await syncing
        disk.crash('power')
        return shown(disk)
      })
      assert.deepEqual(left, ['abc', 'xyz'])
    })

    it('may lose each name that was not synced with its folder', async () => {
      const left = await outcomes(async (disk) => {
        for (const name of ['a', 'b']) await disk.files.create(`/data/${name}`, 0)
        await disk.files.remove('/data/file')
        disk.crash('power')
        return disk.paths.map((path) => path.slice(6)).join()
      })
      assert.deepEqual(left, ['', 'a', 'a,b', 'a,b,file', 'a,file', 'b', 'b,file', 'file'])
    })

    it('has a renamed file under one of both names, and what it took the place of only when it has the old one', async () => {
      const left = await outcomes(async (disk) => {
        const next = await disk.files.create('/data/next', 0)
        await next.write([bytes('new')], 0)
        await next.sync()
        await disk.files.syncFolder('/data')
        await disk.files.rename('/data/next', '/data/file')
        disk.crash('power')
        return `${shown(disk)} ${shown(disk, '/data/next')}`
      })
      assert.deepEqual(left, ['new undefined', 'old new'])
    })

    it('has every name of a folder that was synced', async () => {
      const left = await outcomes(async (disk) => {
        await disk.files.create('/data/a', 0)
        await disk.files.rename('/data/file', '/data/b')
        await disk.files.syncFolder('/data')
        disk.crash('power')
        return disk.paths.join()
      })
      assert.deepEqual(left, ['/data/a,/data/b'])
    })

    it('never has what a failed sync lost, however often it is synced later', async () => {
      const left = await outcomes(async (disk, file) => {
        await file.write([bytes('new')], 0)
        const fault = disk.fault({ operation: 'sync' }, { fail: 'EIO' })
        await assert.rejects(file.sync(), { code: 'EIO', message: 'cannot sync /data/file: the device failed (EIO)' })
        fault.cancel()
        await file.close()
        assert.equal(shown(disk), 'new')
        const again = await disk.files.open('/data/file', 'write')
        await again.sync()
        disk.crash('power', 'all')
        return shown(disk)
      })
      assert.deepEqual(left, ['new', 'old'])
    })

    it('loses all or nothing of it when the test says so', async () => {
      for (const [unsynced, expected] of [
        ['none', 'old'],
        ['all', '2nd'],
      ] as const) {
        const left = await outcomes(async (disk, file) => {
          await file.write([bytes('1st')], 0)
          await file.write([bytes('2nd')], 0)
          disk.crash('power', unsynced)
          return shown(disk)
        })
        assert.deepEqual(left, [expected])
      }
    })

    it('keeps every byte that was synced, whatever was done before and after', async () => {
      const write = fc.record({ at: fc.nat(2_000), length: fc.integer({ min: 1, max: 1_500 }), sync: fc.boolean() })
      await fc.assert(
        fc.asyncProperty(fc.integer(), fc.array(write, { maxLength: 30 }), async (seed, writes) => {
          const disk = new SimulatedDisk({ seed })
          const file = await disk.files.create('/file', 0)
          await disk.files.syncFolder('/')
          // Per byte: what the disk may have.
          const possible = Array.from({ length: 4_000 }, () => new Set([0]))
          let synced = 0
          for (const [index, { at, length, sync }] of writes.entries()) {
            await file.write([new Uint8Array(length).fill(index + 1)], at)
            for (let each = at; each < at + length; each++) possible[each]?.add(index + 1)
            if (!sync) continue
            await file.sync()
            synced = await file.size()
            const into = new Uint8Array(4_000)
            await file.read(into, 0)
            for (const [each, set] of possible.entries()) {
              set.clear()
              set.add(into[each] ?? 0)
            }
          }
          disk.crash('power')
          const left = disk.peek('/file') ?? new Uint8Array()
          assert.ok(left.length >= synced)
          for (const [at, byte] of left.entries()) assert.ok(possible[at]?.has(byte), `byte ${at} is ${byte}`)
        }),
        { numRuns: 40 },
      )
    })
  })

  describe('faults', () => {
    it('fail the operations that are meant, and no others', async () => {
      const { disk, file } = await prepared(1)
      const fault = disk.fault({ operation: ['create', 'write'], path: /other|file$/, skip: 1, times: 2 }, { fail: 'EIO' })
      await disk.files.create('/data/other', 0)
      await disk.files.create('/data/unmeant', 0)
      await assert.rejects(file.write([bytes('x')], 0), { code: 'EIO', path: '/data/file' })
      await assert.rejects(disk.files.create('/data/other2', 0), { code: 'EIO' })
      await file.write([bytes('new')], 0)
      assert.equal(fault.hits, 2)
      assert.equal(shown(disk), 'new')
    })

    it('cut writes short, or tear them', async () => {
      const { disk, file } = await prepared(2)
      disk.fault({ operation: 'writeNow', times: 1 }, { fail: 'EIO', after: 2 })
      assert.throws(() => file.writeNow([bytes('abcdef')], 0), { code: 'EIO' })
      assert.equal(shown(disk), 'abd')
      disk.fault({ operation: 'write', times: 1 }, { fail: 'EIO', torn: true })
      await assert.rejects(file.write([new Uint8Array(20 * SECTOR).fill(7)], 0), { code: 'EIO' })
      const content = disk.peek('/data/file') ?? new Uint8Array()
      const torn = Array.from({ length: 20 }, (_, at) => content[at * SECTOR] === 7)
      assert.ok(torn.includes(true) && torn.includes(false))
    })

    it('hold operations until they are released, while others go on', async () => {
      const { disk, file } = await prepared(1)
      const fault = disk.fault({ operation: 'write' }, { hold: true })
      const ended: string[] = []
      const writes = ['1st', '2nd'].map((text) => file.write([bytes(text)], 0).then(() => ended.push(text)))
      await file.sync()
      assert.equal(fault.held, 2)
      assert.equal(shown(disk), 'old')
      fault.release(1)
      await writes[0]
      assert.deepEqual(ended, ['1st'])
      assert.equal(shown(disk), '1st')
      disk.heal()
      await Promise.all(writes)
      assert.equal(shown(disk), '2nd')
    })

    it('crash in the middle of an operation, of which a beginning may have happened', async () => {
      for (const operation of ['write', 'writeNow'] as const) {
        const left = await outcomes(async (disk, file) => {
          disk.fault({ operation, skip: 1, times: 1 }, { crash: 'kill' })
          await file[operation]([bytes('o')], 0)
          await assert.rejects(async () => file[operation]([bytes('xyz')], 0), { code: 'CRASHED' })
          assert.equal(disk.crashes, 1)
          return shown(disk)
        })
        assert.deepEqual(left, ['old', 'xld', 'xyd', 'xyz'])
      }
    })
  })

  it('is full at its capacity: what fits is written, and what is removed and closed makes room', async () => {
    const disk = new SimulatedDisk({ capacity: 100 })
    await disk.files.makeFolder('/data')
    const file = await disk.files.create('/data/a', 60)
    await assert.rejects(disk.files.create('/data/b', 50), { code: 'ENOSPC', message: /the disk is full/ })
    assert.deepEqual(disk.paths, ['/data/a'])
    await file.write([new Uint8Array(60).fill(1)], 0)
    await assert.rejects(file.write([new Uint8Array(60).fill(2)], 50), { code: 'ENOSPC' })
    assert.equal(await file.size(), 100)
    await disk.files.remove('/data/a')
    assert.equal(disk.used, 100)
    await file.close()
    assert.equal(disk.used, 0)
    await disk.files.create('/data/b', 100)
  })

  it('changes nothing when it is read-only', async () => {
    const { disk, file } = await prepared(1)
    disk.readOnly = true
    await assert.rejects(file.write([bytes('x')], 0), { code: 'EROFS' })
    await assert.rejects(disk.files.create('/data/b', 0), { code: 'EROFS' })
    await assert.rejects(disk.files.remove('/data/file'), { code: 'EROFS' })
    await assert.rejects(disk.files.rename('/data/file', '/data/b'), { code: 'EROFS' })
    await assert.rejects(disk.files.open('/data/file', 'write'), { code: 'EROFS' })
    await disk.files.open('/data/file', 'read')
    assert.equal(shown(disk), 'old')
  })

  it('counts operations and open files, and tells of a file that is used after its sync failed', async () => {
    const { disk, file } = await prepared(1)
    assert.deepEqual([disk.counts.create, disk.counts.write, disk.counts.sync, disk.counts.syncFolder, disk.openFiles], [1, 1, 1, 1, 1])
    disk.fault({ operation: 'sync', times: 1 }, { fail: 'EIO' })
    await assert.rejects(file.sync())
    assert.deepEqual(disk.misuses, [])
    await file.write([bytes('x')], 0)
    await file.sync()
    assert.equal(disk.misuses.length, 2)
    await file.close()
    assert.equal(disk.openFiles, 0)
  })
})
