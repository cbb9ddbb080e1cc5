import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { filterFile } from '../manifests/filter-file.ts'
import type { WasmSource } from '../manifests/wasm-filter.ts'
import type { Output } from './output.ts'

/** What `--wasm` says: a file on Envoy's machine, `inline`, or nothing for the file of this package. */
export async function wasmSource(given: string | undefined, output: Output): Promise<WasmSource> {
  if (given === 'inline') return { inline: await readFile(filterFile) }
  const file = given === undefined ? filterFile : resolve(given)
  if (!existsSync(file)) output.err(`warning: there is no ${file} on this machine; Envoy will look for it on its own\n`)
  return { file }
}
