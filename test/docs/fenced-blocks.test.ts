import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { assemble, plan } from './chains.ts'
import { fencedBlocks } from './fenced-blocks.ts'
import { takeApart } from './shell.ts'

const page = (...lines: string[]) => fencedBlocks(lines.join('\n'))

describe('fenced blocks', () => {
  it('carry their language, their code and the line where it starts', () => {
    const { blocks } = page('# Title', '', '```ts title', 'const a = 1', '', 'a', '```', 'text', '~~~', 'plain', '~~~')
    assert.deepEqual(blocks, [
      { language: 'ts', code: 'const a = 1\n\na\n', line: 4, directives: [] },
      { language: '', code: 'plain\n', line: 10, directives: [] },
    ])
  })

  it('end only at a fence that is as long as the one that opened them', () => {
    const { blocks } = page('````md', '```ts', 'x', '```', '````')
    assert.deepEqual(
      blocks.map(({ language, code }) => [language, code]),
      [['md', '```ts\nx\n```\n']],
    )
  })

  it('take the comments above them, over blank lines and other comments', () => {
    const { blocks, misplaced } = page(
      '<!-- snippet: needs broker; continues -->',
      '',
      '<!-- spelling: off -->',
      '```sh',
      'feathermq topic list',
      '```',
    )
    assert.deepEqual(blocks[0]?.directives, [{ kind: 'needs broker' }, { kind: 'continues' }])
    assert.deepEqual(misplaced, [])
  })

  it('take hidden code as it stands, with its line', () => {
    const { blocks } = page('<!-- snippet: setup', 'const charge = async () => {}', '-->', '```ts', 'await charge()', '```')
    assert.deepEqual(blocks[0]?.directives, [{ kind: 'setup', code: 'const charge = async () => {}', line: 2 }])
  })

  it('may be spoken of from below', () => {
    const { blocks } = page('```sh', 'npm start', '```', '', '<!-- snippet above: not run: it has a test', 'of its own -->')
    assert.deepEqual(blocks[0]?.directives, [{ kind: 'not run', reason: 'it has a test of its own' }])
  })

  it('report a comment that means nothing or stands alone', () => {
    const { misplaced } = page('<!-- snippet: needs brokre -->', '```ts', '```', '<!-- snippet: continues -->', 'text')
    assert.deepEqual(
      misplaced.map(({ line, why }) => [line, why]),
      [
        [1, 'no such directive'],
        [4, 'no code block follows'],
      ],
    )
  })
})

describe('programs of a page', () => {
  it('go on where the block before them ended, and keep the way back to their lines', () => {
    const { blocks } = page('```ts', 'const a = 1', '```', '<!-- snippet: continues -->', '```ts', 'a + 1', '```')
    const [chain, ...more] = plan(blocks).chains
    assert.ok(chain !== undefined && more.length === 0)
    const { text, lineOf } = assemble(chain.segments)
    assert.equal(text, 'const a = 1\na + 1\n')
    assert.deepEqual([lineOf(1), lineOf(2)], [2, 6])
  })

  it('get a broker when they name the address where one listens, or a command that asks one', () => {
    const { blocks } = page(
      '```ts',
      "new FeatherMQ({ endpoints: '127.0.0.1:8081' })",
      '```',
      '```sh',
      'feathermq topic list',
      '```',
      '```js',
      '1',
      '```',
    )
    assert.deepEqual(
      plan(blocks).chains.map(({ broker }) => broker),
      [true, true, false],
    )
  })

  it('are wrong when nobody could test them, unless they say why', () => {
    const { blocks } = page('```rust', 'fn main() {}', '```', '<!-- snippet: not run: shows how others do it -->', '```rust', '```', '```text', '```')
    const { faults, skipped } = plan(blocks)
    assert.deepEqual(faults, ['line 1: no way is known to test a block of language "rust"; "text" is for what programs print'])
    assert.deepEqual(
      skipped.map(({ reason }) => reason),
      ['shows how others do it'],
    )
  })
})

describe('shell programs', () => {
  it('start the broker that they name beside the rest', () => {
    assert.deepEqual(takeApart('# one terminal\nfeathermq serve --no-auto-create\n\n# another\nfeathermq topic create orders\n'), {
      server: 'feathermq serve --no-auto-create',
      rest: 'feathermq topic create orders',
      foreign: [],
    })
    assert.equal(takeApart('npx @feathermq/broker\n').server, 'npx @feathermq/broker')
    assert.equal(takeApart('feathermq serve --help\n').server, undefined)
  })

  it('are told apart from commands that act on the machine', () => {
    assert.deepEqual(takeApart('npm install\nfeathermq --version | cat\ndocker run x\n').foreign, ['npm', 'docker'])
  })

  it('may continue a line and hold a document', () => {
    const { rest, foreign } = takeApart("feathermq topic create \\\n  orders\ncat > x.json <<'EOF'\nnpm is only text here\nEOF\n")
    assert.equal(rest, "feathermq topic create \\\n  orders\ncat > x.json <<'EOF'\nnpm is only text here\nEOF")
    assert.deepEqual(foreign, [])
  })
})
