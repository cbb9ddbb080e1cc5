// Starts programs when told to, and ends them and removes their folder when the process that asked is gone, however that happened. It has a group of
// its own, so that a signal for the test's group leaves it the time for that.
import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, rmSync } from 'node:fs'
import type { KeeperOrder, KeeperReport } from './keeper.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: keeper-process.ts FOLDER')

const children = new Map<string, ChildProcess>()
const tell = (report: KeeperReport) => {
  if (process.connected) process.send?.(report)
}

let leaving = false

function leave(): void {
  leaving = true
  // SIGKILL: the orderly end of a broker takes 15 s, and nobody reads its files any more.
  for (const child of children.values()) child.kill('SIGKILL')
  if (children.size === 0) gone()
}

function gone(): void {
  rmSync(folder ?? '', { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  process.exit(0)
}
process.on('disconnect', leave)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave)

process.on('message', ({ name, command, args, env, output }: KeeperOrder) => {
  const file = openSync(output, 'a')
  const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', file, file] })
  const startedAt = Date.now()
  children.set(name, child)
  child.once('spawn', () => tell({ what: 'started', name, pid: child.pid ?? 0, startedAt }))
  child.once('error', (error) => {
    children.delete(name)
    tell({ what: 'ended', name, how: error.message })
  })
  child.once('exit', (code, signal) => {
    children.delete(name)
    tell({ what: 'ended', name, how: signal === null ? `with code ${code}` : `by ${signal}` })
    if (leaving && children.size === 0) gone()
  })
})
