import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'mocha'
import { expectSuccess, run } from '../support/child.ts'
import { type Folder, packAll, type Tarball } from './tarballs.ts'

/** A project of somebody who installed the packages from tarballs. */
export interface Newcomer {
  readonly folder: string
  readonly tarballs: ReadonlyMap<Folder, Tarball>
}

let made: Promise<Newcomer> | undefined
const folders: string[] = []

/** Packs all packages and installs them together, once for all tests of the suite. */
export function newcomer(): Promise<Newcomer> {
  made ??= install()
  return made
}

async function install(): Promise<Newcomer> {
  const folder = emptyProject()
  const tarballs = await packAll(folder)
  const paths = [...tarballs.values()].map(({ path }) => path)
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...paths]
  expectSuccess('npm install of the tarballs', await run('npm', args, { cwd: folder, timeout: 150_000 }))
  return { folder, tarballs }
}

/** Outside of the repository, so that nothing is found by accident in its node_modules. */
function emptyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'feathermq-packaging-'))
  folders.push(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'newcomer', private: true, type: 'module' }))
  return folder
}

/**
 * The same project with other packages beside ours, from a `node_modules` of elsewhere: those win over what npm chose. Ours are copies, because a module
 * behind a link would look for its peers where it really is.
 */
export async function newcomerWith(...others: readonly string[]): Promise<string> {
  const { folder } = await newcomer()
  const own = emptyProject()
  const modules = join(own, 'node_modules')
  mkdirSync(modules)
  cpSync(join(folder, 'node_modules/@feathermq'), join(modules, '@feathermq'), { recursive: true })
  for (const from of [...others, join(folder, 'node_modules')]) {
    for (const name of readdirSync(from)) {
      if (name.startsWith('.') || readdirSync(modules).includes(name)) continue
      symlinkSync(join(from, name), join(modules, name))
    }
  }
  return own
}

after('remove what was installed', function () {
  // Thousands of small files, on a machine that may be busy.
  this.timeout(120_000)
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
