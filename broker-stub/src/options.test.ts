import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { after, before, describe, it } from 'mocha'
import { stringify } from 'yaml'
import { groupSettings, OptionError, readOptionsFile, toBytes, topicSettings, validateOptions } from './options.ts'

const complete = {
  name: 'edge-1.b_c',
  host: '::1',
  port: 0,
  httpPort: 65_535,
  advertise: '[::1]:8081',
  autoCreate: false,
  maxMemory: '1.5G',
  maxDelay: '12h',
  transport: 'grpc-js',
  tls: { cert: 'cert.pem', key: 'key.pem' },
  topics: { orders: { types: ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION'], queues: 256 }, plain: {} },
  groups: {
    billing: { ordered: true, maxAttempts: 1_000, retry: ['10ms', 1_000, '1.5s', '2m', '1h', '1d'] },
    ledger: { retry: { initial: 0, max: '1h', multiplier: 1.5 } },
    plain: {},
  },
}

const isOptionError = (message: string | RegExp) => (error: unknown) => {
  assert.ok(error instanceof OptionError, String(error))
  if (typeof message === 'string') assert.equal(error.message, message)
  else assert.match(error.message, message)
  return true
}

/** `{ groups: { billing: value } }` for `groups.billing`. */
function nested(path: readonly string[], value: unknown): unknown {
  const [first, ...rest] = path
  return first === undefined ? value : { [first]: nested(rest, value) }
}

describe('options', () => {
  it('may have every key there is, and none', () => {
    assert.deepEqual(validateOptions(structuredClone(complete), 'options'), complete)
    assert.deepEqual(validateOptions({}, 'options'), {})
  })

  for (const path of ['colour', 'tls.ca', 'topics.orders.colour', 'groups.billing.colour', 'groups.ledger.retry.colour']) {
    it(`are refused with ${path}, an unknown key, by its path`, () => {
      const options = structuredClone(complete)
      const parts = path.split('.')
      let at: Record<string, unknown> = options
      for (const part of parts.slice(0, -1)) at = at[part] as Record<string, unknown>
      at[parts.at(-1) ?? ''] = 'red'
      assert.throws(() => validateOptions(options, 'here'), isOptionError(`here: ${path}: unknown key`))
    })
  }

  it('are refused with any key that is not in the table, wherever it stands', () => {
    const key = fc.stringMatching(/^[a-z][a-zA-Z0-9_/~-]{0,12}$/).filter((text) => !(text in complete))
    fc.assert(
      fc.property(key, (unknown) => {
        assert.throws(() => validateOptions({ [unknown]: 1 }, 'x'), isOptionError(`x: ${unknown}: unknown key`))
        assert.throws(
          () => validateOptions({ topics: { [unknown]: { [unknown]: 1 } } }, 'x'),
          isOptionError(`x: topics.${unknown}.${unknown}: unknown key`),
        )
      }),
    )
  })

  const DURATION = 'must be milliseconds, 0 or more, or a number with ms, s, m, h or d, e.g. "30s"'
  const PORT = 'must be a port, 0 to 65535'
  const SIZE = 'must be bytes, 1 or more, or a number with K, M or G, e.g. "512MiB"'
  const durations = ['', '30', 's', '-1s', '1 s', '1w', '1e3s', '.5s', -1, null, true, [], {}, Number.NaN, Number.POSITIVE_INFINITY]
  const table: readonly (readonly [path: string, wrong: readonly unknown[], complaint: string])[] = [
    ['name', ['', 'a b', 'a'.repeat(65), 'ä', 1, null], 'must be 1 to 64 letters, digits, "_", "-" or "."'],
    ['host', [1, null, []], 'must be string'],
    ['host', [''], 'must NOT have fewer than 1 characters'],
    ['port', [-1, 65_536, 1.5, '8081', null, true], PORT],
    ['httpPort', [-1, 65_536, 1.5, '8082', null, true], PORT],
    ['advertise', ['host', ':80', 'a:0', 'a:65536', 'a:b', '::1:80', 'http://a:80', 'a b:80', 80, null], 'must be host:port, IPv6 in brackets'],
    ['autoCreate', ['yes', 'false', 0, null], 'must be boolean'],
    ['maxMemory', [0, -1, 1.5, '', '0', '0GiB', 'lots', '1T', '1,5G', '-1G', '512mib', null, {}], SIZE],
    ['maxDelay', durations, DURATION],
    ['transport', ['grpc', 'HTTP2', 1, null, {}], 'must be one of http2, grpc-js'],
    ['tls', ['cert.pem', true, []], 'must be object'],
    ['tls', [{ cert: 'a' }], "must have required property 'key'"],
    ['tls', [{ key: 'a' }, {}, { selfSigned: false }, { alsoPlaintext: true }], "must have required property 'cert'"],
    ['tls.cert', [1, null, {}], 'must be string'],
    ['tls.selfSigned', ['yes', 1, null], 'must be boolean'],
    ['tls.alsoPlaintext', ['yes', 0, null], 'must be boolean'],
    ['topics', [[], 'orders', null], 'must be object'],
    ['topics.orders', [[], 4, null], 'must be object'],
    ['topics.orders.types', ['NORMAL', {}, null], 'must be array'],
    ['topics.orders.types', [[]], 'must NOT have fewer than 1 items'],
    ['topics.orders.types.0', ['normal', 'LITE', 1, null], 'must be one of NORMAL, FIFO, DELAY, TRANSACTION, PRIORITY'],
    ['topics.orders.queues', [0, 257, 1.5, '4', null], 'must be a whole number, 1 to 256'],
    ['groups', [[], 'billing', null], 'must be object'],
    ['groups.billing', [[], 17, null], 'must be object'],
    ['groups.billing.ordered', ['yes', 1, null], 'must be boolean'],
    ['groups.billing.maxAttempts', [0, 1_001, 1.5, '17', null], 'must be a whole number, 1 to 1000'],
    ['groups.billing.retry', ['1s', 1, null, true], 'must be a list of waits, or initial, max and multiplier'],
    ['groups.billing.retry', [[]], 'must NOT have fewer than 1 items'],
    ['groups.billing.retry', [new Array(101).fill('1s')], 'must NOT have more than 100 items'],
    ['groups.billing.retry', [{ initial: 1, max: 2 }], "must have required property 'multiplier'"],
    ['groups.billing.retry.0', durations, DURATION],
  ]
  for (const [path, wrong, complaint] of table) {
    it(`are refused when ${path} is wrong: it ${complaint}`, () => {
      const inList = path.endsWith('.0')
      for (const value of wrong) {
        const options = nested((inList ? path.slice(0, -2) : path).split('.'), inList ? [value] : value)
        assert.throws(
          () => validateOptions(options, 'here'),
          (error) => {
            assert.ok(error instanceof OptionError)
            // Beside it stands what else is wrong, e.g. that the other half of `tls` is missing.
            const sentences = error.message.replace(/^here: /, '').split('; ')
            assert.ok(sentences.includes(`${path}: ${complaint}`), `${JSON.stringify(value)}: ${error.message}`)
            return true
          },
        )
      }
    })
  }

  it('have a certificate in files or one that is made, not both', () => {
    for (const tls of [
      { selfSigned: true },
      { selfSigned: true, alsoPlaintext: false },
      { cert: 'a', key: 'b', selfSigned: false, alsoPlaintext: true },
    ]) {
      assert.deepEqual(validateOptions({ tls }, 'here'), { tls })
    }
    assert.throws(
      () => validateOptions({ tls: { cert: 'a', key: 'b', selfSigned: true } }, 'here'),
      isOptionError('here: tls.cert: must be left out where selfSigned is true; tls.key: must be left out where selfSigned is true'),
    )
  })

  it('name each wrong number of a growing retry', () => {
    const retry = { initial: -1, max: 'long', multiplier: 0.5 }
    assert.throws(
      () => validateOptions({ groups: { a: { retry } } }, 'here'),
      isOptionError(
        `here: groups.a.retry.initial: ${DURATION}; groups.a.retry.max: ${DURATION}; groups.a.retry.multiplier: must be a number, 1 or more`,
      ),
    )
  })

  it('that are no table at all are refused', () => {
    for (const value of [null, 1, 'port', [], true])
      assert.throws(() => validateOptions(value, 'here'), isOptionError('here: (top level): must be object'))
  })

  it('name all that is wrong at once', () => {
    assert.throws(() => validateOptions({ port: -1, colour: 1 }, 'here'), isOptionError(`here: colour: unknown key; port: ${PORT}`))
  })
})

describe('configuration files', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'feathermq-options-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  function file(name: string, text: string | Uint8Array): string {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }

  it('are read as JSON and as YAML', () => {
    assert.deepEqual(readOptionsFile(file('a.json', JSON.stringify(complete))), complete)
    assert.deepEqual(readOptionsFile(file('a.yaml', `# comment\n${stringify(complete)}`)), complete)
  })

  it('may be empty', () => {
    for (const text of ['', '\n', '# nothing yet\n', '---\n']) assert.deepEqual(readOptionsFile(file('empty.yaml', text)), {})
  })

  it('are named when they are not there', () => {
    const path = join(folder, 'none.yaml')
    assert.throws(() => readOptionsFile(path), isOptionError(/^the configuration file .*none\.yaml cannot be read: ENOENT/))
    assert.throws(() => readOptionsFile(folder), isOptionError(/^the configuration file .* cannot be read: EISDIR/))
  })

  it('are named when they are neither JSON nor YAML', () => {
    for (const text of ['{ "port": 1', 'port: 1\nport: 2\n', 'a: [', '\tport: 1', 'port: *nowhere']) {
      assert.throws(
        () => readOptionsFile(file('bad.yaml', text)),
        isOptionError(/^the configuration file .*bad\.yaml is neither JSON nor YAML: /),
        text,
      )
    }
  })

  it('are named when a key is wrong', () => {
    const path = file('wrong.yaml', 'groups:\n  billing:\n    maxattempts: 3\n')
    assert.throws(() => readOptionsFile(path), isOptionError(`${path}: groups.billing.maxattempts: unknown key`))
    assert.throws(() => readOptionsFile(file('list.yaml', '- port: 1\n')), isOptionError(/list\.yaml: \(top level\): must be object$/))
  })
})

describe('sizes', () => {
  it('are bytes as numbers, and numbers with a unit as text', () => {
    const KI = 1024
    const sizes: readonly (readonly [number | string, number])[] = [
      [1, 1],
      ['1048576', KI ** 2],
      ['7B', 7],
      ['64K', 64 * KI],
      ['64KB', 64 * KI],
      ['64KiB', 64 * KI],
      ['512MiB', 512 * KI ** 2],
      ['512 MiB', 512 * KI ** 2],
      ['1.5G', 1.5 * KI ** 3],
      ['0.001K', 1],
    ]
    for (const [size, bytes] of sizes) {
      assert.equal(toBytes(size), bytes, String(size))
      assert.deepEqual(validateOptions({ maxMemory: size }, 'x'), { maxMemory: size })
    }
  })

  it('are whole bytes, whatever the fraction', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(999), fc.constantFrom('', 'B', 'K', 'KiB', 'M', 'G'), (whole, fraction, unit) => {
        const bytes = toBytes(`${whole}.${fraction}${unit}`)
        assert.ok(Number.isInteger(bytes) && bytes >= whole)
      }),
    )
  })

  it('are refused, quoted, when they are anything else', () => {
    for (const size of ['', 'G', '1T', '1 T', '-1', '1,5G', '1.G', '5iB', '512mib', ' 1G', '1G ']) {
      assert.throws(() => toBytes(size), isOptionError(`"${size}" is no size: write a number and KiB, MiB or GiB`), size)
    }
  })
})

describe('settings of a configuration', () => {
  it('turn durations into milliseconds and leave what is not given to the registry', () => {
    assert.deepEqual(groupSettings({ ordered: true, maxAttempts: 3, retry: ['10ms', 5, '1.5s', '2m', '1h', '1d'] }), {
      ordered: true,
      maxAttempts: 3,
      retry: { kind: 'customized', next: [10, 5, 1_500, 120_000, 3_600_000, 86_400_000] },
      start: undefined,
      paused: undefined,
    })
    assert.deepEqual(groupSettings({ retry: { initial: '1s', max: '1m', multiplier: 2 } }).retry, {
      kind: 'exponential',
      initial: 1_000,
      max: 60_000,
      multiplier: 2,
    })
    const nothing = { ordered: undefined, maxAttempts: undefined, retry: undefined, start: undefined, paused: undefined }
    assert.deepEqual(groupSettings({}), nothing)
    assert.deepEqual(groupSettings({ start: '2026-01-31T09:30:00Z', paused: true }), {
      ...nothing,
      start: { at: Date.UTC(2026, 0, 31, 9, 30) },
      paused: true,
    })
    assert.equal(groupSettings({ start: 'last' }).start, 'last')
    assert.throws(() => groupSettings({ start: '2026-13-31T09:30:00Z' }), isOptionError('"2026-13-31T09:30:00Z" is no time'))
    assert.deepEqual(topicSettings({ types: ['FIFO'], queues: 8 }), { types: ['FIFO'], queues: 8 })
    assert.deepEqual(topicSettings({}), { types: undefined, queues: undefined })
  })
})
