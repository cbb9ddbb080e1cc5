// Builds assembly/ into dist/feathermq-mesh.wasm with the options of asconfig.json, packs its constants, and prints its size.
// Skipped while nothing it is made of has changed (dist/feathermq-mesh.wasm.stamp); --force builds anyway.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packData } from './pack-data.mjs'

const folder = fileURLToPath(new URL('..', import.meta.url))
const target = join(folder, 'dist/feathermq-mesh.wasm')
const stampFile = `${target}.stamp`
const compilerPackage = createRequire(import.meta.url).resolve('assemblyscript/package.json')
const compiler = join(dirname(compilerPackage), 'bin/asc.js')

function sources() {
  return readdirSync(join(folder, 'assembly'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Changes with every input: sources, options, this script, the compiler's version. */
function stamp() {
  const hash = createHash('sha256').update(JSON.parse(readFileSync(compilerPackage, 'utf8')).version)
  for (const file of [
    ...sources(),
    join(folder, 'asconfig.json'),
    fileURLToPath(import.meta.url),
    fileURLToPath(new URL('pack-data.mjs', import.meta.url)),
  ]) {
    hash.update(`\0${relative(folder, file)}\0`).update(readFileSync(file))
  }
  return hash.digest('hex')
}

const wanted = stamp()
const isCurrent = existsSync(target) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted
if (isCurrent && !process.argv.includes('--force')) {
  console.log(`dist/feathermq-mesh.wasm is up to date (${statSync(target).size} bytes)`)
} else {
  mkdirSync(dirname(target), { recursive: true })
  const result = spawnSync(process.execPath, [compiler, '--config', 'asconfig.json'], { cwd: folder, stdio: 'inherit' })
  if (result.status !== 0) process.exit(result.status ?? 1)
  writeFileSync(target, packData(readFileSync(target)))
  writeFileSync(stampFile, wanted)
  console.log(`dist/feathermq-mesh.wasm: ${statSync(target).size} bytes`)
}
