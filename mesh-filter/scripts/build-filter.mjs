// Builds assembly/ into dist/feathermq-mesh.wasm with the options of asconfig.json, shrinks it, packs its constants, and prints its size.
// Skipped while nothing it is made of has changed (dist/feathermq-mesh.wasm.stamp); --force builds anyway.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packData } from './pack-data.mjs'

const folder = fileURLToPath(new URL('..', import.meta.url))
const target = join(folder, 'dist/feathermq-mesh.wasm')
const stampFile = `${target}.stamp`
const compilerPackage = createRequire(import.meta.url).resolve('assemblyscript/package.json')
// The one that the compiler brings along. It finds about 1 KB more than the passes that the compiler has run.
const optimizer = join(dirname(createRequire(compilerPackage).resolve('binaryen/package.json')), 'bin/wasm-opt')
/** What the compiler uses of WebAssembly beyond its first version. */
const features = ['bulk-memory', 'sign-ext', 'mutable-globals', 'nontrapping-float-to-int'].map((name) => `--enable-${name}`)

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
  // Not before it is needed: it is large.
  const { libraryFiles, main } = await import('assemblyscript/asc')
  mkdirSync(dirname(target), { recursive: true })
  // What reads configurations needs no collector that finds out what is in use: see assembly/runtime.ts.
  libraryFiles['rt/tcms'] = readFileSync(join(folder, 'assembly/runtime.ts'), 'utf8')
  // Beside the target: whoever reads that one meanwhile has a whole filter, the old or the new one.
  const made = `dist/feathermq-mesh.${process.pid}.wasm`
  const madeFile = join(folder, made)
  try {
    const { error, stdout, stderr } = await main(['--baseDir', folder, '--config', 'asconfig.json', '--outFile', made], {})
    process.stdout.write(stdout.toString())
    process.stderr.write(stderr.toString())
    if (error !== null) throw new Error('asc failed')
    const result = spawnSync(process.execPath, [optimizer, madeFile, '-o', madeFile, ...features, '-Oz', '--converge'], { stdio: 'inherit' })
    if (result.status !== 0) throw new Error(`wasm-opt ended with ${result.status ?? result.signal ?? result.error}`)
    writeFileSync(madeFile, packData(readFileSync(madeFile)))
    renameSync(madeFile, target)
  } finally {
    rmSync(madeFile, { force: true })
  }
  writeFileSync(stampFile, wanted)
  console.log(`dist/feathermq-mesh.wasm: ${statSync(target).size} bytes`)
}
