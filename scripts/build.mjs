// Builds all packages and the filter. What did not change is not built again: tsc keeps its own record, the filter has a stamp.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bin, root, run, setup } from './setup.mjs'

const packages = ['proto', 'transport', 'sdk', 'broker-stub', 'mesh-filter']

/** Takes away what was built from sources that are gone: tsc leaves it, and it would be published. */
function prune() {
  for (const name of packages) {
    const dist = join(root, name, 'dist')
    if (!existsSync(dist)) continue
    for (const file of readdirSync(dist, { recursive: true })) {
      const [, stem] = /^(.*?)(?:\.js|\.d\.ts)(?:\.map)?$/.exec(file) ?? []
      if (stem !== undefined && !existsSync(join(root, name, 'src', `${stem}.ts`))) rmSync(join(dist, file))
    }
  }
}

export function build() {
  setup()
  run(bin('tsc'), ['--build'])
  run(process.execPath, [`${root}mesh-filter/scripts/build-filter.mjs`])
  prune()
}

if (process.argv[1] === new URL(import.meta.url).pathname) build()
