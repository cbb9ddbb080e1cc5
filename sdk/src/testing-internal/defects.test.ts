import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'mocha'
import { defects } from './defects.ts'

const source = join(import.meta.dirname, '..')
const root = join(source, '..', '..')

/** The names of the tests of a file; a name with an expression in it ends there. */
function testsOf(file: string): string[] {
  const path = /^(proto|test)\//.test(file) ? join(root, file) : join(source, file)
  const names = [...readFileSync(path, 'utf8').matchAll(/\bit\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g)]
  return names.map(([, , name = '']) => name.replaceAll(/\\(.)/g, '$1'))
}

/** `${…}` stands for anything. */
function matches(written: string, name: string): boolean {
  const parts = written.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}

describe('the table of known defects', () => {
  it('names tests that exist', () => {
    const missing: string[] = []
    for (const [, rows] of defects) {
      for (const { tests } of rows) {
        for (const [file, names] of Object.entries(tests)) {
          const there = testsOf(file)
          for (const name of names) if (!there.some((written) => matches(written, name))) missing.push(`${file}: ${name}`)
        }
      }
    }
    assert.deepEqual(missing, [])
  })

  it('has at least one test for each, and each only once', () => {
    const all = defects.flatMap(([, rows]) => rows)
    for (const { defect, tests } of all) assert.ok(Object.values(tests).flat().length > 0, defect)
    assert.equal(new Set(all.map(({ defect }) => defect)).size, all.length)
  })
})
