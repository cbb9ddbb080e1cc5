import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { stringify } from 'yaml'
import type { MeshConfig } from '../config/model.ts'
import { generateEnvoy } from '../manifests/envoy.ts'
import { ManifestError } from '../manifests/manifest-error.ts'
import { renderEnvoy } from '../manifests/render.ts'
import { examineFile, verdictFindings } from './doctor.ts'

const config: MeshConfig = {
  version: 1,
  name: 'edge',
  mode: 'route',
  clusters: { default: 'east', allow: ['east', 'west'] },
  clientCalls: { cluster: 'east', mirror: ['west'] },
  routes: [{ name: 'payments', when: { topic: 'payments*' }, cluster: 'west' }],
  acl: { rules: [{ name: 'closed', effect: 'deny', when: { topic: 'closed' } }] },
  reject: { style: 'native' },
}
const bootstrap = generateEnvoy(config, { clusters: { east: '127.0.0.1:1', west: '127.0.0.1:2' } })

const found = (text: string) => examineFile(text).map(({ code, where }) => `${code} ${where}`)

/** The bootstrap as text with something else in it; the change must be one. */
function changed(...replacements: readonly (readonly [from: string | RegExp, to: string])[]): string {
  let text = JSON.stringify(bootstrap)
  for (const [from, to] of replacements) {
    const next = text.replace(from, to)
    assert.notEqual(next, text, `${from} is in the bootstrap`)
    text = next
  }
  return text
}

describe('the doctor', () => {
  it('has nothing to say about a generated bootstrap, as JSON, as YAML, and in the other spelling of fields', () => {
    assert.deepEqual(found(JSON.stringify(bootstrap)), [])
    assert.deepEqual(found(renderEnvoy(bootstrap, 'yaml', 'x')), [])
    const camel = JSON.stringify(bootstrap).replace(
      /"([a-z]+(?:_[a-z]+)+)":/g,
      (_, key: string) => `"${key.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())}":`,
    )
    assert.match(camel, /"staticResources"/)
    assert.deepEqual(found(camel), [])
  })

  const wrong: Readonly<Record<string, readonly [text: string, ...findings: string[]]>> = {
    'an Envoy without the filter': [stringify({ static_resources: { listeners: [] } }), 'NO_FILTER listeners'],
    'a configuration that the filter refuses': [
      changed([/\\"version\\": 1/, '\\"version\\": 2']),
      'CONFIG_REFUSED listener feathermq, configuration',
    ],
    'a missing flag': [changed(['"allow_on_headers_stop_iteration":true,', '']), 'FLAG_MISSING listener feathermq'],
    'FAIL_OPEN with access rules': [changed(['"failure_policy":"FAIL_RELOAD"', '"failure_policy":"FAIL_OPEN"']), 'FAIL_OPEN listener feathermq'],
    'FAIL_OPEN by its old name': [changed(['"failure_policy":"FAIL_RELOAD"', '"fail_open":true']), 'FAIL_OPEN listener feathermq'],
    'a filter in front that needs what ours finds out': [
      changed([
        '"http_filters":[',
        '"http_filters":[{"name":"rbac","typed_config":{"@type":"type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC"}},',
      ]),
      'FILTER_ORDER listener feathermq',
    ],
    'headers that clients can forge': [changed(['early_header_mutation_extensions', 'no_such_thing']), 'FORGEABLE_HEADERS listener feathermq'],
    'an access log of what the filter keeps to itself': [
      changed([/\\"version\\": 1,/, '\\"version\\": 1, \\"filterState\\": false,']),
      'NO_FILTER_STATE listener feathermq',
    ],
    'a virtual host for one name': [changed(['"domains":["*"]', '"domains":["mq.shop"]']), 'NO_ANY_HOST listener feathermq'],
    'the timeout that Envoy gives to routes': [changed([/"timeout":"0s",/g, '']), 'SHORT_TIMEOUT listener feathermq, route client-Telemetry'],
    'a timeout that is too short for a poll': [
      changed([/"timeout":"0s",/g, '"timeout":"20s",']),
      'SHORT_TIMEOUT listener feathermq, route client-Telemetry',
    ],
    'the patience that Envoy has with silent streams': [changed(['"stream_idle_timeout":"0s",', '']), 'SHORT_TIMEOUT listener feathermq'],
    'no way to where the filter decides': [
      changed([/"cluster_header":"x-fmq-cluster"/g, '"cluster":"east"']),
      'NO_DECISION_ROUTE listener feathermq',
    ],
    'no way for native refusals': [
      changed(['"name":"x-fmq-reject"', '"name":"x-other"']),
      'SHORT_TIMEOUT listener feathermq, route rejected',
      'NO_REJECT_ROUTE listener feathermq',
    ],
    'a cluster that is not there': [changed(['{"name":"west","type"', '{"name":"north","type"']), 'UNKNOWN_CLUSTER listener feathermq'],
    'counters without labels': [changed(['"stats_config"', '"no_config"']), 'NO_LABELS stats_config'],
    'an admin interface for everybody': [
      changed(['"admin":{"address":{"socket_address":{"address":"127.0.0.1"', '"admin":{"address":{"socket_address":{"address":"0.0.0.0"']),
      'ADMIN_EXPOSED admin',
    ],
  }
  for (const [what, [text, ...findings]] of Object.entries(wrong)) {
    it(`finds ${what}, and says what to do`, () => {
      assert.deepEqual(found(text), findings)
      for (const { what: words, next } of examineFile(text)) {
        assert.ok(words.length > 20 && next.length > 20, `${words} / ${next}`)
      }
    })
  }

  it('finds two configurations in one VM', () => {
    const other = generateEnvoy({ ...config, routes: [] }, { clusters: { east: '127.0.0.1:1', west: '127.0.0.1:2' } })
    const text = JSON.stringify(bootstrap).replace(
      '"listeners":[',
      `"listeners":[${JSON.stringify(other).match(/"listeners":\[(\{.*?\})\],"clusters"/s)?.[1]},`,
    )
    assert.deepEqual(found(text), ['SHARED_VM vm_id fmq/edge'])
  })

  it('says that a file is no bootstrap', () => {
    assert.throws(() => examineFile('- a'), ManifestError)
    assert.throws(() => examineFile('a: ['), ManifestError)
  })

  it('reads the reasons of an Envoy that refuses a bootstrap', () => {
    assert.deepEqual(verdictFindings({ ok: true, output: '' }), [])
    const refused = verdictFindings({
      ok: false,
      output: 'x\n[error] feathermq-mesh: configuration refused: $.version: expected 1\nUnable to create Wasm plugin',
    })
    assert.deepEqual(
      refused.map(({ code, what }) => [code, what]),
      [['ENVOY_REFUSES', '$.version: expected 1']],
    )
  })
})
