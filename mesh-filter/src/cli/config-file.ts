import { readFile } from 'node:fs/promises'
import type { MeshConfig } from '../config/model.ts'
import { readConfig } from '../config/read.ts'
import type { Output } from './output.ts'

/** Reads and checks a configuration file. Undefined, with the reasons on stderr and the command failed, when it cannot be used. */
export async function loadConfigFile(file: string, output: Output): Promise<MeshConfig | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    output.err(`error: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}\n`)
    return undefined
  })
  if (text === undefined) {
    output.fail()
    return undefined
  }
  const reading = readConfig(text)
  if (reading.ok) return reading.config
  for (const { line, column, path, message } of reading.problems) output.err(`${file}:${line}:${column} ${path}: ${message}\n`)
  output.err(`error: ${file} is refused: ${reading.problems.length === 1 ? '1 problem' : `${reading.problems.length} problems`}\n`)
  output.fail()
  return undefined
}
