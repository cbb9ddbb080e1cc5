// npm run generate: writes the generated files; with --check it changes nothing and fails when one of them is stale.
import { staleFiles, writeFiles } from './generate.ts'

const options = process.argv.slice(2)
const unknown = options.filter((option) => option !== '--check')
if (unknown.length > 0) {
  console.error(`generate: unknown option ${unknown.join(' ')}; there is --check.`)
  process.exitCode = 2
} else if (options.includes('--check')) {
  const stale = staleFiles()
  if (stale.length > 0) {
    console.error(`Out of date: ${stale.join(', ')}. Run "npm run generate" and commit the result.`)
    process.exitCode = 1
  }
} else {
  const written = writeFiles()
  console.log(written.length === 0 ? 'Generated files are up to date.' : `Wrote ${written.join(', ')}.`)
}
