import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'mocha'
import { start } from '../../support/child.ts'
import { Keeper } from './keeper.ts'

/** A program that ends by itself only after a minute. */
const patient = ['-e', 'setTimeout(() => {}, 60_000)']

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('the keeper of a server', () => {
  it('ends what it started and removes the folder', async () => {
    const keeper = new Keeper()
    const { pid } = await keeper.start('patient', process.execPath, patient)
    assert.deepEqual([isAlive(pid), existsSync(keeper.folder)], [true, true])
    await keeper.stop()
    assert.deepEqual([isAlive(pid), existsSync(keeper.folder)], [false, false])
  })

  it('does so as well when the process that asked for it is killed', async () => {
    const program = fileURLToPath(new URL('keeper-user.ts', import.meta.url))
    const user = start(process.execPath, ['--import', 'tsx', program, ...patient])
    const { pid, folder } = JSON.parse(await user.line((line) => line.startsWith('{'))) as { readonly pid: number; readonly folder: string }
    assert.deepEqual([isAlive(pid), existsSync(folder)], [true, true])
    const watcher = watch(dirname(folder))
    try {
      user.kill('SIGKILL')
      await user.ended
      // The folder goes last.
      while (existsSync(folder)) await once(watcher, 'change')
      assert.equal(isAlive(pid), false)
    } finally {
      watcher.close()
    }
  })

  it('tells what a program wrote that ended unasked, or that cannot be started', async () => {
    const keeper = new Keeper()
    try {
      await assert.rejects(keeper.start('missing', join(keeper.folder, 'missing'), []), /missing ended spawn .*ENOENT/)
      const other = new Keeper()
      try {
        const end = other.ended('brief')
        await other.start('brief', process.execPath, ['-e', 'console.log("no such port"); process.exit(3)'])
        await end
        assert.throws(() => other.check(), /brief ended with code 3\. It wrote:\nno such port/)
      } finally {
        await other.stop()
      }
    } finally {
      await keeper.stop()
    }
  })
})
