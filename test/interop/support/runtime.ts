import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, run } from '../../support/child.ts'
import { root } from '../../support/repository.ts'

const { CI } = process.env

/** This machine lacks what an official client runs on, or cannot fetch the client. */
export class MissingPeer extends Error {}

/** A version of `test/peers.json`. */
export function pinned(name: string): string {
  const peers: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(join(root, 'test/peers.json'), 'utf8'))
  const version = peers[name]
  if (typeof version !== 'string') throw new Error(`test/peers.json names no version of ${name}`)
  return version
}

/** What `find` finds. Where that is missing, the suite is skipped, loudly; with `CI=true` that is a failure. */
export async function requirePeer<T>(context: Mocha.Context, find: () => Promise<T>): Promise<T> {
  // The first test of a machine pays for the download.
  context.timeout(300_000)
  try {
    return await find()
  } catch (error) {
    if (!(error instanceof MissingPeer) || CI === 'true') throw error
    console.error(`    SKIPPED, nothing is tested here. ${error.message}`)
    return context.skip()
  }
}

/** Runs a program that fetches something, or that tells its version. */
export async function fetched(what: string, command: string, args: readonly string[]): Promise<Ended> {
  const end = await run(command, args, { timeout: 280_000 })
  if (end.code !== 0) throw new MissingPeer(`${what} failed: ${`${end.stderr}${end.stdout}`.trim().split('\n').slice(-5).join('\n')}`)
  return end
}

/**
 * A folder below `.cache/` that `make` fills once for each content of `inputs`. It appears when it is complete, and what other contents left goes.
 */
export async function madeOnce(parent: string, name: string, inputs: readonly string[], make: (folder: string) => Promise<void>): Promise<string> {
  const digest = createHash('sha256')
  for (const input of inputs) digest.update(`${input.length}:${input}`)
  const parentFolder = join(root, '.cache', parent)
  const kept = `${name}-${digest.digest('hex').slice(0, 12)}`
  const folder = join(parentFolder, kept)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  try {
    await make(unfinished)
    for (const other of readdirSync(parentFolder)) {
      if (other.startsWith(`${name}-`) && !other.startsWith(kept)) rmSync(join(parentFolder, other), { recursive: true, force: true })
    }
    renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}

/** The size of a folder, as text. */
export function sizeOf(folder: string): string {
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
  return `${Math.round(bytes / 1e6)} MB`
}
