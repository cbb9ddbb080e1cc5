import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { parse } from 'yaml'
import { main } from './main.ts'

const good = JSON.stringify({
  version: 1,
  name: 'edge',
  mode: 'route',
  clusters: { default: 'east', allow: ['east', 'west'] },
  routes: [{ name: 'payments', when: { topic: 'payments*' }, cluster: 'west' }],
})

describe('feathermq-mesh', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'feathermq-mesh-'))
    writeFileSync(join(folder, 'good.json'), good)
    writeFileSync(join(folder, 'bad.json'), good.replace('"topic"', '"topics"'))
  })
  after(() => rmSync(folder, { recursive: true }))

  async function run(...args: string[]): Promise<{ out: string; err: string; failed: boolean }> {
    const end = { out: '', err: '', failed: false }
    await main(['node', 'feathermq-mesh', ...args.map((arg) => arg.replace('@', `${folder}/`))], {
      out: (text) => {
        end.out += text
      },
      err: (text) => {
        end.err += text
      },
      fail: () => {
        end.failed = true
      },
    })
    return end
  }

  it('says that a configuration is valid', async () => {
    const end = await run('validate', '--config', '@good.json')
    assert.deepEqual(end, { out: `${folder}/good.json: configuration "edge" is valid (mode route, 1 route, 2 clusters)\n`, err: '', failed: false })
  })

  it('says what is wrong with a configuration, and fails', async () => {
    const end = await run('validate', '--config', '@bad.json')
    assert.equal(end.out, '')
    assert.match(end.err, /bad\.json:1:\d+ \$\.routes\[0\]\.when\.topics: unknown key\n/)
    assert.match(end.err, /^error: .*bad\.json is refused: 1 problem$/m)
    assert.ok(end.failed)
  })

  it('says that a file is not there', async () => {
    const end = await run('validate', '--config', '@none.json')
    assert.match(end.err, /^error: cannot read .*none\.json: ENOENT/)
    assert.ok(end.failed)
  })

  it('writes a bootstrap as YAML to stdout', async () => {
    const end = await run('generate', 'envoy', '--config', '@good.json', '--cluster', 'east=127.0.0.1:8081', '--cluster', 'west=127.0.0.1:8082')
    assert.equal(end.failed, false, end.err)
    assert.deepEqual(
      parse(end.out).static_resources.clusters.map((cluster: { name: string }) => cluster.name),
      ['east', 'west'],
    )
  })

  it('writes a bootstrap as JSON to a file, with every option', async () => {
    const args = [
      '--cluster',
      'east=127.0.0.1:8081,127.0.0.1:8091',
      '--cluster',
      'west=tls://west:443',
      '--listen',
      '0.0.0.0:81',
      '--admin',
      '127.0.0.1:82',
    ]
    const more = [
      '--wasm',
      '/opt/f.wasm',
      '--access-log',
      'none',
      '--trusted-ca',
      '/etc/ca.pem',
      '--keep-headers',
      '--format',
      'json',
      '-o',
      '@out.json',
    ]
    const end = await run('generate', 'envoy', '--config', '@good.json', ...args, ...more)
    assert.equal(end.failed, false, end.err)
    assert.equal(end.out, '')
    assert.match(end.err, /^warning: there is no \/opt\/f\.wasm on this machine/)
    const text = readFileSync(join(folder, 'out.json'), 'utf8')
    assert.equal(JSON.parse(text).admin.address.socket_address.port_value, 82)
    for (const expected of ['"0.0.0.0"', '8091', '/opt/f.wasm', '/etc/ca.pem', '"sni": "west"']) assert.ok(text.includes(expected), expected)
    for (const absent of ['access_log', 'upstream_codec']) assert.ok(!text.includes(absent), absent)
  })

  it('says what a bootstrap lacks, and fails', async () => {
    const end = await run('generate', 'envoy', '--config', '@good.json', '--cluster', 'east=127.0.0.1:8081')
    assert.match(end.err, /^error: cluster west has no address; add --cluster west=HOST:PORT$/m)
    assert.ok(end.failed)
    assert.equal(end.out, '')
  })

  it('says that it cannot write the file', async () => {
    const end = await run('generate', 'envoy', '--config', '@good.json', '--cluster', 'east=a:1', '--cluster', 'west=b:1', '-o', '@no/such/folder')
    assert.match(end.err, /^error: ENOENT/m)
    assert.ok(end.failed)
  })

  it('injects a sidecar into a manifest, and takes it out again', async () => {
    const manifest = 'kind: Pod\nmetadata:\n  name: one\nspec:\n  containers:\n    - name: app\n      image: a:1\n'
    writeFileSync(join(folder, 'pod.yaml'), manifest)
    const shared = ['--config', '@good.json', '--cluster', 'east=a:1', '--cluster', 'west=b:1', '-o', '@injected.yaml']
    const wasm = ['--wasm', '@good.json']
    const injected = await run('inject', '-f', '@pod.yaml', ...shared, ...wasm)
    assert.deepEqual(injected, { out: '', err: 'injected into Pod/one\n', failed: false })
    const back = await run('uninject', '-f', '@injected.yaml')
    assert.deepEqual(back, { out: manifest, err: 'taken out of Pod/one\n', failed: false })
    assert.deepEqual(await run('uninject', '-f', '@pod.yaml'), { out: manifest, err: 'nothing was injected here\n', failed: false })
    const half = await run('inject', '-f', '@pod.yaml', ...shared, ...wasm, '--redirect', '8081')
    assert.match(half.err, /^error: --redirect needs --redirect-image/)
    assert.ok(half.failed)
  })

  it('examines a bootstrap: errors fail, warnings do not', async () => {
    const written = ['--config', '@good.json', '--cluster', 'east=127.0.0.1:1', '--cluster', 'west=127.0.0.1:2', '-o']
    await run('generate', 'envoy', ...written, '@well.yaml')
    assert.deepEqual(await run('doctor', '--file', '@well.yaml'), { out: 'nothing is wrong\n', err: '', failed: false })
    await run('generate', 'envoy', ...written, '@open.yaml', '--admin', '0.0.0.0:9901')
    const open = await run('doctor', '-f', '@open.yaml')
    assert.match(open.out, /^warning ADMIN_EXPOSED \(admin\): .+\n {2}→ Let it listen/)
    assert.equal(open.failed, false)
    writeFileSync(join(folder, 'empty.yaml'), '{}')
    const empty = await run('doctor', '-f', '@empty.yaml', '--format', 'json')
    assert.equal(JSON.parse(empty.out)[0].code, 'NO_FILTER')
    assert.ok(empty.failed)
  })

  it('says that there is nothing to examine', async () => {
    for (const [args, message] of [
      [[], /^error: give either --file or --admin/],
      [['--admin', '127.0.0.1:1'], /^error: http:\/\/127\.0\.0\.1:1 does not answer: /],
      [['--file', '@none.yaml'], /^error: ENOENT/],
    ] as const) {
      const end = await run('doctor', ...args)
      assert.match(end.err, message)
      assert.ok(end.failed)
    }
  })

  it('writes the file of a watched filter, and the schema', async () => {
    const filter = await run('generate', 'filter', '--config', '@good.json', '--wasm', '/f.wasm')
    assert.equal(JSON.parse(filter.out).resources[0].name, 'envoy.filters.http.wasm')
    await run('schema', '-o', '@schema.json')
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'schema.json'), 'utf8')), JSON.parse((await run('schema')).out))
  })

  it('writes manifests for platforms', async () => {
    const shared = ['--config', '@good.json', '--wasm', '/f.wasm', '--namespace', 'shop']
    const kinds = [
      [['istio', '--port', '8081', '--selector', 'app=payments'], 'EnvoyFilter'],
      [['kuma', '--selector', 'app=payments', '--mesh', 'edge'], 'MeshProxyPatch'],
      [['envoy-gateway', '--gateway', 'edge', '--listener', 'grpc'], 'EnvoyPatchPolicy'],
    ] as const
    for (const [[platform = '', ...args], kind] of kinds) {
      const end = await run('generate', platform, ...shared, ...args)
      assert.equal(end.failed, false, end.err)
      const manifest = parse(end.out)
      assert.deepEqual([manifest.kind, manifest.metadata.name, manifest.metadata.namespace], [kind, 'feathermq-mesh-edge', 'shop'])
      assert.match(end.out, /allow_on_headers_stop_iteration: true/)
    }
  })

  it('wants a certificate and its key together', async () => {
    const clusters = ['--cluster', 'east=a:1', '--cluster', 'west=b:1']
    for (const [given, message] of [
      [['--tls-cert', '/c'], /--tls-cert and --tls-key go together/],
      [['--client-key', '/k'], /--client-cert and --client-key go together/],
      [['--tls-only'], /--tls-client-ca and --tls-only need --tls-cert and --tls-key/],
    ] as const) {
      const end = await run('generate', 'envoy', '--config', '@good.json', ...clusters, ...given)
      assert.match(end.err, message)
      assert.ok(end.failed)
    }
  })

  const misused: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['validate'], /required option '--config <file>' not specified/],
    [['validate', '--config', '@good.json', '--strict'], /unknown option '--strict'/],
    [['validate', '--config', '@good.json', 'more'], /too many arguments/],
    [['generate', 'consul'], /unknown command 'consul'/],
    [['generate', 'istio', '--config', '@good.json'], /required option '--port <port>' not specified/],
    [['generate', 'istio', '--config', '@good.json', '--port', 'x'], /write a port/],
    [['generate', 'kuma', '--config', '@good.json', '--selector', 'app'], /write LABEL=VALUE/],
    [['generate', 'envoy', '--config', '@good.json', '--cluster', 'east'], /'east' is invalid\. write NAME=HOST:PORT/],
    [['generate', 'envoy', '--config', '@good.json', '--cluster', 'east=a:1', '--cluster', 'east=b:1'], /cluster east is given twice/],
    [['generate', 'envoy', '--config', '@good.json', '--format', 'xml'], /Allowed choices are yaml, json/],
  ]
  for (const [args, message] of misused) {
    it(`refuses "${args.join(' ')}"`, async () => {
      const end = await run(...args)
      assert.match(end.err, message)
      assert.ok(end.failed)
    })
  }

  it('prints help and version without failing', async () => {
    assert.match((await run('--version')).out, /^\d+\.\d+\.\d+\n$/)
    const help = await run('generate', 'envoy', '--help')
    assert.match(help.out, /--cluster/)
    assert.equal(help.failed, false)
  })
})
