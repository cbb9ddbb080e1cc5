import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'mocha'
import { requirePeer } from '../interop/support/runtime.ts'
import { expectSuccess, run } from '../support/child.ts'
import { bin } from '../support/repository.ts'
import { sendAndReceive, sendAndReceiveInCommonJs } from './consumers.ts'
import { type NodeMajor, nodes } from './fetched.ts'
import { newcomer } from './newcomer.ts'

/** All that the programs may print. */
const expected = 'orders hello attempt 1\n'

describe('the packages from tarballs', function () {
  this.timeout(60_000)
  let folder = ''
  let programs: ReadonlyMap<NodeMajor, string> = new Map()

  before('install them, and the other versions of Node', async function () {
    programs = await requirePeer(this, nodes)
    ;({ folder } = await newcomer())
    writeFileSync(join(folder, 'by-import.js'), sendAndReceive)
    writeFileSync(join(folder, 'by-require.cjs'), sendAndReceiveInCommonJs)
  })

  for (const major of ['20', '22', '24'] as const) {
    for (const program of ['by-import.js', 'by-require.cjs']) {
      it(`send and receive on Node ${major}, ${program.replace(/-|\..*/g, ' ').trim()}`, async () => {
        const end = await run(programs.get(major) ?? '', [program], { cwd: folder, timeout: 30_000 })
        expectSuccess(program, end)
        assert.equal(end.stdout, expected)
        // No warning either, such as of an experimental feature.
        assert.equal(end.stderr, '')
      })
    }
  }

  it('go into one file by esbuild, which sends and receives without node_modules', async () => {
    const bundled = join(folder, 'bundled')
    const options = ['--bundle', '--platform=node', '--format=esm', `--outdir=${bundled}`, '--out-extension:.js=.mjs', '--log-level=warning']
    // The client alone: that is what goes into a function or an image.
    writeFileSync(join(folder, 'client.js'), "export * from '@feathermq/sdk'\n")
    const bundling = await run(bin('esbuild'), ['client.js', ...options], { cwd: folder })
    // It is there because tsx, which runs these tests, is made of it.
    expectSuccess('esbuild', bundling)
    assert.equal(bundling.stderr, '')
    writeFileSync(join(folder, 'by-bundle.js'), sendAndReceive.replace("'@feathermq/sdk'", "'./bundled/client.mjs'"))
    const end = await run(process.execPath, ['by-bundle.js'], { cwd: folder, timeout: 30_000 })
    expectSuccess('the bundle', end)
    assert.equal(end.stdout, expected)
    const { size } = statSync(join(bundled, 'client.mjs'))
    // Not a time: a bundle of a megabyte would mean that something large came along. The official Node client's has 2.4 MB.
    assert.ok(size < 1_000_000, `${size} bytes`)
  })
})
