import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type EnvoyBootstrap,
  filterFile,
  type GenerateEnvoyOptions,
  generateEnvoy,
  inject,
  type MeshConfig,
  validateWithEnvoy,
} from '@feathermq/mesh-filter'
import { testAuthority } from '@feathermq/transport/testing'
import { after, before, describe, it } from 'mocha'
import { parse, parseAllDocuments } from 'yaml'
import { requireEnvoy } from './support/envoy.ts'
import { twoClusters } from './support/mesh.ts'

const clusters = { east: '127.0.0.1:1', west: '127.0.0.1:2' }
const folder = mkdtempSync(join(tmpdir(), 'feathermq-bootstrap-'))
const trustedCa = join(folder, 'ca.pem')
const own = { certificate: join(folder, 'own.pem'), key: join(folder, 'own.key') }

describe('envoy --mode validate', () => {
  let envoy: string
  before(async function () {
    const authority = testAuthority()
    const { certificate, key } = authority.issue('localhost')
    writeFileSync(trustedCa, authority.ca)
    writeFileSync(own.certificate, certificate)
    writeFileSync(own.key, key)
    envoy = await requireEnvoy(this)
  })
  after(() => rmSync(folder, { recursive: true }))

  const accepted: readonly (readonly [name: string, config: MeshConfig, options: GenerateEnvoyOptions])[] = [
    ['a routing configuration', twoClusters, { clusters }],
    [
      'an observing one',
      { version: 1, name: 'watch', mode: 'observe', direction: 'inbound' },
      { clusters: { broker: 'localhost:8081' }, accessLog: false },
    ],
    [
      'the filter inline',
      twoClusters,
      {
        clusters,
        get wasm() {
          return { inline: readFileSync(filterFile) }
        },
      },
    ],
    [
      'TLS, several brokers, names, IPv6, headers kept, and the most that can be held',
      { ...twoClusters, direction: 'gateway', hold: { maxBytes: 16_777_216, timeout: '1m', onExhausted: 'default', onFlagMissing: 'observe' } },
      {
        clusters: { east: ['tls://localhost:1', 'tls://localhost:2'], west: ['[::1]:3', 'localhost:4'] },
        trustedCa,
        hideHeaders: false,
        listen: '[::1]:0',
      },
    ],
    [
      'native refusals, TLS in and out, and traces',
      { ...twoClusters, reject: { style: 'native' } },
      {
        clusters: { east: 'tls://localhost:1', west: '127.0.0.1:2' },
        trustedCa,
        clientCertificate: { certificate: own.certificate, key: own.key },
        tls: { ...own, clientCa: trustedCa },
        traces: 'localhost:4317',
      },
    ],
    ['refusals by a port of the loopback', { ...twoClusters, reject: { style: 'native' } }, { clusters, rejectListener: '127.0.0.1:10001' }],
  ]
  for (const [name, config, options] of accepted) {
    it(`accepts the bootstrap for ${name}`, async () => {
      const verdict = await validateWithEnvoy(generateEnvoy(config, options), { envoy })
      assert.ok(verdict.ok, verdict.output)
      // What Envoy warns of would be a field that goes away, or a limit that we forgot.
      assert.doesNotMatch(verdict.output, /\[warning\]|deprecated/i)
    })
  }

  it('accepts what is injected into a workload: the bootstrap and the filter of its ConfigMap', async () => {
    const pod = 'kind: Pod\nmetadata:\n  name: one\nspec:\n  containers:\n    - name: app\n      image: a:1\n'
    const { text } = inject(pod, { ...twoClusters, reject: { style: 'native' } }, { clusters, wasm: readFileSync(filterFile) })
    const [, map] = parseAllDocuments(text).map((document) => document.toJS())
    // The files as they are mounted, in a folder of this machine instead.
    const mounted = (content: string) => content.replaceAll('/etc/feathermq-mesh', folder)
    writeFileSync(join(folder, 'feathermq-mesh.wasm'), Buffer.from(map.binaryData['feathermq-mesh.wasm'], 'base64'))
    writeFileSync(join(folder, 'filter.json'), mounted(map.data['filter.json']))
    const bootstrap: EnvoyBootstrap = parse(mounted(map.data['envoy.yaml']))
    const verdict = await validateWithEnvoy(bootstrap, { envoy })
    assert.ok(verdict.ok, verdict.output)
    assert.doesNotMatch(verdict.output, /\[warning\]|deprecated/i)
  })

  const refused: readonly (readonly [name: string, config: unknown, path: string])[] = [
    ['an unknown key', { ...twoClusters, routes: [{ name: 'a', when: { topics: 'x' }, cluster: 'east' }] }, '$.routes[0].when.topics: unknown key'],
    ['a cluster outside the allowed ones', { ...twoClusters, routes: [{ name: 'a', when: {}, cluster: 'north' }] }, '$.routes[0].cluster: "north"'],
    ['a duration that is none', { ...twoClusters, hold: { timeout: 'soon' } }, '$.hold.timeout'],
    ['another version', { ...twoClusters, version: 2 }, '$.version'],
  ]
  for (const [name, config, path] of refused) {
    it(`refuses a configuration with ${name}, and the filter's words say where`, async () => {
      const verdict = await validateWithEnvoy(generateEnvoy(config as MeshConfig, { clusters }), { envoy })
      assert.equal(verdict.ok, false)
      assert.ok(verdict.output.includes(path), verdict.output)
    })
  }
})
