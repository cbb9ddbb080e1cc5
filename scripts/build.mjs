// Builds all packages and the filter. What did not change is not built again: tsc and the filter's build keep their own record.
import { bin, root, run, setup } from './setup.mjs'

export function build() {
  setup()
  run(bin('tsc'), ['--build'])
  run(process.execPath, [`${root}mesh-filter/scripts/build-filter.mjs`])
}

if (process.argv[1] === new URL(import.meta.url).pathname) build()
