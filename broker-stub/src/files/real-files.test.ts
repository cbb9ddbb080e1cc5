import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { filesConformance } from './conformance.ts'
import { FileError } from './files.ts'
import { processStart } from './folder-lock.ts'
import { realFiles } from './real-files.ts'

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), 'feathermq-files-'))

filesConformance(
  'the real ones',
  async () => {
    const folder = await temporary()
    return { files: realFiles, folder, end: () => rm(folder, { recursive: true }) }
  },
  { describe, it },
)

describe('real files', () => {
  let folder: string
  const children: ChildProcess[] = []

  beforeEach(async () => {
    folder = await temporary()
  })

  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await rm(folder, { recursive: true })
  })

  /** A process that runs the code, once it has said something. */
  async function running(code: string, command: string = process.execPath, args: readonly string[] = []): Promise<ChildProcess> {
    const child = spawn(command, [...args, '--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    if (child.stdout !== null) await once(child.stdout, 'data')
    return child
  }

  async function end(child: ChildProcess): Promise<void> {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  const WAIT = 'console.log("up"); process.stdin.resume(); setInterval(() => {}, 1e6)'

  it('names the live process that has the folder, and takes over when it was killed', async () => {
    const child = await running(WAIT)
    const pid = child.pid ?? 0
    await writeFile(join(folder, 'lock.7'), `${pid} ${await processStart(pid)}\n`)
    await assert.rejects(realFiles.lock(folder), (error: unknown) => {
      assert.ok(error instanceof FileError)
      assert.equal(error.code, 'LOCKED')
      assert.ok(error.message.includes(`process ${pid} uses it`), error.message)
      assert.ok(error.message.includes('lock.7'), error.message)
      return true
    })
    assert.deepEqual(await readdir(folder), ['lock.7'])
    await end(child)
    const lock = await realFiles.lock(folder)
    assert.deepEqual(await readdir(folder), ['lock.8'])
    await assert.rejects(realFiles.lock(folder), { code: 'LOCKED' })
    await lock.release()
  })

  it('does not take another process for the one whose pid it got', async function () {
    if (!existsSync('/proc/self/stat')) return this.skip()
    const [boot, start] = (await processStart(process.pid)).split(' ')
    for (const [number, other] of [`${boot} ${Number(start) - 1}`, `another-boot ${start}`].entries()) {
      await writeFile(join(folder, `lock.${number + 10}`), `${process.pid} ${other}\n`)
      await (await realFiles.lock(folder)).release()
    }
    await writeFile(join(folder, 'lock.20'), `${process.pid} ${boot} ${start}\n`)
    await assert.rejects(realFiles.lock(folder), { code: 'LOCKED' })
  })

  it('gives a dead lock to exactly one of those who found it dead together', async () => {
    for (let round = 0; round < 10; round++) {
      await writeFile(join(folder, `lock.${round * 100 + 1}`), round % 2 === 0 ? '4194999 0 0\n' : '')
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => realFiles.lock(folder)))
      const won = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
      assert.equal(won.length, 1)
      for (const each of asked) if (each.status === 'rejected') assert.equal((each.reason as FileError).code, 'LOCKED')
      assert.equal((await readdir(folder)).length, 1)
      await won[0]?.release()
    }
  })

  it('removes what a process that was killed left of its asking', async () => {
    await writeFile(join(folder, 'lock-draft.4194999.abc'), 'x')
    await (await realFiles.lock(folder)).release()
    assert.deepEqual(await readdir(folder), ['lock.1'])
  })

  it('ends what it was asked to write through before it is closed, and takes no more from then on', async () => {
    const path = join(folder, 'file')
    const file = await realFiles.create(path, 0)
    await file.writeThrough([Buffer.from('first ')], 0)
    const second = file.writeThrough([Buffer.from('sec'), Buffer.from('ond')], 6)
    const closed = file.close()
    const message = `cannot write 5 bytes at 12 of ${path} and sync it: it is closed, or was opened for reading only (EBADF)`
    await assert.rejects(file.writeThrough([Buffer.from('third')], 12), { name: 'FileError', code: 'EBADF', path, message })
    await Promise.all([second, closed])
    await assert.rejects(file.writeThrough([Buffer.from('third')], 12), { code: 'EBADF' })
    assert.equal(await readFile(path, 'utf8'), 'first second')
  })

  it('says that the disk is full, on what, and what it was about to do', async function () {
    if (!existsSync('/dev/full')) return this.skip()
    const file = await realFiles.open('/dev/full', 'write')
    const bytes = new Uint8Array(100)
    const message = 'cannot write 200 bytes at 5 of /dev/full: the disk is full (ENOSPC)'
    await assert.rejects(file.write([bytes, bytes], 5), { name: 'FileError', code: 'ENOSPC', path: '/dev/full', message })
    assert.throws(() => file.writeNow([bytes, bytes], 5), { name: 'FileError', code: 'ENOSPC', path: '/dev/full', message })
    await file.close()
  })

  it('goes on after short writes, and leaves no file that could not be made as long as it was asked', async function () {
    if (process.platform === 'win32') return this.skip()
    // A limit on the size of files cuts the write that reaches it short; the one behind it fails.
    const code = `
      import { realFiles } from ${JSON.stringify(new URL('real-files.ts', import.meta.url).href)}
      const file = await realFiles.create(${JSON.stringify(`${folder}/file`)}, 0)
      const errors = [
        await file.write([new Uint8Array(8000).fill(1), new Uint8Array(8000).fill(2)], 10).catch((error) => error),
        await realFiles.create(${JSON.stringify(`${folder}/large`)}, 5_000_000).catch((error) => error),
      ]
      await file.writeThrough([new Uint8Array(10)], 0)
      errors.push(await file.writeThrough([new Uint8Array(8000), new Uint8Array(12_000)], 5).catch((error) => error))
      try { file.writeNow([new Uint8Array(6000), new Uint8Array(6000)], 5_000) } catch (error) { errors.push(error) }
      console.log(JSON.stringify({ errors: errors.map(({ name, code }) => name + ' ' + code), size: await file.size() }))`
    const limited = spawn('sh', ['-c', 'ulimit -f 16; exec "$0" "$@"', process.execPath, '--import=tsx', '--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(limited)
    let said = ''
    limited.stdout.on('data', (data: Buffer) => {
      said += data.toString()
    })
    await once(limited, 'close')
    const { errors, size } = JSON.parse(said) as { errors: string[]; size: number }
    assert.deepEqual(errors, ['FileError EFBIG', 'FileError EFBIG', 'FileError EFBIG', 'FileError EFBIG'])
    // 16 blocks of 512 or 1,024 bytes, as the shell counts.
    assert.ok(size === 8_192 || size === 16_384, String(size))
    assert.deepEqual(await readdir(folder), ['file'])
  })
})
