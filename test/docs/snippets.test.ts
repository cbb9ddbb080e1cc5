import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'mocha'
import { parseDocument } from 'yaml'
import { repositoryFiles, root, scratchFolder } from '../support/repository.ts'
import { assemble, type Chain, plan } from './chains.ts'
import { fencedBlocks } from './fenced-blocks.ts'
import { runProgram, writeCommands } from './program.ts'
import { type TypeFault, typeFaults } from './types.ts'

const scratch = scratchFolder('docs')
const commands = join(scratch, 'bin')
mkdirSync(commands)
writeCommands(commands)

const pages = repositoryFiles('README.md', '*/README.md', 'docs/*.md', 'docs/mesh/*.md').map((path) => {
  const folder = join(scratch, path.replaceAll(/[^\w]+/g, '-'))
  mkdirSync(folder)
  const { blocks, misplaced } = fencedBlocks(readFileSync(join(root, path), 'utf8'))
  const contents = plan(blocks)
  for (const { name, block } of contents.files) writeFileSync(join(folder, name), block.code)
  return { path, folder, blocks, misplaced, ...contents }
})

const programName = (chain: Chain) => `line-${chain.line}`

describe('documentation snippets', () => {
  let faults: readonly TypeFault[] = []

  before('type-check all TypeScript at once', async function () {
    this.timeout(90_000)
    for (const { folder, chains } of pages) {
      for (const chain of chains) if (chain.runner === 'ts') writeFileSync(join(folder, `${programName(chain)}.ts`), assemble(chain.segments).text)
    }
    faults = await typeFaults(scratch)
  })

  for (const { path, folder, blocks, misplaced, chains, data, skipped, faults: wrong } of pages) {
    if (blocks.length === 0 && misplaced.length === 0) continue
    describe(path, () => {
      it('says of each block what the test needs to know', () => {
        assert.deepEqual([...misplaced.map(({ line, text, why }) => `line ${line}: ${why}: ${text}`), ...wrong], [])
      })

      for (const { block, reason } of skipped) {
        it(`line ${block.line} (${block.language}) is not run: ${reason}`, () => {
          assert.ok(reason.length >= 10, 'a block that is not run needs a reason: <!-- snippet: not run: REASON -->')
        })
      }

      for (const { block, format } of data) {
        it(`line ${block.line} (${format}) parses`, () => {
          if (format === 'json') JSON.parse(block.code)
          else assert.deepEqual(parseDocument(block.code).errors, [])
        })
      }

      for (const chain of chains) {
        const name = `line ${chain.line} (${chain.runner})`
        if (chain.runner === 'ts') {
          it(`${name} type-checks`, () => {
            const own = faults.filter(({ file }) => join(scratch, file) === join(folder, `${programName(chain)}.ts`))
            const { lineOf } = assemble(chain.segments)
            assert.deepEqual(
              own.map(({ line, text }) => `${path}:${lineOf(line)} ${text}`),
              [],
            )
          })
        }
        if (chain.mode === 'types') {
          it(`${name} is not run: ${chain.reason}`, () => {
            assert.ok((chain.reason ?? '').length >= 10, 'a block that is not run needs a reason: <!-- snippet: types only: REASON -->')
          })
        } else {
          it(`${name} runs${chain.broker ? ' beside a broker' : ''}`, async function () {
            this.timeout(60_000)
            await runProgram(chain, folder, programName(chain), commands)
          })
        }
      }
    })
  }
})
