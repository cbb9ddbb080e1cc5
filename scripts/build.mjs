// Builds all packages and the filter. What did not change is not built again: tsc keeps its own record, the bundles and the filter have a stamp.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bin, root, run, setup } from './setup.mjs'

/** What the compiler makes of each package; the other files of `dist` are those of bundle.mjs, which tidies up by itself, and the filter. */
const declarations = /^(.*?)\.d\.ts(?:\.map)?$/
const compiled = {
  proto: declarations,
  transport: declarations,
  sdk: declarations,
  'broker-stub': declarations,
  'mesh-filter': /^(.*?)(?:\.js|\.d\.ts)(?:\.map)?$/,
}

/** Takes away what was built from sources that are gone: tsc leaves it, and it would be published. */
function prune() {
  for (const [name, ending] of Object.entries(compiled)) {
    const dist = join(root, name, 'dist')
    if (!existsSync(dist)) continue
    for (const file of readdirSync(dist, { recursive: true })) {
      const [, stem] = ending.exec(file) ?? []
      if (stem !== undefined && !existsSync(join(root, name, 'src', `${stem}.ts`))) rmSync(join(dist, file))
    }
  }
}

export function build() {
  setup()
  run(bin('tsc'), ['--build'])
  run(process.execPath, [`${root}scripts/bundle.mjs`])
  run(process.execPath, [`${root}mesh-filter/scripts/build-filter.mjs`])
  prune()
}

if (process.argv[1] === new URL(import.meta.url).pathname) build()
