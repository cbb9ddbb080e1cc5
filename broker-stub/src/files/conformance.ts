import assert from 'node:assert/strict'
import { FileError, type FileErrorCode, type Files } from './files.ts'

/** `{ describe, it }` of mocha, given so that the package needs no test runner. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => void | Promise<void>): unknown
}

/** An empty folder that is there, and what is done with it in the end. */
export interface FilesWorld {
  readonly files: Files
  readonly folder: string
  end(): Promise<void>
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Fails as the contract says: the code, the path, and a sentence that has both and what was tried. */
async function refused(operation: Promise<unknown> | (() => unknown), code: FileErrorCode, ...said: string[]): Promise<void> {
  await assert.rejects(typeof operation === 'function' ? (async () => operation())() : operation, (error: unknown) => {
    assert.ok(error instanceof FileError, String(error))
    assert.equal(error.code, code, error.message)
    for (const word of [code, error.path, ...said]) assert.ok(error.message.includes(word), `"${error.message}" should name ${word}`)
    return true
  })
}

async function sizeOf(files: Files, path: string): Promise<number> {
  const file = await files.open(path, 'read')
  const size = await file.size()
  await file.close()
  return size
}

/** What {@link Files} says, as tests. */
export function filesConformance(name: string, make: () => Promise<FilesWorld>, { describe, it }: Runner): void {
  const test = (title: string, body: (files: Files, folder: string) => Promise<void>): void => {
    it(title, async () => {
      const world = await make()
      try {
        await body(world.files, world.folder)
      } finally {
        await world.end()
      }
    })
  }

  describe(`files, ${name}`, () => {
    describe('folders', () => {
      test('lists what is in a folder, sorted, and nothing of a folder that is not there', async (files, folder) => {
        await files.makeFolder(`${folder}/sub/deep`)
        for (const each of ['b', 'a', 'c', 'sub/x']) await (await files.create(`${folder}/${each}`, 0)).close()
        assert.deepEqual(await files.list(folder), ['a', 'b', 'c', 'sub'])
        assert.deepEqual(await files.list(`${folder}/sub`), ['deep', 'x'])
        assert.deepEqual(await files.list(`${folder}/none`), [])
        await refused(files.list(`${folder}/a`), 'ENOTDIR', 'list')
      })

      test('makes a folder that is there as often as one likes, and none where a file is', async (files, folder) => {
        await files.makeFolder(`${folder}/sub`)
        await files.makeFolder(`${folder}/sub`)
        await files.makeFolder(folder)
        await (await files.create(`${folder}/file`, 0)).close()
        await refused(files.makeFolder(`${folder}/file`), 'EEXIST', 'make the folder')
        await refused(files.makeFolder(`${folder}/file/sub`), 'ENOTDIR', 'make the folder')
      })

      test('syncs a folder that is there', async (files, folder) => {
        await files.syncFolder(folder)
        await refused(files.syncFolder(`${folder}/none`), 'ENOENT', 'sync the folder')
      })
    })

    describe('create and open', () => {
      test('creates a file of zeros that has its size at once', async (files, folder) => {
        const size = 1024 * 1024 + 5
        const file = await files.create(`${folder}/zeros`, size)
        assert.equal(await file.size(), size)
        const read = new Uint8Array(size + 10).fill(1)
        assert.equal(await file.read(read, 0), size)
        assert.ok(read.subarray(0, size).every((byte) => byte === 0))
        assert.equal(file.path, `${folder}/zeros`)
        await file.close()
      })

      test('creates nothing over what is there, nor where no folder is', async (files, folder) => {
        const file = await files.create(`${folder}/file`, 10)
        await file.write([bytesOf('kept')], 0)
        await refused(files.create(`${folder}/file`, 10), 'EEXIST', 'create', '10')
        const read = new Uint8Array(4)
        await file.read(read, 0)
        assert.deepEqual(read, bytesOf('kept'))
        await file.close()
        await refused(files.create(`${folder}/none/file`, 10), 'ENOENT', 'create')
        await refused(files.create(`${folder}/file/file`, 10), 'ENOTDIR', 'create')
      })

      test('opens what was written before, for reading only or for both', async (files, folder) => {
        const file = await files.create(`${folder}/file`, 0)
        await file.write([bytesOf('hello')], 0)
        await file.close()
        const reader = await files.open(`${folder}/file`, 'read')
        const into = new Uint8Array(5)
        assert.equal(await reader.read(into, 0), 5)
        assert.deepEqual(into, bytesOf('hello'))
        await refused(reader.write([into], 0), 'EBADF', 'write 5 bytes at 0')
        await refused(() => reader.writeNow([into], 0), 'EBADF', 'write 5 bytes at 0')
        await refused(reader.writeThrough([into], 0), 'EBADF', 'write 5 bytes at 0')
        await reader.close()
        const writer = await files.open(`${folder}/file`, 'write')
        await writer.write([bytesOf('J')], 0)
        await writer.read(into, 0)
        assert.deepEqual(into, bytesOf('Jello'))
        await writer.close()
        await refused(files.open(`${folder}/none`, 'write'), 'ENOENT', 'open')
      })
    })

    describe('reading and writing', () => {
      test('writes many parts one after the other, empty ones among them', async (files, folder) => {
        const file = await files.create(`${folder}/file`, 0)
        // More parts than one call of the system takes (IOV_MAX is 1024).
        const parts = Array.from({ length: 3_000 }, (_, index) => new Uint8Array(index % 3).fill(index % 251))
        await file.write(parts, 3)
        const size = 3 + 3_000
        assert.equal(await file.size(), size)
        const read = new Uint8Array(size)
        await file.read(read, 0)
        assert.deepEqual(Buffer.from(read), Buffer.concat([new Uint8Array(3), ...parts]))
        file.writeNow(parts, 10)
        assert.equal(await file.read(read.subarray(3), 10), 3_000)
        assert.deepEqual(Buffer.from(read), Buffer.concat([new Uint8Array(3), ...parts]))
        await file.writeThrough(parts, 20)
        assert.equal(await file.size(), 20 + 3_000)
        assert.equal(await file.read(read.subarray(3), 20), 3_000)
        assert.deepEqual(Buffer.from(read), Buffer.concat([new Uint8Array(3), ...parts]))
        await file.writeThrough([], 50_000)
        await file.write([], 50_000)
        await file.write([new Uint8Array(0)], 50_000)
        file.writeNow([], 50_000)
        assert.equal(await file.size(), 20 + 3_000)
        await file.close()
      })

      test('has written when writeNow returns', async (files, folder) => {
        const file = await files.create(`${folder}/file`, 0)
        const other = await files.open(`${folder}/file`, 'read')
        const reading = Array.from({ length: 20 }, async (_, index) => {
          const bytes = bytesOf(`record ${index}`.padEnd(12))
          file.writeNow([bytes.subarray(0, 5), bytes.subarray(5)], index * 12)
          bytes.fill(0)
          const into = new Uint8Array(12)
          assert.equal(await other.read(into, index * 12), 12)
          assert.equal(Buffer.from(into).toString().trim(), `record ${index}`)
        })
        await Promise.all(reading)
        await Promise.all([file.close(), other.close()])
      })

      test('reads fewer bytes only at the end', async (files, folder) => {
        const file = await files.create(`${folder}/file`, 0)
        await file.write([bytesOf('0123456789')], 0)
        const into = new Uint8Array(8)
        assert.equal(await file.read(into, 0), 8)
        assert.equal(await file.read(into, 7), 3)
        assert.deepEqual(into, bytesOf('78934567'))
        assert.equal(await file.read(into, 10), 0)
        assert.equal(await file.read(into, 1_000), 0)
        assert.equal(await file.read(new Uint8Array(0), 0), 0)
        await file.close()
      })

      test('reads zeros where nothing was written', async (files, folder) => {
        const file = await files.create(`${folder}/file`, 0)
        await file.write([bytesOf('far')], 10_000)
        const into = new Uint8Array(4).fill(1)
        assert.equal(await file.read(into, 9_998), 4)
        assert.deepEqual(into, Uint8Array.of(0, 0, 102, 97))
        await file.close()
      })

      test('cuts a file and makes it longer by zeros', async (files, folder) => {
        const file = await files.create(`${folder}/file`, 0)
        await file.write([bytesOf('0123456789')], 0)
        await file.truncate(4)
        assert.equal(await file.size(), 4)
        await file.truncate(8)
        const into = new Uint8Array(10)
        assert.equal(await file.read(into, 0), 8)
        assert.deepEqual(into, Uint8Array.of(48, 49, 50, 51, 0, 0, 0, 0, 0, 0))
        await file.sync()
        await file.close()
      })

      test('closes more than once, and does nothing with a closed file', async (files, folder) => {
        const file = await files.create(`${folder}/file`, 0)
        await Promise.all([file.close(), file.close()])
        await file.close()
        const bytes = new Uint8Array(2)
        await refused(file.write([bytes], 0), 'EBADF')
        await refused(() => file.writeNow([bytes], 0), 'EBADF', 'closed')
        await refused(file.read(bytes, 0), 'EBADF', 'read 2 bytes at 0')
        await refused(file.size(), 'EBADF')
        await refused(file.writeThrough([bytes], 0), 'EBADF', 'write 2 bytes at 0')
        await refused(file.sync(), 'EBADF', 'sync')
        await refused(file.truncate(0), 'EBADF')
      })
    })

    describe('rename and remove', () => {
      test('renames over what is there', async (files, folder) => {
        for (const each of ['old', 'new']) {
          const file = await files.create(`${folder}/${each}`, 0)
          await file.write([bytesOf(each)], 0)
          await file.close()
        }
        await files.rename(`${folder}/new`, `${folder}/old`)
        assert.deepEqual(await files.list(folder), ['old'])
        const file = await files.open(`${folder}/old`, 'read')
        const into = new Uint8Array(3)
        await file.read(into, 0)
        assert.deepEqual(into, bytesOf('new'))
        await file.close()
        await refused(files.rename(`${folder}/none`, `${folder}/old`), 'ENOENT', 'rename', `${folder}/old`)
        assert.deepEqual(await files.list(folder), ['old'])
      })

      test('keeps reading and writing a file that was renamed or removed while it is open', async (files, folder) => {
        const file = await files.create(`${folder}/file`, 0)
        await file.write([bytesOf('still')], 0)
        await files.rename(`${folder}/file`, `${folder}/other`)
        await files.remove(`${folder}/other`)
        const into = new Uint8Array(5)
        assert.equal(await file.read(into, 0), 5)
        assert.deepEqual(into, bytesOf('still'))
        await (await files.create(`${folder}/file`, 0)).close()
        await file.writeThrough([bytesOf('S')], 0)
        await file.read(into, 0)
        assert.deepEqual(into, bytesOf('Still'))
        assert.equal(await sizeOf(files, `${folder}/file`), 0)
        await file.close()
      })

      test('removes what is there, and takes what is not for removed', async (files, folder) => {
        await (await files.create(`${folder}/file`, 0)).close()
        await files.remove(`${folder}/file`)
        await files.remove(`${folder}/file`)
        assert.deepEqual(await files.list(folder), [])
      })
    })

    describe('lock', () => {
      test('gives a folder to one at a time', async (files, folder) => {
        const lock = await files.lock(folder)
        await refused(files.lock(folder), 'LOCKED', String(process.pid), folder)
        await lock.release()
        await lock.release()
        const next = await files.lock(folder)
        await lock.release()
        await refused(files.lock(folder), 'LOCKED')
        await next.release()
      })

      test('gives it to exactly one of many who ask at once', async (files, folder) => {
        const asked = await Promise.allSettled(Array.from({ length: 10 }, () => files.lock(folder)))
        assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 1)
        for (const each of asked) if (each.status === 'fulfilled') await each.value.release()
      })

      test('locks each folder by itself, and none that is not there', async (files, folder) => {
        await files.makeFolder(`${folder}/a`)
        await files.makeFolder(`${folder}/b`)
        const locks = [await files.lock(`${folder}/a`), await files.lock(`${folder}/b`)]
        for (const lock of locks) await lock.release()
        await refused(files.lock(`${folder}/none`), 'ENOENT', 'lock')
      })
    })
  })
}
