import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expectSuccess, run } from '../../support/child.ts'
import { root } from '../../support/repository.ts'

/** Programs in Go that judge ours. Each has a module of its own in `test/interop/go/`, whose go.sum says what they are made of, to the byte. */
export interface GoModule {
  /** The folder in `test/interop/go/`. */
  readonly name: string
  /** Its packages that are programs, named as `go build` names them: by the last part of their paths. */
  readonly packages: readonly string[]
  /** The module of those packages; `test/peers.json` has its version. */
  readonly peer: string
  readonly reason: string
  /** What a machine pays that has none of it yet. */
  readonly cost: string
}

export const h2specModule: GoModule = {
  name: 'h2spec',
  packages: ['github.com/summerwind/h2spec/cmd/h2spec'],
  peer: 'github.com/summerwind/h2spec',
  reason: 'the judge of our HTTP/2',
  cost: 'downloads 14 MB of Go modules, keeps 6 MB',
}

export const grpcGoModule: GoModule = {
  name: 'grpc',
  packages: ['google.golang.org/grpc/interop/client', 'google.golang.org/grpc/interop/server'],
  peer: 'google.golang.org/grpc',
  reason: 'the other side of the gRPC interoperability tests',
  cost: 'downloads 27 MB of Go modules, keeps 40 MB',
}

/** A path by the name of each program. */
export type GoPrograms = ReadonlyMap<string, string>

/** There is no Go here that will do, or the modules cannot be had: nothing that the project could mend. */
export class NoGoError extends Error {}

const oldestGo = [1, 24] as const
const peers: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(root, 'test/peers.json'), 'utf8'))
const { CI } = process.env

export function moduleFolder(module: GoModule): string {
  return join(root, 'test/interop/go', module.name)
}

export function pinnedVersion(module: GoModule): string {
  const version = peers[module.peer]
  if (version === undefined) throw new Error(`test/peers.json does not name ${module.peer}`)
  return version
}

/** The version of the peer that the module's go.mod requires. */
export function requiredVersion(module: GoModule): string | undefined {
  const line = readFileSync(join(moduleFolder(module), 'go.mod'), 'utf8')
    .split('\n')
    .map((text) => text.trim().split(' '))
    .find(([path]) => path === module.peer)
  return line?.[1]
}

/** True for what `go version` prints of a Go that knows `tool` lines in go.mod. */
export function isGoNewEnough(printed: string): boolean {
  const [, major, minor] = /\bgo(\d+)\.(\d+)/.exec(printed) ?? []
  if (major === undefined || minor === undefined) return false
  return Number(major) > oldestGo[0] || (Number(major) === oldestGo[0] && Number(minor) >= oldestGo[1])
}

/**
 * The programs of a module, built when there are none for its go.mod and go.sum yet. Where that cannot be done the suite is skipped, loudly; with
 * `CI=true` that is a failure.
 */
export async function requireGoPrograms(context: Mocha.Context, module: GoModule): Promise<GoPrograms> {
  // The first test of a machine pays for the download and the build, a minute of two cores.
  context.timeout(900_000)
  try {
    return await goPrograms(module)
  } catch (error) {
    if (!(error instanceof NoGoError) || CI === 'true') throw error
    console.error(`    SKIPPED, nothing is tested here. ${error.message}`)
    return context.skip()
  }
}

const built = new Map<GoModule, Promise<GoPrograms>>()

function goPrograms(module: GoModule): Promise<GoPrograms> {
  const known = built.get(module)
  if (known !== undefined) return known
  const building = find(module)
  built.set(module, building)
  return building
}

async function find(module: GoModule): Promise<GoPrograms> {
  const kept = join(root, '.cache/go', module.name)
  const folder = join(kept, digest(module))
  if (!existsSync(folder)) {
    mkdirSync(kept, { recursive: true })
    // Beside its place, and moved there when it is whole: a build that was broken off is none.
    const unfinished = mkdtempSync(join(kept, 'unfinished-'))
    try {
      await build(module, unfinished)
      for (const other of readdirSync(kept))
        if (!other.startsWith('unfinished-') && other !== basename(folder)) rmSync(join(kept, other), { recursive: true, force: true })
      // Another run may have been faster.
      if (!existsSync(folder)) renameSync(unfinished, folder)
    } finally {
      rmSync(unfinished, { recursive: true, force: true })
    }
  }
  return new Map(module.packages.map((path) => [basename(path), join(folder, fileName(path))]))
}

function digest(module: GoModule): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(moduleFolder(module), file)))
  return hash.digest('hex').slice(0, 16)
}

function fileName(path: string): string {
  return process.platform === 'win32' ? `${basename(path)}.exe` : basename(path)
}

async function build(module: GoModule, into: string): Promise<void> {
  const options = {
    cwd: moduleFolder(module),
    // A Go that is not here is not fetched, a workspace above this folder has no say, and no C compiler is asked for.
    env: { GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' },
    timeout: 800_000,
  }
  const version = await run('go', ['version'], options)
  if (version.code !== 0 || !isGoNewEnough(version.stdout)) {
    const found = version.code === 0 ? `there is only ${version.stdout.trim()}` : 'there is no "go" on the PATH'
    throw new NoGoError(`${module.peer}, ${module.reason}, needs Go ${oldestGo.join('.')} or newer, and ${found}. Install it from https://go.dev/dl.`)
  }
  console.log(`    Building ${module.peer} ${pinnedVersion(module)}, ${module.reason}, once: ${module.cost} in .cache/go.`)
  const download = await run('go', ['mod', 'download'], options)
  if (download.code !== 0) throw new NoGoError(`The Go modules of ${module.peer} cannot be had: ${download.stderr.trim()}`)
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', into]
  expectSuccess('go build', await run('go', ['build', ...flags, ...module.packages], options))
  const bytes = module.packages.reduce((sum, path) => sum + statSync(join(into, fileName(path))).size, 0)
  console.log(`    Built: ${(bytes / 1e6).toFixed(0)} MB.`)
}
