// npm run check: types, lint and format, generated files up to date, and the few rules that no linter knows.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { bin, root, setup } from './setup.mjs'

setup()

const failed = []
function step(name, check) {
  const ok = check()
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}`)
  if (!ok) failed.push(name)
}
const passes = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0

/** Files that people write, as git knows them. */
const files = spawnSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).stdout.trim().split('\n')
const written = files.filter((file) => !/(^|\/)gen\/|^package-lock\.json$/.test(file))

step('types of the packages', () => passes(bin('tsc'), ['--build']))
step('types of tests, examples and benchmarks', () => passes(bin('tsc'), ['--project', 'tsconfig.tests.json']))
step('lint and format', () => passes(bin('biome'), ['ci', '--error-on-warnings', '.']))
step('generated files are up to date', () => passes(process.execPath, ['scripts/generate.mjs', '--check']))
step('no source file is longer than 600 lines', () => {
  // An index.ts is a list of names, as long as what it lists.
  const long = written.filter(
    (file) => !file.endsWith('/index.ts') && /\.(ts|mjs|js|cjs)$/.test(file) && readFileSync(`${root}${file}`, 'utf8').split('\n').length > 601,
  )
  for (const file of long) console.log(`     ${file}`)
  return long.length === 0
})
step('the lockfile names no registry host', () => !/"resolved": "https?:/.test(readFileSync(`${root}package-lock.json`, 'utf8')))

if (failed.length > 0) {
  console.error(
    `\n${failed.length} of the checks failed: ${failed.join('; ')}. "npm run format" mends format, "npm run generate" the generated files.`,
  )
  process.exit(1)
}
