import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { before, describe, it } from 'mocha'
import { expectSuccess, run } from '../support/child.ts'
import { bin, root } from '../support/repository.ts'

interface Proof {
  readonly what: string
  /** Relative to the repository. */
  readonly file: string
  /** Parts of a test's full title; what is left out between them is `…` on the page. */
  readonly parts: readonly string[]
}

const page = readFileSync(join(root, 'docs/differences.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.slice(2, -2).split(' | '))

/** `[file](path): “name”; “name” · [file](path): “name”` in the last column. */
function proofsOf([what = '', ...cells]: readonly string[]): Proof[] {
  return [...(cells.at(-1) ?? '').matchAll(/\[[\w-]+\]\(\.\.\/([^)]+)\): ((?:“[^”]*”(?:; )?)+)/g)].flatMap(([, file = '', names = '']) =>
    [...names.matchAll(/“([^”]*)”/g)].map(([, name = '']) => ({ what, file, parts: name.split('…') })),
  )
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

describe('the differences from Apache RocketMQ', () => {
  const proofs = rows.flatMap(proofsOf)
  const titles = new Map<string, string[]>()

  before('ask mocha for the tests in the files that the page names', async function () {
    this.timeout(120_000)
    const files = [...new Set(proofs.map(({ file }) => file))]
    const end = await run(bin('mocha'), ['--dry-run', '--reporter', 'json', ...files], { cwd: root, timeout: 110_000 })
    expectSuccess('mocha --dry-run', end)
    const { tests } = JSON.parse(end.stdout.slice(end.stdout.indexOf('{'))) as {
      tests: readonly { readonly file: string; readonly fullTitle: string }[]
    }
    for (const { file, fullTitle } of tests) {
      const path = relative(root, file)
      titles.set(path, [...(titles.get(path) ?? []), fullTitle])
    }
  })

  it('are rows of four columns, each with the name of a test', () => {
    assert.ok(rows.length > 50)
    for (const row of rows) {
      assert.equal(row.length, 4, row[0])
      assert.ok(proofsOf(row).length > 0, `“${row[0]}” names no test`)
    }
  })

  it('are proved by tests that there are', () => {
    const missing = proofs.filter(({ file, parts }) => {
      const name = new RegExp(parts.map(escaped).join('.*'))
      return !(titles.get(file) ?? []).some((title) => name.test(title))
    })
    assert.deepEqual(
      missing.map(({ file, parts }) => `${file}: ${parts.join('…')}`),
      [],
    )
  })
})
