import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { filterFile } from '../../manifests/filter-file.ts'

let isBuilt = false

/** Path of the filter as it is published, built when it is missing or older than its sources. */
export function releaseFilter(): string {
  if (!isBuilt) execFileSync(process.execPath, [fileURLToPath(new URL('../../../scripts/build-filter.mjs', import.meta.url))], { stdio: 'pipe' })
  isBuilt = true
  return filterFile
}
