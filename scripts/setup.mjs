// Installs what package-lock.json names, once: every command calls this first, so a fresh clone needs no step of its own.
// Imports nothing but Node, because nothing else is there yet.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${root}node_modules/.feathermq-setup`

/** What `node_modules` was made from; another lockfile or another Node major makes it stale. */
function wanted() {
  return createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .update(process.version.split('.')[0])
    .digest('hex')
}

/** Runs a program, its output passed through; ends this process with the program's code when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error !== undefined) {
    console.error(`Cannot run ${command}: ${result.error.message}`)
    process.exit(1)
  }
  if (result.status !== 0) process.exit(result.status ?? 1)
}

/** Checks the Node version and installs the dependencies unless they are there already. */
export function setup() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`FeatherMQ needs Node 20.19 or newer; this is ${process.version}.`)
    process.exit(1)
  }
  const hash = wanted()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  console.log('Installing the dependencies named in package-lock.json (npm ci), once …')
  run('npm', ['ci', '--no-progress', '--loglevel=error'])
  writeFileSync(stamp, hash)
}

/** The path of a program that npm installed. */
export const bin = (name) => `${root}node_modules/.bin/${name}`
