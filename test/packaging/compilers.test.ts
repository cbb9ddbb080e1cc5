import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'mocha'
import { requirePeer } from '../interop/support/runtime.ts'
import { expectSuccess, run } from '../support/child.ts'
import { root } from '../support/repository.ts'
import { consumerOfTypes } from './consumers.ts'
import { compilerLines, compilers } from './fetched.ts'
import { newcomerWith } from './newcomer.ts'

/**
 * A strict project that asks for nothing beyond the oldest target that our Node has: what else our types need, they name themselves. `types` is left out,
 * which since TypeScript 6 means none.
 */
const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2022'],
  module: 'NodeNext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  pretty: false,
}

describe('the published types', function () {
  this.timeout(90_000)
  const programs = new Map<string, string>()
  let folder = ''

  before('install the compilers', async function () {
    for (const { line, program } of await requirePeer(this, compilers)) programs.set(line, program)
    folder = await newcomerWith()
    // As a project that is written for Node has it; with grpc-js absent, which is an optional peer.
    mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
    cpSync(join(root, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'), { recursive: true })
    cpSync(join(root, 'node_modules/undici-types'), join(folder, 'node_modules/undici-types'), { recursive: true })
    writeFileSync(join(folder, 'consumer.ts'), consumerOfTypes)
  })

  for (const line of compilerLines) {
    for (const skipLibCheck of [true, false]) {
      it(`compile under TypeScript ${line} with skipLibCheck ${skipLibCheck ? 'on' : 'off'}`, async () => {
        const project = join(folder, `tsconfig-${line}-${skipLibCheck}.json`)
        writeFileSync(project, JSON.stringify({ compilerOptions: { ...compilerOptions, skipLibCheck }, files: ['consumer.ts'] }))
        expectSuccess(`tsc ${line}`, await run(process.execPath, [programs.get(line) ?? '', '--project', project], { cwd: folder, timeout: 80_000 }))
      })
    }
  }
})
