import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { before, describe, it } from 'mocha'
import { describeEnd, expectSuccess, run } from '../support/child.ts'
import { bin, root } from '../support/repository.ts'
import { sendAndReceive } from './consumers.ts'
import { newcomer } from './newcomer.ts'
import { type Folder, manifest, publishable, type Tarball } from './tarballs.ts'

describe('the packages as npm would publish them', function () {
  this.timeout(60_000)

  let folder = ''
  let tarballs: ReadonlyMap<Folder, Tarball> = new Map()
  const tarball = (of: Folder): Tarball => {
    const found = tarballs.get(of)
    assert.ok(found !== undefined, `${of} was not packed`)
    return found
  }

  before('pack all and install them together', async function () {
    this.timeout(180_000)
    ;({ folder, tarballs } = await newcomer())
  })

  for (const of of publishable) {
    const { name, exports, bin: programs } = manifest(of)
    describe(name, () => {
      it('holds what its manifest names, and its readme', () => {
        const { files } = tarball(of)
        const named = Object.values(exports).flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))
        const wanted = [...named, ...Object.values(programs ?? {})].map((path) => path.replace(/^\.\//, ''))
        assert.deepEqual(
          [...wanted, 'README.md'].filter((path) => !files.includes(path)),
          [],
        )
      })

      it('holds no tests, no build records, and nothing that only development needs', () => {
        const odd = /\.test\.|\.bench\.|\.tsbuildinfo$|(^|\/)(node_modules|test|vectors|codegen|bench|scripts|\.[^/]+)(\/|$)|tsconfig/
        assert.deepEqual(
          tarball(of).files.filter((path) => odd.test(path)),
          [],
        )
      })

      it('has a map for every file that is loaded, and the sources that it leads to', () => {
        const { files } = tarball(of)
        const built = files.filter((path) => /^dist\/.*(?<!\.d)\.js$/.test(path))
        assert.ok(built.length > 0)
        const led = built.flatMap((path) => {
          const map: { readonly sources: readonly string[] } = JSON.parse(readFileSync(join(folder, 'node_modules', name, `${path}.map`), 'utf8'))
          return map.sources.map((source) => posix.join(posix.dirname(path), source))
        })
        assert.ok(led.length > 0)
        assert.deepEqual(
          led.filter((source) => !files.includes(source)),
          [],
        )
      })

      it('is clean for publint', async () => {
        const end = await run(bin('publint'), ['run', tarball(of).path, '--strict'], { cwd: root, timeout: 50_000 })
        expectSuccess(`publint of ${name}`, end)
      })

      it('resolves with its types in every way that ECMAScript modules do (attw)', async () => {
        const args = [tarball(of).path, '--profile', 'esm-only', '--no-definitely-typed', '--no-color', '--no-emoji', '--format', 'ascii']
        const end = await run(bin('attw'), args, { cwd: folder, timeout: 50_000 })
        expectSuccess(`attw of ${name}`, end)
      })
    })
  }

  it('bring only our packages and what the command lines need: no gRPC of others, no OpenTelemetry that nobody asked for', () => {
    const names = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))
    // Each new run-time dependency is a decision (docs/decisions); so this list is written by hand.
    for (const name of ['@feathermq', 'commander', 'ajv', 'yaml']) assert.ok(names.includes(name), `${name} is missing`)
    assert.deepEqual(
      names.filter((name) => /^(@grpc|@opentelemetry|rocketmq-client|google-protobuf|protobufjs-cli|mocha|tsx|typescript|assemblyscript)/.test(name)),
      [],
    )
  })

  it('send and receive from plain JavaScript', async () => {
    writeFileSync(join(folder, 'send-and-receive.js'), sendAndReceive)
    const end = await run(process.execPath, ['send-and-receive.js'], { cwd: folder, timeout: 30_000 })
    expectSuccess('the program', end)
    assert.equal(end.stdout, 'orders hello attempt 1\n')
    assert.equal(end.stderr, '')
  })

  it('can be loaded by require()', async () => {
    const names = publishable.flatMap((of) =>
      Object.keys(manifest(of).exports)
        .filter((path) => path !== './package.json')
        .map((path) => `${manifest(of).name}${path.slice(1)}`),
    )
    const program = `for (const name of ${JSON.stringify(names)}) if (Object.keys(require(name)).length === 0) throw new Error(name + ' is empty')`
    const end = await run(process.execPath, ['--input-type=commonjs', '-e', program], { cwd: folder })
    expectSuccess('require()', end)
  })

  for (const of of publishable) {
    const { version, bin: programs } = manifest(of)
    for (const program of Object.keys(programs ?? {})) {
      it(`"${program} --version" tells the version`, async () => {
        const end = await run(join(folder, 'node_modules/.bin', program), ['--version'], { cwd: folder })
        assert.equal(end.code, 0, `${program} ${describeEnd(end)}: ${end.stderr}`)
        assert.equal(end.stdout.trim(), version)
      })
    }
  }
})
