import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { codeNames } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { errorCatalogue } from './error-catalogue.ts'
import { clientError, FeatherMQError, isPermanentError, PermanentError } from './errors.ts'
import { version } from './version.ts'

describe('errors', () => {
  it('are one family, decided by a stable code, with the catalogue as default', () => {
    const cause = new Error('socket')
    const error = clientError('UNREACHABLE', 'no connection', { cause, endpoint: 'a:1' })
    assert.ok(error instanceof FeatherMQError && error instanceof Error)
    assert.deepEqual([error.name, error.code, error.retryable, error.endpoint, error.cause], ['FeatherMQError', 'UNREACHABLE', true, 'a:1', cause])
    assert.equal(error.message, `no connection (${errorCatalogue.UNREACHABLE.hint})`)
    assert.equal(clientError('INVALID_OPTION', 'x').retryable, false)
  })

  it('have a catalogue in which each code says what it means and what to do, and none is named like a code of servers', () => {
    const servers: readonly string[] = codeNames.map(([name]) => name)
    for (const [code, entry] of Object.entries(errorCatalogue)) {
      assert.match(code, /^[A-Z_]+$/)
      assert.match(entry.meaning, /^[A-Z].*\.$/, code)
      assert.match(entry.hint, /^[A-Z].*\.$/, code)
      assert.ok(!servers.includes(code), code)
    }
  })

  it('mark what can never be handled also across copies of the package', () => {
    class Mine extends PermanentError {}
    assert.ok(isPermanentError(new PermanentError('x')) && isPermanentError(new Mine('x')))
    assert.equal(isPermanentError(new Error('x')), false)
    assert.ok(isPermanentError({ [Symbol.for('feathermq.permanent-error')]: true }))
    for (const value of [undefined, null, 'x', 7]) assert.equal(isPermanentError(value), false)
  })
})

describe('the version', () => {
  it('is that of the package', () => {
    const { version: packaged } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
    assert.equal(version, packaged)
  })
})
