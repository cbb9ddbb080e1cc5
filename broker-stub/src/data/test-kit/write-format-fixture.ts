// Writes the data directories of the present format, once for each released format, to be opened by every later version:
//   node --import tsx --conditions=feathermq-source broker-stub/src/data/test-kit/write-format-fixture.ts NAME
import { writeFileSync } from 'node:fs'
import { makeFixture } from './format-fixture.ts'

const [name = 'format-1'] = process.argv.slice(2)
writeFileSync(new URL(`formats/${name}.json`, import.meta.url), `${JSON.stringify(await makeFixture())}\n`)
