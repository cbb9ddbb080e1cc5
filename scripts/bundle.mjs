// Makes the JavaScript of the packages that programs load: one file per entry point and what the entry points share, since to find, read and link a
// file costs a start more than what stands in it (docs/decisions/011). Declarations are the compiler's. What did not change is not made again.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './setup.mjs'

/** Folders, with what a program in `bin/` loads beside what the manifest exports. */
const packages = { proto: [], transport: [], sdk: [], 'broker-stub': ['cli/main'] }

const notPublished = /\.test\.ts$|(^|\/)(test-kit|testing-internal)\//

/** What the bundle of a package is made from, as one number. */
function stampOf(folder) {
  const source = join(root, folder, 'src')
  const files = readdirSync(source, { recursive: true }).filter((file) => file.endsWith('.ts') && !notPublished.test(file))
  const own = [fileURLToPath(import.meta.url), join(root, 'node_modules/esbuild/package.json'), join(root, folder, 'package.json')]
  const hash = createHash('sha256')
  for (const file of [...own, ...files.sort().map((file) => join(source, file))])
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

/** The modules that the manifest exports, and the others that are loaded: paths below `src` and `dist`, without ending. */
function entriesOf(folder) {
  const { exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const exported = Object.values(exports).flatMap((target) => target['feathermq-source'] ?? [])
  return [...exported.map((path) => /^\.\/src\/(.*)\.ts$/.exec(path)[1]), ...packages[folder]]
}

/** Without comments, which are in the sources and the declarations: each start would read them, and one character beyond Latin-1 doubles a file in RAM. */
const withoutComments = (transform) => ({
  name: 'without comments',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const tsconfigRaw = { compilerOptions: { target: 'ES2023' } }
      const options = {
        loader: 'ts',
        target: 'es2023',
        minifyWhitespace: true,
        sourcemap: 'inline',
        sourcesContent: false,
        sourcefile: path,
        tsconfigRaw,
      }
      return { contents: (await transform(readFileSync(path, 'utf8'), options)).code, loader: 'js' }
    })
  },
})

/** @returns the files that were written. */
async function bundle(folder) {
  // Not before something is to be made: that takes longer than to see that nothing is.
  const { build, transform } = await import('esbuild')
  const dist = join(root, folder, 'dist')
  const { metafile } = await build({
    absWorkingDir: dirname(dist),
    entryPoints: entriesOf(folder).map((entry) => ({ in: join(root, folder, 'src', `${entry}.ts`), out: entry })),
    outdir: dist,
    // As deep as the entry points below dist that look for files of the package by their own place.
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    // A class is the same one whichever entry point it comes from.
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: true,
    // They are published beside.
    sourcesContent: false,
    metafile: true,
    plugins: [withoutComments(transform)],
  })
  return Object.keys(metafile.outputs).map((file) => relative('dist', file))
}

for (const folder of Object.keys(packages)) {
  const dist = join(root, folder, 'dist')
  const record = join(root, '.cache/bundles', `${folder}.json`)
  const stamp = stampOf(folder)
  const made = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : { stamp: '', files: [] }
  const isCurrent = made.stamp === stamp && made.files.every((file) => existsSync(join(dist, file)))
  const files = isCurrent ? made.files : await bundle(folder)
  // What an earlier build made, of modules that are gone or that are in a file with others now: it would be published.
  for (const file of readdirSync(dist, { recursive: true })) if (/\.js(\.map)?$/.test(file) && !files.includes(file)) rmSync(join(dist, file))
  mkdirSync(dirname(record), { recursive: true })
  if (!isCurrent) writeFileSync(record, JSON.stringify({ stamp, files }))
}
