import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { emitDescriptors } from './emit-descriptors.ts'
import { emitEnums } from './emit-enums.ts'
import { emitFilterFields } from './emit-filter-fields.ts'
import { emitMessages } from './emit-messages.ts'
import { emitMethods } from './emit-methods.ts'
import { emitViews } from './emit-views.ts'
import { modules } from './modules.ts'
import { loadSchema, protoFolder } from './schema.ts'

const codecFolder = `${protoFolder}src/gen/`
const filterFolder = `${protoFolder}../mesh-filter/assembly/gen/`

/** Every generated file with its text, by path. */
export function generate(): ReadonlyMap<string, string> {
  const schema = loadSchema()
  return new Map([
    [`${codecFolder}enums.ts`, emitEnums(schema)],
    ...Object.keys(modules).map((module): [string, string] => [`${codecFolder}${module}.ts`, emitMessages(schema, module)]),
    [`${codecFolder}views.ts`, emitViews(schema)],
    [`${codecFolder}methods.ts`, emitMethods(schema)],
    [`${codecFolder}descriptors.ts`, emitDescriptors()],
    [`${filterFolder}fields.ts`, emitFilterFields(schema)],
  ])
}

/** What is in the folder of the codec, which holds nothing else, and in no other. */
function strays(files: ReadonlyMap<string, string>): string[] {
  return readdirSync(codecFolder)
    .map((name) => `${codecFolder}${name}`)
    .filter((path) => !files.has(path))
}

function isStale(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') !== text
  } catch {
    return true
  }
}

/** Paths of files that differ from what would be generated now, or should not be there. */
export function staleFiles(): string[] {
  const files = generate()
  return [...[...files].filter(([path, text]) => isStale(path, text)).map(([path]) => path), ...strays(files)].map((path) =>
    relative(process.cwd(), path),
  )
}

/** Writes what is stale and removes what should not be there. Returns the paths. */
export function writeFiles(): string[] {
  const stale = staleFiles()
  const files = generate()
  for (const folder of [codecFolder, filterFolder]) mkdirSync(folder, { recursive: true })
  for (const [path, text] of files) if (isStale(path, text)) writeFileSync(path, text)
  for (const path of strays(files)) rmSync(path)
  return stale
}
