import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expectSuccess, run } from '../../support/child.ts'
import { root } from '../../support/repository.ts'
import { MissingPeer, madeOnce, pinned, requirePeer, sizeOf } from './runtime.ts'

/** Programs in Go that judge ours. Each has a module of its own in `test/interop/go/`, whose go.sum says what they are made of, to the byte. */
export interface GoModule {
  /** The folder in `test/interop/go/`. */
  readonly name: string
  /** Its packages that are programs. `go build` names a program by the last part of its path, but not by a version. */
  readonly packages: readonly string[]
  /** The module of those packages; `test/peers.json` has its version. */
  readonly peer: string
  readonly reason: string
  /** What a machine downloads that has none of it yet. */
  readonly download: string
}

export const h2specModule: GoModule = {
  name: 'h2spec',
  packages: ['github.com/summerwind/h2spec/cmd/h2spec'],
  peer: 'github.com/summerwind/h2spec',
  reason: 'to judge our HTTP/2',
  download: '14 MB',
}

export const grpcGoModule: GoModule = {
  name: 'grpc',
  packages: ['google.golang.org/grpc/interop/client', 'google.golang.org/grpc/interop/server'],
  peer: 'google.golang.org/grpc',
  reason: 'to be the other side of our gRPC',
  download: '27 MB',
}

export const natsModule: GoModule = {
  name: 'nats',
  packages: ['github.com/nats-io/nats-server/v2'],
  peer: 'github.com/nats-io/nats-server/v2',
  reason: 'to be measured beside our broker',
  download: '8 MB',
}

/** A path by the name of each program. */
export type GoPrograms = ReadonlyMap<string, string>

const oldestGo = [1, 24] as const
/** A Go that is not here is not fetched, a workspace above the module has no say, and no C compiler is asked for. */
const env = { GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' }

/** The version of the peer that the module's go.mod requires. */
export function requiredVersion(module: GoModule): string | undefined {
  const requirement = moduleFile(module, 'go.mod')
    .split('\n')
    .map((line) => line.trim().split(' '))
    .find(([path]) => path === module.peer)
  return requirement?.[1]
}

/** True for what `go version` prints of a Go that knows `tool` lines in go.mod. */
export function isGoNewEnough(printed: string): boolean {
  const [, major, minor] = /\bgo(\d+)\.(\d+)/.exec(printed) ?? []
  if (major === undefined || minor === undefined) return false
  return Number(major) > oldestGo[0] || (Number(major) === oldestGo[0] && Number(minor) >= oldestGo[1])
}

/** The programs of a module for a suite, which is skipped without a Go that can build them, as by {@link requirePeer}. */
export function requireGoPrograms(context: Mocha.Context, module: GoModule): Promise<GoPrograms> {
  return requirePeer(context, async () => {
    // A build keeps two cores busy for more than a minute.
    context.timeout(900_000)
    return goPrograms(module)
  })
}

/** The programs of a module, built when there are none of its go.mod and go.sum yet. @throws a MissingPeer without a Go that can. */
export async function goPrograms(module: GoModule): Promise<GoPrograms> {
  const inputs = [`${process.platform} ${process.arch}`, moduleFile(module, 'go.mod'), moduleFile(module, 'go.sum')]
  const folder = await madeOnce('go', module.name, inputs, (into) => build(module, into))
  return new Map(module.packages.map((path) => [programName(path), join(folder, fileName(path))]))
}

function moduleFolder(module: GoModule): string {
  return join(root, 'test/interop/go', module.name)
}

function moduleFile(module: GoModule, name: 'go.mod' | 'go.sum'): string {
  return readFileSync(join(moduleFolder(module), name), 'utf8')
}

/** The last part of a path, but for the major version that a module's path may end with. */
function programName(path: string): string {
  return basename(path.replace(/\/v\d+$/, ''))
}

function fileName(path: string): string {
  return process.platform === 'win32' ? `${programName(path)}.exe` : programName(path)
}

async function build(module: GoModule, into: string): Promise<void> {
  const options = { cwd: moduleFolder(module), env, timeout: 800_000 }
  const version = await run('go', ['version'], options)
  if (version.code !== 0) throw new MissingPeer(`There is no Go for ${module.peer}: the PATH has no "go". ${oldestGo.join('.')} or newer is needed.`)
  if (!isGoNewEnough(version.stdout))
    throw new MissingPeer(`"${version.stdout.trim()}" is too old for ${module.peer}: ${oldestGo.join('.')} is needed.`)
  console.log(`    Building ${module.peer} ${pinned(module.peer)} once, into .cache/go/, ${module.reason} (Go downloads ${module.download})`)
  const download = await run('go', ['mod', 'download'], options)
  if (download.code !== 0) throw new MissingPeer(`Go cannot download ${module.peer}: ${download.stderr.trim()}`)
  // -o names a folder by the separator at its end.
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', join(into, '/')]
  expectSuccess('go build', await run('go', ['build', ...flags, ...module.packages], options))
  console.log(`    It takes ${sizeOf(into)} there`)
}
