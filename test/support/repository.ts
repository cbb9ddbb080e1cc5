import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** Files as git knows them, ignored ones left out, new ones included. Paths are relative to {@link root}. */
export function repositoryFiles(...patterns: string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--deduplicate', '--', ...patterns], { cwd: root, encoding: 'utf8' })
  return listed.split('\n').filter((path) => path !== '')
}

/** An empty folder inside the repository, which git ignores; modules in it find what npm installed. */
export function scratchFolder(name: string): string {
  const folder = join(root, '.cache', name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The path of a program that npm installed. */
export function bin(name: string): string {
  return join(root, 'node_modules', '.bin', name)
}
