import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'mocha'

/** What the default logger writes for this program. */
function written(program: string, debug: string): { stdout: string; stderr: string } {
  const source = `import { defaultLogger as log, silentLogger } from '@feathermq/sdk'; ${program}`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--conditions', 'feathermq-source', '--input-type', 'module', '-e', source],
    {
      cwd: join(import.meta.dirname, '..', '..'),
      env: { ...process.env, NODE_DEBUG: debug },
      encoding: 'utf8',
    },
  )
  return { stdout, stderr }
}

const program = `
  log.debug({ event: 'a' }, 'one'); log.info({ event: 'b' }, 'two'); log.warn({ event: 'c', topic: 'orders', group: undefined, offset: 5n }, 'three\\n lines')
  log.error({ event: 'd', err: new Error('outer "q"', { cause: new Error('inner') }), text: 'a b' }, 'four')
  silentLogger.error({}, 'never')
`

describe('the default logger', () => {
  it('writes warnings and errors to stderr, each on one line, and nothing else', () => {
    assert.deepEqual(written(program, ''), {
      stdout: '',
      stderr: [
        'feathermq warn three lines event=c topic=orders offset=5',
        'feathermq error four event=d err="outer \\"q\\" <- inner" text="a b"',
        '',
      ].join('\n'),
    })
  })

  it('writes the rest with NODE_DEBUG=feathermq', () => {
    const { stdout, stderr } = written(program, 'feathermq')
    assert.equal(stdout, '')
    assert.match(stderr, /FEATHERMQ \d+: feathermq debug one event=a\n/)
    assert.match(stderr, /FEATHERMQ \d+: feathermq info two event=b\n/)
  })
})
