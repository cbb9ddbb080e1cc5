// npm start: installs and builds what is missing, then runs the quickstart: a broker, a producer and a consumer in one process.
import { spawn } from 'node:child_process'
import { build } from './build.mjs'
import { root } from './setup.mjs'

build()
const demo = spawn(process.execPath, ['--import', 'tsx', `${root}examples/quickstart/quickstart.ts`, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
// The terminal sends Ctrl-C to both; a signal to this process alone is passed on.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => demo.kill('SIGTERM'))
demo.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)))
