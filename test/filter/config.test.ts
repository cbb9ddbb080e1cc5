import assert from 'node:assert/strict'
import { readConfig, validateConfig } from '@feathermq/mesh-filter'
import type { WasmVm } from '@feathermq/mesh-filter/host'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { isLong, givenSeed as seed } from '../support/random.ts'
import { loadFilter } from './support/filter.ts'
import { completeConfig, keys, oddConfig } from './support/odd-configs.ts'

const count = isLong ? 200_000 : 5_000
const refusal = 'feathermq-mesh: configuration refused: '

/** What the filter has against a configuration; empty when it takes it. */
function problemsOf(vm: WasmVm, configuration: string | object | Uint8Array): string[] {
  const plugin = vm.startPlugin({ configuration })
  const lines = plugin.log.map(({ level, message }) => {
    assert.equal(level, 'error')
    assert.ok(message.startsWith(refusal), message)
    return message.slice(refusal.length)
  })
  assert.equal(plugin.ok, lines.length === 0, 'it says why it refuses, and says nothing else')
  return lines
}

const pathOf = (problem: string) => problem.slice(0, problem.indexOf(': '))
/** Problems that the filter and the package tell in the same words. */
const sameWords = /: (missing|unknown key|".+" stands there twice)$/s
/** What the package looks at only where the shape is right. */
const crossing = new RegExp(
  [
    /is not in \$\.clusters\.allow|another (route|rule) is named|^\$\.clusters\.default: missing|would get every call twice|stands there twice/,
    /a call of the client|is none of route, assignment|expected a duration from|a route has either|means nothing|at least one weight/,
    /expected exactly one of|asks for|must be deny|native needs mode|is a cluster of|needs |all requireProperties|expected at most 128/,
    /limits neither|without "per"|is neither "requested"/,
  ]
    .map(({ source }) => source)
    .join('|'),
)

describe('a configuration that the package refuses', () => {
  it(`is refused by the filter too, with the same JSON paths, and the other way round: ${count} of them (FEATHERMQ_SEED=${seed})`, async () => {
    const host = await loadFilter()
    let vm = host.startVm()
    let accepted = 0
    for (const [index, made] of fc.sample(oddConfig, { numRuns: count, seed }).entries()) {
      if (index % 500 === 0) vm = host.startVm()
      const text = JSON.stringify(made)
      const about = `configuration ${index} of seed ${seed}: ${text}`
      const validation = validateConfig(JSON.parse(text))
      const ours = validation.ok ? [] : validation.problems.map(({ path, message }) => `${path}: ${message}`)
      const lines = problemsOf(vm, text)
      if (validation.ok) accepted++
      assert.equal(lines.length === 0, validation.ok, `${about}\nthe package: ${ours.join('\n  ')}\nthe filter: ${lines.join('\n  ')}`)
      // It tells twenty at most, and how many more there are.
      if (lines.some((line) => /^and \d+ more$/.test(line))) continue
      const paths = new Set(lines.map(pathOf))
      for (const problem of ours) {
        // A cluster whose name cannot be a header is told once, where it is allowed.
        const isTold =
          paths.has(pathOf(problem)) || (problem.includes('printable ASCII') && [...paths].some((path) => path.startsWith('$.clusters.allow')))
        assert.ok(isTold, `${about}\nthe filter does not tell: ${problem}\nit tells: ${lines.join('\n  ')}`)
        // Of several things that are wrong with one fact each tells another.
        if (sameWords.test(problem) && !problem.includes('.facts['))
          assert.ok(lines.includes(problem), `${about}\nin other words: ${problem}\nthe filter: ${lines.join('\n  ')}`)
      }
      const ourPaths = new Set(ours.map(pathOf))
      for (const line of lines) assert.ok(ourPaths.has(pathOf(line)) || crossing.test(line), `${about}\nonly the filter tells: ${line}`)
    }
    assert.ok(accepted > count / 50, `only ${accepted} were right`)
    assert.deepEqual(host.faults, [])
  }).timeout(isLong ? 3_600_000 : 60_000)

  it('because of a key is refused by both in the same words, at every place', async () => {
    const host = await loadFilter()
    const places = ['', '/headers', '/hold', '/clusters', '/clientCalls', '/routes/1', '/routes/1/when', '/metrics', '/affinity', '/acl', '/reject']
    for (const place of [
      ...places,
      '/acl/rules/0',
      '/acl/rules/0/unless',
      '/policy/0',
      '/policy/0/when',
      '/faults/0',
      '/faults/2/unless',
      '/limits/0',
      '/limits/0/messages',
      '/lanes',
      '/lanes/groups',
      '/endpoints/0',
      '/endpoints/0/when',
      '/trace',
      '/metrics/histograms',
    ]) {
      const vm = host.startVm()
      let refused = 0
      for (const key of keys) {
        const config: unknown = JSON.parse(JSON.stringify(completeConfig))
        const target = place
          .split('/')
          .slice(1)
          .reduce((part, step) => Reflect.get(Object(part), step), config)
        if (Object.hasOwn(Object(target), key)) continue
        Object.defineProperty(target, key, { value: 'x', enumerable: true })
        const validation = validateConfig(config)
        const ours = validation.ok ? [] : validation.problems.map(({ path, message }) => `${path}: ${message}`)
        // A known key with a wrong value is the matter of the test before.
        if (!ours.every((problem) => / unknown key$/.test(problem))) continue
        assert.deepEqual(problemsOf(vm, JSON.stringify(config)), ours)
        if (ours.length > 0) refused++
      }
      assert.ok(refused > 40)
    }
    assert.deepEqual(host.faults, [])
  })
})

describe('the text of a configuration', () => {
  const sound =
    '{"version":1,"name":"x","mode":"observe","hold":{"maxBytes":100},"routes":[{"name":"r","when":{"topic":"t"},"cluster":"w"}],"clusters":{"allow":["w"]}}'
  const version = (text: string) => sound.replace('"version":1', `"version":${text}`)
  const bytes = (text: string) => sound.replace('"maxBytes":100', `"maxBytes":${text}`)
  const topic = (text: string) => sound.replace('"topic":"t"', `"topic":${text}`)
  const texts: readonly (readonly [what: string, accepted: boolean, ...texts: string[]])[] = [
    ['spaces of every kind that JSON has', true, ` \t\r\n${sound.replaceAll(/([{}[\]:,])/g, ' \n$1\t\r\n')} \n`],
    ['spaces that JSON does not have', false, `\u00a0${sound}`, `\f${sound}`, `${sound}\v`, `\u2028${sound}`],
    ['a byte order mark', false, `\ufeff${sound}`],
    ['nothing in it', false, '', '   '],
    ['a value that is no object', false, 'null', 'true', '1', '"x"', '[]'],
    ['more than one value', false, sound + sound, `${sound},`, `${sound}\0`],
    ['comments', false, `/* */${sound}`, `${sound}// `, `# x\n${sound}`],
    ['commas at the end', false, sound.replace('}]', ',}]'), sound.replace(/}$/, ',}'), sound.replace(']}', ',]}')],
    ['the syntax of YAML', false, 'version: 1\nname: x\nmode: observe', sound.replace('"w"]', '&a "w", *a]')],
    ['quotes that JSON does not have', false, topic("'t'"), sound.replace('"mode"', 'mode'), topic('`t`')],
    ['words in other letters', false, topic('True'), topic('NULL'), topic('tru')],
    [
      'numbers for 1, however written',
      true,
      ...['1.0', '1e0', '10e-1', '0.1e1', '100E-2', '1E+0', '1.0000000000000000000001', '1000000000000000000000e-21'].map(version),
    ],
    ['numbers for 16 MiB', true, ...['16777216', '16777216.0', '1.6777216e7', '167772160e-1'].map(bytes)],
    ['fractions that are none', true, ...['0.3e1', '2.3e1', '1.1e1', '1.15e2', '4.35e2', '1.005e3', '8.2e1', '9.95e2', '0.000000001e10'].map(bytes)],
    ['numbers that JSON does not have', false, ...['01', '+1', '.5', '1.', '1.e1', '1e', '0x1', 'NaN', 'Infinity', '1_0', '--1', '-'].map(version)],
    ['numbers out of range', false, ...['1e400', '1e-400', '-0', '1e99999999999', '4294967297', '18446744073709551617', '-4294967295'].map(version)],
    ['numbers beyond 16 MiB or below 1', false, ...['16777217', '1e300', '0', '-1', '0.5', '1e-1', '4294967296', '4294967297'].map(bytes)],
    ['escapes', true, topic('"\\u0074\\u00e4\\ud83d\\ude00\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uFFFF"'), sound.replace('"mode"', '"m\\u006fde"')],
    ['escapes that JSON does not have', false, topic('"\\x41"'), topic('"\\u12"'), topic('"\\u12g4"'), topic('"\\U0041"'), topic('"\\"')],
    [
      'half of a surrogate pair',
      false,
      topic('"\\ud83d"'),
      topic('"\\ude00"'),
      topic('"\\ud83dx"'),
      topic('"\\ud83d\\u0041"'),
      topic('"\\ude00\\ud83d"'),
    ],
    ['control characters in strings', false, topic('"a\nb"'), topic('"a\tb"'), topic('"\u0000"'), topic('"\u001f"')],
    ['other characters in strings', true, topic('"\u007f\u0080\u2028\uffff😀"')],
    ['strings without an end', false, topic('"t'), sound.slice(0, sound.indexOf('observe') + 2)],
    ['a key twice', false, sound.replace('"mode"', '"mode":"observe","mode"'), sound.replace('"mode"', '"m\\u006fde":"observe","mode"')],
    [
      'a key twice deep inside',
      false,
      topic('"t","topic":"t"'),
      bytes('100,"maxBytes":100'),
      bytes('100,"__proto__":1,"__proto__":1'),
      bytes('100,"":1,"":1'),
    ],
    [
      'missing colons and commas',
      false,
      sound.replace('"mode":', '"mode"'),
      sound.replace(',"mode"', ' "mode"'),
      sound.replace('"mode":', '"mode",'),
    ],
    ['brackets that do not fit', false, sound.slice(0, -1), sound.replace(']', '}'), `${sound}}`, '{', '[', '{"version"', '{"version":'],
    ['deep nesting', false, '['.repeat(3_000), `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`, bytes(`${'['.repeat(40)}${']'.repeat(40)}`)],
    [
      'a great many routes',
      true,
      sound.replace(
        '"routes":[',
        `"routes":[${Array.from({ length: 3000 }, (_, index) => `{"name":"r${index}","when":{},"cluster":"w"},`).join('')}`,
      ),
    ],
    ['a long text', true, topic(`"${'x'.repeat(300_000)}"`)],
  ]
  for (const [what, isAccepted, ...variants] of texts) {
    it(`with ${what} is ${isAccepted ? 'taken' : 'refused'}, by the package and by the filter`, async () => {
      const host = await loadFilter()
      const vm = host.startVm()
      for (const text of variants) {
        const about = text.length > 500 ? `${text.slice(0, 200)}…` : text
        assert.equal(readConfig(text).ok, isAccepted, `the package: ${about}`)
        const problems = problemsOf(vm, text)
        assert.equal(problems.length === 0, isAccepted, `the filter: ${about}: ${problems}`)
      }
      assert.equal(vm.failure, undefined)
      assert.deepEqual(host.faults, [])
    })
  }

  it('is refused by the filter where it is no UTF-8, which the package never sees', async () => {
    const vm = (await loadFilter()).startVm()
    const [head = '', tail = ''] = topic('"X"').split('X')
    for (const odd of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
      assert.deepEqual(problemsOf(vm, Buffer.concat([Buffer.from(head), Buffer.from(odd), Buffer.from(tail)])), ['$: the text is not valid UTF-8'])
    }
  })

  it('is told with line and column where it is no JSON', async () => {
    const vm = (await loadFilter()).startVm()
    assert.deepEqual(problemsOf(vm, '{\n  "version": 1,\n  "name": x\n}'), ['$: not JSON: a value expected (line 3, column 11)'])
  })

  it('is told with its first twenty problems and the number of the others', async () => {
    const vm = (await loadFilter()).startVm()
    const config = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`key${index}`, 1]))
    const problems = problemsOf(vm, { version: 1, name: 'x', mode: 'observe', ...config })
    assert.equal(problems.length, 21)
    assert.equal(problems[0], '$.key0: unknown key')
    assert.equal(problems.at(-1), 'and 10 more')
  })
})
