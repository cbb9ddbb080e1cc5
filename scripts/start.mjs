// npm start: installs and builds what is missing, then runs the main job: two brokers, a real Envoy sidecar with the filter, a producer and a consumer.
import { spawn } from 'node:child_process'
import { build } from './build.mjs'
import { root } from './setup.mjs'

build()
const demo = spawn(process.execPath, ['--import', 'tsx', `${root}examples/mesh/demo.ts`, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
// The terminal sends Ctrl-C to both; a signal to this process alone is passed on.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => demo.kill('SIGTERM'))
demo.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)))
