// Writes schema/feathermq-mesh.schema.json from the sections in src/config: node --import tsx --conditions feathermq-source mesh-filter/scripts/write-schema.mjs
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { schema } from '../src/config/schema.ts'

const file = fileURLToPath(new URL('../schema/feathermq-mesh.schema.json', import.meta.url))
writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)
execFileSync('npx', ['biome', 'format', '--write', '--colors=off', file], { stdio: 'ignore' })
