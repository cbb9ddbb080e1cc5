import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import { readConfig } from './read.ts'
import { schema } from './schema.ts'
import { schemaUrl, validateConfig } from './validate.ts'

const minimal = { version: 1, name: 'edge', mode: 'observe' }
const complete = {
  $schema: './feathermq-mesh.schema.json',
  version: 1,
  name: 'mq-gateway',
  mode: 'route',
  direction: 'gateway',
  hold: { maxBytes: 49152, timeout: '0.5s', onExhausted: 'deny', onFlagMissing: 'fail' },
  opaque: 'deny',
  filterState: true,
  clusters: { default: 'east', allow: ['east', 'west'] },
  clientCalls: { cluster: 'east', mirror: ['west'] },
  headers: { facts: ['op', 'topic', 'group', 'tag', 'message-group', 'broker'] },
  routes: [
    { name: 'payments', when: { topic: ['payments', 'payments-*'] }, cluster: 'west' },
    { name: 'gold', when: { op: ['send', 'end-*'], group: 'g', tag: 'a', messageGroup: 'gold-*', broker: '*' }, cluster: 'east' },
    { name: 'rest', when: {}, cluster: 'east' },
  ],
  metrics: { labels: ['op', 'topic', 'group', 'code'], topics: 200, groups: 200, series: 2000 },
}

/** The complete configuration after a change by `edit`, which may break any rule. */
function changed(edit: (config: Record<string, unknown> & typeof complete) => void): unknown {
  const copy = structuredClone(complete)
  edit(copy)
  return copy
}

function problems(config: unknown): string[] {
  const validation = validateConfig(config)
  return validation.ok ? [] : validation.problems.map(({ path, message }) => `${path}: ${message}`)
}

describe('validateConfig', () => {
  it('accepts the smallest configuration and one that uses every key', () => {
    assert.deepEqual(problems(minimal), [])
    assert.deepEqual(problems(complete), [])
    assert.deepEqual(validateConfig(complete), { ok: true, config: complete })
  })

  const refused: readonly (readonly [name: string, config: unknown, ...problems: string[]])[] = [
    ['something that is no object', [], '$: expected an object, got an array'],
    ['an empty object', {}, '$.mode: missing', '$.name: missing', '$.version: missing'],
    ['another version', changed((c) => Object.assign(c, { version: 2 })), '$.version: expected 1, the version that this build reads, got 2'],
    [
      'a name with spaces',
      changed((c) => Object.assign(c, { name: 'my gateway' })),
      '$.name: expected 1 to 64 letters, digits, dots, dashes and underscores, got "my gateway"',
    ],
    ['a mode that does not exist', { ...minimal, mode: 'enforce' }, '$.mode: "enforce" is none of route, observe'],
    ['an unknown key', changed((c) => Object.assign(c, { topics: [] })), '$.topics: unknown key'],
    ['an unknown key deep inside', changed((c) => Object.assign(c.routes[1]?.when ?? {}, { topics: 'x' })), '$.routes[1].when.topics: unknown key'],
    ['a key with odd characters', changed((c) => Object.assign(c.hold, { 'max bytes': 1 })), '$.hold["max bytes"]: unknown key'],
    [
      'both a cluster and a split',
      changed((c) => Object.assign(c, { routes: [{ name: 'w', when: {}, cluster: 'east', split: { east: 1 } }] })),
      '$.routes[0].split: a route has either a cluster or a split',
    ],
    [
      'a split with odd weights and clusters',
      changed((c) => Object.assign(c, { routes: [{ name: 'w', when: {}, split: { north: 0, east: 0 } }] })),
      '$.routes[0].split.north: "north" is not in $.clusters.allow',
      '$.routes[0].split: at least one weight must be above 0',
    ],
    [
      'a weight that is none',
      changed((c) => Object.assign(c, { routes: [{ name: 'w', when: {}, split: { east: -1 } }] })),
      '$.routes[0].split.east: expected a whole number from 0 to 1000000, got -1',
    ],
    [
      'a key of a subset that cannot be a header',
      changed((c) => Object.assign(c.routes[0] ?? {}, { subset: { 'A B': 'x' } })),
      '$.routes[0].subset["A B"]: expected a key of 1 to 64 small letters, digits and dashes: it becomes a header x-fmq-subset-<key>',
    ],
    [
      'sticky where there is nothing to stick to',
      changed((c) => Object.assign(c.routes[0] ?? {}, { sticky: 'client' })),
      '$.routes[0].sticky: means nothing without a split',
    ],
    [
      'acl by peer beside a client',
      changed((c) =>
        Object.assign(c, { direction: 'outbound', acl: { identity: 'peer', rules: [{ name: 'p', effect: 'deny', when: { peer: 'x' } }] } }),
      ),
      '$.acl.identity: peer means nothing where $.direction is outbound: a client beside this Envoy is whoever it says',
      '$.acl.rules[0]: peer means nothing where $.direction is outbound: a client beside this Envoy is whoever it says',
    ],
    [
      'acl by an identity that is not the configured one',
      changed((c) =>
        Object.assign(c, {
          acl: {
            identity: 'client',
            rules: [{ name: 'p', effect: 'allow', when: {}, unless: { peer: 'x' } }],
          },
        }),
      ),
      '$.acl.rules[0]: asks for peer, but $.acl.identity is client',
    ],
    [
      'acl by a client id that nobody said to trust',
      changed((c) => Object.assign(c, { acl: { rules: [{ name: 'p', effect: 'allow', when: { client: 'x' } }] } })),
      '$.acl.rules[0]: asks for client, which a client chooses itself: that needs $.acl.identity client',
    ],
    [
      'ways around an acl',
      changed((c) => Object.assign(c, { opaque: 'default', hold: { onExhausted: 'default' }, acl: { default: 'deny' } })),
      '$.opaque: must be deny while acl rules enforce: a compressed request would slip past them',
      '$.hold.onExhausted: must be deny while acl rules enforce: a request with its names far behind would slip past them',
    ],
    [
      'two rules of one name',
      changed((c) =>
        Object.assign(c, {
          policy: [
            { name: 'a', when: {} },
            { name: 'a', when: {} },
          ],
        }),
      ),
      '$.policy[1].name: another rule is named "a"',
    ],
    [
      'more required properties than there is room for',
      changed((c) => Object.assign(c, { policy: [{ name: 'a', when: {}, requireProperties: Array.from({ length: 33 }, (_, i) => `p${i}`) }] })),
      '$.policy: all requireProperties together may name 32 properties',
    ],
    [
      'a fault that is none, and one that is two',
      changed((c) =>
        Object.assign(c, {
          faults: [
            { name: 'a', when: {}, fraction: 1 },
            { name: 'b', when: {}, fraction: 1, code: 50000, delay: '1s' },
          ],
        }),
      ),
      '$.faults[0]: expected exactly one of code, delay, dropAck',
      '$.faults[1]: expected exactly one of code, delay, dropAck',
    ],
    [
      'a dropped acknowledgement that cannot be answered, of calls that are none',
      changed((c) => Object.assign(c, { faults: [{ name: 'a', when: {}, fraction: 1, dropAck: true }] })),
      '$.faults[0].dropAck: needs $.reject.style native: the acknowledgement is answered as if it had arrived',
      '$.faults[0].dropAck: needs "op": "ack" in when',
    ],
    [
      'a broker at home in a cluster that is not allowed',
      changed((c) => Object.assign(c, { affinity: { broker: { 'broker.a': 'north' } } })),
      '$.affinity.broker["broker.a"]: "north" is not in $.clusters.allow',
    ],
    [
      'native rejection while nothing is held',
      { ...minimal, reject: { style: 'native' } },
      '$.reject.style: native needs mode "route": in mode "observe" no call is held',
    ],
    [
      'the lane as a header or in a condition where no call has a lane',
      changed((c) => Object.assign(c.routes[0]?.when ?? {}, { lane: 'x' }) && c.headers.facts.push('lane')),
      '$.headers.facts[6]: needs $.lanes: without it no call has a lane',
      '$.routes[0].when.lane: needs $.lanes: without it no call has a lane',
    ],
    [
      'a route that goes nowhere',
      changed((c) => Object.assign(c, { routes: [{ name: 'w', when: {}, hash: 'topic' }] })),
      '$.routes[0].cluster: missing',
    ],
    [
      'a number for a pattern',
      changed((c) => Object.assign(c.routes[0]?.when ?? {}, { topic: 7 })),
      '$.routes[0].when.topic: expected a string or an array, got a number',
    ],
    [
      'items that are no strings, even objects with methods as keys, of which none is compared with another',
      changed((c) =>
        Object.assign(c.metrics, { labels: ['op', JSON.parse('{"toString":1,"valueOf":2}'), JSON.parse('{"toString":1,"valueOf":2}')] }),
      ),
      '$.metrics.labels[1]: expected a string, got an object',
      '$.metrics.labels[2]: expected a string, got an object',
    ],
    [
      'half of a surrogate pair, which is no text',
      changed((c) =>
        Object.assign(c, { $schema: '\ud800' }, { routes: [{ name: 'r', when: { tag: '\udfff', topic: ['ok 😀', 'x\ud83dx'] }, cluster: 'east' }] }),
      ),
      '$.$schema: half of a surrogate pair is no text',
      '$.routes[0].when.tag: half of a surrogate pair is no text',
      '$.routes[0].when.topic[1]: half of a surrogate pair is no text',
    ],
    ['an empty pattern', changed((c) => Object.assign(c.routes[0]?.when ?? {}, { topic: '' })), '$.routes[0].when.topic: must not be empty'],
    ['a list without patterns', changed((c) => Object.assign(c.routes[0]?.when ?? {}, { topic: [] })), '$.routes[0].when.topic: must not be empty'],
    [
      'a pattern that stands twice',
      changed((c) => Object.assign(c.routes[0]?.when ?? {}, { topic: ['a', 'b', 'a'] })),
      '$.routes[0].when.topic[2]: "a" stands there twice',
    ],
    [
      'a default cluster outside the allowed ones',
      changed((c) => Object.assign(c.clusters, { default: 'north' })),
      '$.clusters.default: "north" is not in $.clusters.allow',
    ],
    [
      'a route to a cluster outside the allowed ones',
      changed((c) => Object.assign(c.routes[2] ?? {}, { cluster: 'north' })),
      '$.routes[2].cluster: "north" is not in $.clusters.allow',
    ],
    [
      'client calls to a cluster outside the allowed ones',
      changed((c) => Object.assign(c.clientCalls, { cluster: 'north' })),
      '$.clientCalls.cluster: "north" is not in $.clusters.allow',
    ],
    [
      'a mirror outside the allowed clusters',
      changed((c) => c.clientCalls.mirror.push('north')),
      '$.clientCalls.mirror[1]: "north" is not in $.clusters.allow',
    ],
    [
      'a mirror to the cluster that answers',
      changed((c) => Object.assign(c.clientCalls, { mirror: ['east'] })),
      '$.clientCalls.mirror[0]: "east" is $.clientCalls.cluster itself: it would get every call twice',
    ],
    ['two routes of one name', changed((c) => Object.assign(c.routes[2] ?? {}, { name: 'gold' })), '$.routes[2].name: another route is named "gold"'],
    ['routing without a default cluster', changed((c) => Object.assign(c, { clusters: { allow: ['east', 'west'] } })), '$.clusters.default: missing'],
    ['routing without clusters', { ...minimal, mode: 'route' }, '$.clusters.default: missing'],
    [
      'an operation that does not exist',
      changed((c) => Object.assign(c.routes[1]?.when ?? {}, { op: ['sned'] })),
      '$.routes[1].when.op: "sned" is none of route, assignment, send, receive, ack, invisible, dead-letter, end-transaction, recall, lite, telemetry, heartbeat, terminate, pull, offset, other',
    ],
    [
      'a route for a call that no route can move',
      changed((c) => Object.assign(c.routes[1]?.when ?? {}, { op: 'telemetry' })),
      '$.routes[1].when.op: "telemetry" is a call of the client as a whole, which is never held: $.clientCalls says where it goes, and only acl applies to it',
    ],
    [
      'a duration without unit',
      changed((c) => Object.assign(c.hold, { timeout: '500' })),
      '$.hold.timeout: expected a duration such as "500ms" or "2s", got "500"',
    ],
    [
      'a duration that is too short',
      changed((c) => Object.assign(c.hold, { timeout: '9ms' })),
      '$.hold.timeout: expected a duration from 10ms to 60000ms',
    ],
    [
      'a duration that is too long',
      changed((c) => Object.assign(c.hold, { timeout: '2m' })),
      '$.hold.timeout: expected a duration from 10ms to 60000ms',
    ],
    ['nothing to hold', changed((c) => Object.assign(c.hold, { maxBytes: 0 })), '$.hold.maxBytes: expected a whole number from 1 to 16777216, got 0'],
    [
      'too many topics',
      changed((c) => Object.assign(c.metrics, { topics: 1001 })),
      '$.metrics.topics: expected a whole number from 1 to 1000, got 1001',
    ],
    [
      'a cluster that cannot be a header',
      changed((c) => c.clusters.allow.push('nörd')),
      '$.clusters.allow[2]: expected 1 to 255 printable ASCII characters without spaces: the name becomes the header x-fmq-cluster, got "nörd"',
    ],
  ]
  for (const [name, config, ...expected] of refused) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(problems(config), expected)
    })
  }

  it('accepts the bounds of durations', () => {
    for (const timeout of ['10ms', '60s', '1m', '0.01s']) assert.deepEqual(problems(changed((c) => Object.assign(c.hold, { timeout }))), [], timeout)
  })
})

describe('the published schema', () => {
  it('is what configurations are checked against (scripts/write-schema.mjs writes it)', () => {
    assert.deepEqual(JSON.parse(readFileSync(schemaUrl, 'utf8')), JSON.parse(JSON.stringify(schema)))
  })
})

describe('readConfig', () => {
  it('says where in the text a problem is', () => {
    const text = `{
  "version": 1, "name": "edge", "mode": "route",
  "clusters": { "default": "east", "allow": ["east"] },
  "routes": [
    { "name": "a", "when": { "topic": "x", "topics": "y" }, "cluster": "east" },
    { "name": "b", "when": {} }
  ]
}`
    const reading = readConfig(text)
    assert.ok(!reading.ok)
    assert.deepEqual(reading.problems, [
      { path: '$.routes[0].when.topics', message: 'unknown key', line: 5, column: 44 },
      { path: '$.routes[1].cluster', message: 'missing', line: 6, column: 5 },
    ])
  })

  it('refuses what is not JSON, with its place', () => {
    const reading = readConfig('{\n  "version": 1,\n  mode: "route"\n}')
    assert.ok(!reading.ok)
    assert.deepEqual(
      reading.problems.map(({ path, line, column }) => ({ path, line, column })),
      [{ path: '$', line: 3, column: 3 }],
    )
    assert.match(reading.problems[0]?.message ?? '', /^not JSON: /)
  })

  it('refuses an empty text', () => {
    const reading = readConfig('')
    assert.ok(!reading.ok)
    assert.match(reading.problems[0]?.message ?? '', /^not JSON: /)
  })

  it('refuses a key that stands twice in one object', () => {
    const reading = readConfig('{ "version": 1, "name": "edge", "mode": "observe",\n  "name": "other" }')
    assert.ok(!reading.ok)
    assert.deepEqual(reading.problems, [{ path: '$', message: 'this key stands twice in one object', line: 2, column: 3 }])
  })

  it('accepts what validateConfig accepts', () => {
    assert.deepEqual(readConfig(JSON.stringify(complete)), { ok: true, config: complete })
  })
})
