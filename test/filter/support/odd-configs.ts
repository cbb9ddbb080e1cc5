import fc from 'fast-check'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Uses every key that there is. */
export const completeConfig: Json = {
  $schema: './feathermq-mesh.schema.json',
  version: 1,
  name: 'mq-gateway',
  mode: 'route',
  direction: 'gateway',
  hold: { maxBytes: 49152, timeout: '500ms', onExhausted: 'deny', onFlagMissing: 'fail' },
  opaque: 'deny',
  clusters: { default: 'east', allow: ['east', 'west', 'bulk'] },
  clientCalls: { cluster: 'east', mirror: ['west', 'bulk'] },
  headers: { facts: ['op', 'topic', 'group', 'tag', 'message-group', 'broker', 'lane'], responseCode: true },
  routes: [
    { name: 'payments', when: { topic: ['payments', 'payments-*'] }, split: { west: 90, bulk: 10 }, sticky: 'client' },
    {
      name: 'gold',
      when: { op: ['send', 'end-*'], group: 'g', tag: 'a', messageGroup: 'gold-*', broker: '*' },
      cluster: 'bulk',
      hash: 'messageGroup',
    },
    { name: 'rest', when: {}, unless: { peer: 'spiffe://a/*' }, cluster: 'east', subset: { pool: 'bulk' } },
  ],
  affinity: { broker: { 'east-broker-a': 'east', 'west-*': 'west' }, client: true, onMixedBatch: 'first' },
  acl: {
    default: 'allow',
    identity: 'peer',
    rules: [
      {
        name: 'only-billing',
        effect: 'deny',
        when: { op: ['receive', 'assignment'], topic: 'payments*' },
        unless: { peer: 'spiffe://prod/ns/billing/*' },
      },
      { name: 'no-legacy', effect: 'allow', when: { topic: 'legacy-*' }, shadow: true },
    ],
  },
  policy: [
    {
      name: 'order-shape',
      when: { op: 'send', topic: 'orders*' },
      unless: { client: 'x' },
      shadow: false,
      maxBodyBytes: 262144,
      maxProperties: 32,
      maxKeys: 4,
      tags: ['created', 'paid'],
      maxDelay: '7d',
      requireProperties: ['tenant'],
    },
  ],
  reject: { style: 'native', cluster: 'fmq_reject', explain: true },
  faults: [
    { name: 'throttle', when: { op: 'send' }, fraction: 0.05, seed: 7, code: 42900 },
    { name: 'slow', when: { op: 'receive', group: 'audit' }, fraction: 0.5, delay: '2s' },
    { name: 'lost-ack', when: { op: 'ack' }, unless: { topic: 't' }, shadow: true, fraction: 1, dropAck: true },
  ],
  limits: [
    {
      name: 'orders-per-client',
      when: { op: 'send', topic: 'orders*' },
      per: ['client', 'topic'],
      messages: { rate: 500, burst: 1000 },
      bytes: { rate: 8388608, burst: 16777216 },
      keys: 64,
    },
    { name: 'west-total', when: { op: 'send' }, messages: { rate: 2000, burst: 2000 }, shadow: true },
  ],
  lanes: {
    base: 'base',
    from: ['header:x-lane', 'baggage:lane', 'node:lane'],
    property: 'fmq_lane',
    groups: { suffix: '-lane-{lane}' },
    filter: 'sql',
    topics: ['orders*'],
  },
  endpoints: [{ when: { cluster: 'west' }, to: 'west.mq.internal:8081' }, { broker: ['east-broker-*'], to: 'requested' }, { to: '[::1]:8081' }],
  trace: { placement: 'downstream', inject: 'absent', carriers: ['user-properties', 'trace-context'], maxBufferBytes: 65536 },
  metrics: {
    labels: ['op', 'topic', 'group', 'code'],
    topics: 200,
    groups: 200,
    series: 2000,
    histograms: { names: ['latency', 'redelivery'], by: ['topic', 'op'], series: 100 },
  },
}
const minimal: Json = { version: 1, name: 'edge', mode: 'observe' }

const leaves: readonly Json[] = [
  null,
  true,
  false,
  0,
  0.5,
  1,
  -1,
  42_900,
  1.5,
  2,
  1000,
  1001,
  10_000,
  10_001,
  16_777_216,
  16_777_217,
  2 ** 32 + 1,
  1e300,
  '',
  'east',
  'west',
  'nowhere',
  'with space',
  'tab\there',
  'ä€😀',
  '\u007f',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(255),
  'x'.repeat(256),
  '10ms',
  '9.99ms',
  '60s',
  '1m',
  '60.001s',
  '0.001h',
  '1.s',
  '.5s',
  '5',
  's',
  '5 s',
  '-5s',
  '1e3ms',
  'route',
  'observe',
  'inbound',
  'deny',
  'default',
  'fail',
  'send',
  'telemetry',
  'te*',
  'heart*',
  '*',
  '**',
  'nothing',
  'op',
  'topic',
  'code',
  'lane',
  'message-group',
  'messageGroup',
  'payments',
  'gold',
  'native',
  'plain',
  'ack',
  'client',
  'peer',
  '40d',
  '3456000.001s',
  '1h',
  '0ms',
  'p'.repeat(129),
]
/** Known ones and others. */
export const keys: readonly string[] = [
  ...['$schema', 'version', 'name', 'mode', 'direction', 'hold', 'opaque', 'clusters', 'clientCalls', 'headers', 'routes', 'metrics'],
  ...['filterState', 'reject'],
  ...['maxBytes', 'timeout', 'onExhausted', 'onFlagMissing', 'default', 'allow', 'cluster', 'mirror', 'facts', 'when', 'labels', 'topics'],
  ...['groups', 'series', 'op', 'topic', 'group', 'tag', 'messageGroup', 'broker', 'style', 'explain'],
  ...['affinity', 'acl', 'policy', 'faults', 'responseCode', 'split', 'sticky', 'hash', 'subset', 'unless', 'peer', 'client', 'onMixedBatch'],
  ...['identity', 'rules', 'effect', 'shadow', 'maxBodyBytes', 'maxProperties', 'maxKeys', 'tags', 'maxDelay', 'requireProperties'],
  ...['fraction', 'seed', 'code', 'delay', 'dropAck'],
  ...['limits', 'lanes', 'endpoints', 'trace', 'per', 'messages', 'bytes', 'keys', 'rate', 'burst', 'base', 'from', 'property', 'suffix', 'filter'],
  ...['to', 'histograms', 'names', 'by', 'placement', 'inject', 'carriers', 'maxBufferBytes'],
  ...['lane'],
  // What is nothing.
  ...['unknown', '', 'a b', '0a', 'ä', '$', '-', '_x', 'quote"', 'back\\slash', 'new\nline', '__proto__', 'constructor', 'toString', 'Mode', 'MODE'],
]

const leaf: fc.Arbitrary<Json> = fc.constantFrom(...leaves)
const key = fc.constantFrom(...keys)
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: leaf },
  { weight: 2, arbitrary: fc.array(leaf, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.dictionary(key, leaf, { maxKeys: 4 }) },
  { weight: 1, arbitrary: fc.array(fc.dictionary(key, leaf, { maxKeys: 4 }), { maxLength: 3 }) },
)

/** A change at one place: it goes down `steps` (each modulo the number of children) and does something there. */
interface Change {
  readonly steps: readonly number[]
  readonly what: 'replace' | 'remove' | 'add' | 'rename' | 'double'
  readonly key: string
  readonly value: Json
}

const change: fc.Arbitrary<Change> = fc.record({
  steps: fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 6 }),
  what: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'rename', 'double'),
  key,
  value,
})

function define(object: { [key: string]: Json }, name: string, content: Json): void {
  // An assignment to __proto__ would not make a key.
  Object.defineProperty(object, name, { value: content, enumerable: true, configurable: true, writable: true })
}

function changed(node: Json, { steps, what, key: name, value: content }: Change): Json {
  const [step = 0, ...rest] = steps
  if (typeof node !== 'object' || node === null) return content
  if (Array.isArray(node)) {
    const at = node.length === 0 ? 0 : step % node.length
    const item = node[at] ?? null
    if (rest.length > 0 && node.length > 0) return node.with(at, changed(item, { steps: rest, what, key: name, value: content }))
    if (what === 'remove') return node.toSpliced(at, 1)
    if (what === 'add') return node.toSpliced(at, 0, content)
    return what === 'double' || node.length === 0 ? [...node, node.length === 0 ? content : item] : node.with(at, content)
  }
  const present = Object.keys(node)
  const chosen = present[present.length === 0 ? 0 : step % present.length]
  const copy: { [key: string]: Json } = {}
  for (const known of present) {
    const item = node[known] ?? null
    if (known !== chosen) define(copy, known, item)
    else if (rest.length > 0) define(copy, known, changed(item, { steps: rest, what, key: name, value: content }))
    else if (what === 'rename') define(copy, name, item)
    else if (what !== 'remove') define(copy, known, what === 'replace' || what === 'double' ? content : item)
  }
  if (rest.length === 0 && (what === 'add' || chosen === undefined)) define(copy, name, content)
  return copy
}

/** A sound configuration with up to three changes, most of which it does not survive. */
export const oddConfig: fc.Arbitrary<Json> = fc
  .tuple(
    fc.oneof({ weight: 5, arbitrary: fc.constant(completeConfig) }, { weight: 1, arbitrary: fc.constant(minimal) }),
    fc.array(change, { minLength: 1, maxLength: 3 }),
  )
  .map(([sound, changes]) => changes.reduce<Json>(changed, sound))
