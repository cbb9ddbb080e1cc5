// npm run generate, after the codec: writes the pages of docs/ that stand in the source already; with --check it fails when one of them is stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { apiPage } from './api-page.ts'
import { errorsPage } from './errors-page.ts'

const docs = fileURLToPath(new URL('../../docs/', import.meta.url))
const pages: Readonly<Record<string, () => string>> = { 'errors.md': errorsPage, 'api.md': () => apiPage() }

const stale = Object.entries(pages)
  .map(([name, page]) => ({ name, path: `${docs}${name}`, text: page() }))
  .filter(({ path, text }) => read(path) !== text)

if (stale.length > 0 && process.argv.includes('--check')) {
  console.error(`Out of date: ${stale.map(({ name }) => `docs/${name}`).join(', ')}. Run "npm run generate" and commit the result.`)
  process.exitCode = 1
} else {
  for (const { path, text } of stale) writeFileSync(path, text)
  if (stale.length > 0) console.log(`Wrote ${stale.map(({ name }) => `docs/${name}`).join(', ')}.`)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
