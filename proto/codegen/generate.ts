import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { emitEnums, emitFilterFields, emitMethods } from './emit-enums.ts'
import { emitMessages } from './emit-messages.ts'
import { emitViews } from './emit-views.ts'
import { loadSchema, protoFolder } from './schema.ts'

/** Every generated file with its text, by absolute path. */
export function generate(): ReadonlyMap<string, string> {
  const schema = loadSchema()
  const gen = `${protoFolder}src/gen/`
  // Timestamp and Duration come with the parser and count as part of `definition`.
  const files = new Map<string, string>()
  files.set(`${gen}enums.ts`, emitEnums(schema))
  for (const file of ['definition', 'service', 'admin']) files.set(`${gen}${file}.ts`, emitMessages(withWellKnown(schema), file))
  files.set(`${gen}views.ts`, emitViews(withWellKnown(schema)))
  files.set(`${gen}methods.ts`, emitMethods(schema))
  files.set(`${protoFolder}../mesh-filter/assembly/gen/fields.ts`, emitFilterFields(schema))
  return files
}

function withWellKnown(schema: ReturnType<typeof loadSchema>): ReturnType<typeof loadSchema> {
  const known = new Set(['definition', 'service', 'admin'])
  return { ...schema, messages: schema.messages.map((message) => (known.has(message.file) ? message : { ...message, file: 'definition' })) }
}

const check = process.argv.includes('--check')
const stale: string[] = []
for (const [path, text] of generate()) {
  let present = ''
  try {
    present = readFileSync(path, 'utf8')
  } catch {}
  if (present === text) continue
  stale.push(relative(process.cwd(), path))
  if (check) continue
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
if (check && stale.length > 0) {
  console.error(`Out of date: ${stale.join(', ')}. Run "npm run generate" and commit the result.`)
  process.exit(1)
}
if (!check) console.log(stale.length === 0 ? 'Generated files are up to date.' : `Wrote ${stale.join(', ')}.`)
