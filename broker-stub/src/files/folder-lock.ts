import { randomBytes } from 'node:crypto'
import { link, readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FileError, type FolderLock } from './files.ts'

/*
 * A lock is a file `lock.<n>` that names a process. Node has no flock, so what decides is that only one process can make a name that is not there.
 *
 * Whoever finds the process of the highest lock gone makes the next number. The highest number never goes down (who holds it removes only lower ones, and
 * a released lock stays as an empty file): so of all who saw the same dead process one succeeds, and one that slept meanwhile and makes a number which was
 * used and removed finds a higher one when it looks again. With a single file that is removed and made again, the sleeper would remove the lock of the one
 * who was faster.
 *
 * It sees processes of the same pid namespace only: two containers that share a volume do not see each other.
 */
const LOCK_NAME = /^lock\.(\d{1,15})$/
const DRAFT_NAME = /^lock-draft\.(\d{1,10})\./

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
}

/**
 * What tells a process from a later one with the same pid: the boot of the machine and the time of its start.
 * @returns `'gone'`; `'unknown'` where the system does not say, so that a pid given anew looks like the old process.
 */
export async function processStart(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    // Behind the name, which may hold anything, in parentheses (proc(5)): the state is field 3, the time of the start field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A process that ended and whom nobody has waited for holds nothing any more.
    if (fields[0] === 'Z' || fields[0] === 'X') return 'gone'
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '-')
    return `${boot.trim()} ${fields[19] ?? '-'}`
  } catch {
    try {
      process.kill(pid, 0)
      return 'unknown'
    } catch (thrown) {
      return codeOf(thrown) === 'EPERM' ? 'unknown' : 'gone'
    }
  }
}

/** The pid of the live process that a lock names; undefined when it names none, a dead one, or is not there. */
async function liveOwner(path: string): Promise<number | undefined> {
  const [, pid, start] = /^(\d{1,10}) (.*)\n$/.exec(await readFile(path, 'latin1').catch(() => '')) ?? []
  if (pid === undefined || Number(pid) === 0) return undefined
  const present = await processStart(Number(pid))
  return present === start || (present !== 'gone' && (present === 'unknown' || start === 'unknown')) ? Number(pid) : undefined
}

async function numbersOf(folder: string): Promise<number[]> {
  const numbers: number[] = []
  for (const name of await readdir(folder)) {
    const number = LOCK_NAME.exec(name)?.[1]
    if (number !== undefined) numbers.push(Number(number))
  }
  return numbers.sort((a, b) => a - b)
}

/** Drafts of processes that were killed before they removed them. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = DRAFT_NAME.exec(name)?.[1]
    if (pid !== undefined && (await processStart(Number(pid))) === 'gone') await unlink(join(folder, name)).catch(() => {})
  }
}

/** Throws what node:fs throws, or a {@link FileError} with code `LOCKED`. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const draft = join(folder, `lock-draft.${process.pid}.${randomBytes(6).toString('hex')}`)
  // Linked when it is whole: nobody ever reads half a lock.
  await writeFile(draft, `${process.pid} ${await processStart(process.pid)}\n`, { flag: 'wx' })
  try {
    while (true) {
      const highest = (await numbersOf(folder)).at(-1) ?? 0
      const highestPath = join(folder, `lock.${highest}`)
      const pid = await liveOwner(highestPath)
      if (pid !== undefined) {
        const who = pid === process.pid ? `this process (${pid})` : `process ${pid}`
        throw new FileError('LOCKED', folder, `cannot lock ${folder}: ${who} uses it, as ${highestPath} says (LOCKED)`)
      }

      const path = join(folder, `lock.${highest + 1}`)
      try {
        await link(draft, path)
      } catch (thrown) {
        if (codeOf(thrown) === 'EEXIST') continue
        throw thrown
      }
      const numbers = await numbersOf(folder)
      if (numbers.at(-1) !== highest + 1) {
        await unlink(path).catch(() => {})
        continue
      }
      for (const lower of numbers.slice(0, -1)) await unlink(join(folder, `lock.${lower}`)).catch(() => {})
      await removeDrafts(folder)
      return heldLock(path)
    }
  } finally {
    await unlink(draft).catch(() => {})
  }
}

function heldLock(path: string): FolderLock {
  let released: Promise<void> | undefined
  return {
    release(): Promise<void> {
      released ??= truncate(path, 0).catch((thrown: unknown) => {
        // Somebody removed the folder: nothing is locked.
        if (codeOf(thrown) !== 'ENOENT') throw thrown
      })
      return released
    },
  }
}
