// Builds all packages. What did not change is not built again: tsc keeps its own record.
import { bin, run, setup } from './setup.mjs'

export function build() {
  setup()
  run(bin('tsc'), ['--build'])
}

if (process.argv[1] === new URL(import.meta.url).pathname) build()
