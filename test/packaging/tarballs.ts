import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectSuccess, run } from '../support/child.ts'
import { root } from '../support/repository.ts'

/** Folders of the packages that are published. */
export const publishable = ['proto', 'transport', 'sdk', 'broker-stub', 'mesh-filter'] as const
export type Folder = (typeof publishable)[number]

/** A package as npm would publish it. */
export interface Tarball {
  readonly name: string
  readonly version: string
  readonly path: string
  /** Paths in the package, without the leading `package/`. */
  readonly files: readonly string[]
  readonly bytes: number
}

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export function manifest(folder: Folder): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
}

interface Packed {
  readonly name: string
  readonly version: string
  readonly filename: string
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

/** `npm pack` of all publishable packages into a folder, in one run. */
export async function packAll(destination: string): Promise<ReadonlyMap<Folder, Tarball>> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination, ...publishable.flatMap((folder) => ['--workspace', folder])]
  const end = await run('npm', args, { cwd: root, timeout: 60_000, env: { npm_config_offline: 'true' } })
  expectSuccess('npm pack', end)
  const packed: readonly Packed[] = JSON.parse(end.stdout)
  const found = new Map<Folder, Tarball>()
  for (const folder of publishable) {
    const { name } = manifest(folder)
    const entry = packed.find((candidate) => candidate.name === name)
    if (entry === undefined) throw new Error(`npm pack wrote no tarball for ${name}`)
    found.set(folder, {
      name,
      version: entry.version,
      // npm 9 and older print the scope into the name, npm 10 a file name; on disk it is always this one.
      path: join(destination, `${name.replace('@', '').replace('/', '-')}-${entry.version}.tgz`),
      files: entry.files.map(({ path }) => path),
      bytes: entry.unpackedSize,
    })
  }
  return found
}
