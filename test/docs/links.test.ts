import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'mocha'
import { repositoryFiles, root } from '../support/repository.ts'
import { anchors, relativeLinks } from './links.ts'

/** A sentence when the link leads nowhere. */
function fault(page: string, target: string): string | undefined {
  const [path = '', anchor] = decodeURIComponent(target).split('#')
  const file = path === '' ? join(root, page) : path.startsWith('/') ? join(root, path) : join(root, dirname(page), path)
  if (relative(root, file).startsWith('..')) return `${target} leaves the repository`
  if (!existsSync(file)) return `${target} does not exist`
  if (anchor === undefined || anchor === '') return undefined
  if (statSync(file).isDirectory() || !file.endsWith('.md')) return undefined
  return anchors(readFileSync(file, 'utf8')).has(anchor) ? undefined : `${target}: the page has no such heading`
}

describe('links', () => {
  it('are found in text, images and definitions, not in code', () => {
    const markdown = '[a](x.md) ![i](y.png "t") `[no](z.md)`\n\n[ref]: docs/q.md\n\n```md\n[no](w.md)\n```\n[web](https://example.org) [here](#top)\n'
    assert.deepEqual(relativeLinks(markdown), [
      { target: 'x.md', line: 1 },
      { target: 'y.png', line: 1 },
      { target: 'docs/q.md', line: 3 },
      { target: '#top', line: 8 },
    ])
  })

  it('reach headings by the names that GitHub gives them', () => {
    const names = anchors('# What `npm start` does\n## A & B\n## A & B\n```sh\n# no heading\n```\n### [Link](x) it!\n')
    assert.deepEqual([...names], ['what-npm-start-does', 'a--b', 'a--b-1', 'link-it'])
  })

  for (const page of repositoryFiles('*.md')) {
    it(`of ${page} lead to what exists`, () => {
      const faults = relativeLinks(readFileSync(join(root, page), 'utf8')).flatMap(({ target, line }) => {
        const why = fault(page, target)
        return why === undefined ? [] : [`${page}:${line}: ${why}`]
      })
      assert.deepEqual(faults, [])
    })
  }
})
