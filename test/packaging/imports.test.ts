import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'mocha'
import { expectSuccess, run } from '../support/child.ts'
import { newcomer } from './newcomer.ts'
import { manifest, publishable } from './tarballs.ts'

/** Writes what an import loads: the files by a hook that sees each of them, and by Node's own list the modules of Node. */
const observer = `
import { register } from 'node:module'
const hook = \`
  import { writeSync } from 'node:fs'
  export const load = (url, context, next) => {
    if (url.startsWith('file:')) writeSync(1, url + '\\\\n')
    return next(url, context)
  }\`
if (process.argv[3] === 'files') register('data:text/javascript,' + encodeURIComponent(hook))
const before = new Set(process.moduleLoadList)
await import(process.argv[2])
// All of it before the first line is written: to write into a pipe loads some of Node, too.
const added = process.moduleLoadList.filter((entry) => !before.has(entry))
if (process.argv[3] === 'builtins') console.log(added.join('\\n'))
`

/** What programs import, with the most files that may be read for it, those of the packages below included. */
const budgets: readonly (readonly [name: string, files: number])[] = [
  ['@feathermq/protocol/client', 2],
  ['@feathermq/protocol', 3],
  ['@feathermq/transport/client', 3],
  ['@feathermq/transport', 5],
  // One more is the whole of a package beside its half for clients: something is imported that `client.ts` does not have yet.
  ['@feathermq/sdk', 6],
]

/** What the client may have of Node before it does anything: nothing that speaks to a network or computes. */
const permitted = new Set(['buffer', 'diagnostics_channel', 'events', 'module', 'url', 'util'])

describe('an import of the packages from tarballs', function () {
  this.timeout(60_000)
  let folder = ''

  before('install them', async function () {
    this.timeout(180_000)
    ;({ folder } = await newcomer())
    writeFileSync(join(folder, 'observer.js'), observer)
  })

  const linesOf = async (name: string, what: 'files' | 'builtins'): Promise<readonly string[]> => {
    const end = await run(process.execPath, ['observer.js', name, what], { cwd: folder })
    expectSuccess(`importing ${name}`, end)
    return end.stdout.split('\n').filter((line) => line !== '')
  }

  for (const [name, most] of budgets) {
    it(`reads at most ${most} files for ${name}`, async () => {
      const files = (await linesOf(name, 'files')).map((url) => url.slice(url.indexOf('node_modules/')))
      assert.ok(files.length > 0)
      // A count and never a time: each file costs about half a millisecond on a fast machine (docs/decisions/011).
      assert.ok(files.length <= most, `${files.length} files:\n${files.join('\n')}`)
      assert.deepEqual(
        files.filter((file) => !file.startsWith('node_modules/@feathermq/')),
        [],
      )
    })
  }

  it('reads nothing of Node for the client that has to do with networks, keys or compression', async () => {
    // Node's internal modules come with the public ones; which of them is different from version to version.
    const loaded = (await linesOf('@feathermq/sdk', 'builtins')).flatMap((line) => /^NativeModule (?!internal\/)(.*)$/.exec(line)?.[1] ?? [])
    assert.deepEqual(
      loaded.filter((name) => !permitted.has(name)),
      [],
    )
  })

  it('brings the same classes and functions whichever entry point of a package they come from', async () => {
    const entries = publishable.map((of) => {
      const { name, exports } = manifest(of)
      return Object.keys(exports).flatMap((path) => (path === './package.json' ? [] : [name + path.slice(1)]))
    })
    const program = `
      let shared = 0
      for (const names of ${JSON.stringify(entries)}) {
        const first = new Map()
        for (const entry of names) {
          for (const [name, value] of Object.entries(await import(entry))) {
            if (!first.has(name)) first.set(name, value)
            else if (first.get(name) === value) shared += 1
            else throw new Error(entry + ' has another ' + name)
          }
        }
      }
      console.log(shared)`
    const end = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: folder })
    expectSuccess('the program', end)
    // RpcError, on which the client tells failures apart, among them.
    assert.ok(Number(end.stdout) > 40, `${end.stdout} names are in two entry points`)
  })
})
