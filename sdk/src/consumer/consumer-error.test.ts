import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { PermanentError } from '../errors.ts'
import { bench } from '../testing-internal/bench.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

const header = 'x-feathermq-error'

describe('what a handler threw', () => {
  it('goes to the server with the nack', async () => {
    await using test = await bench()
    run(test, () => {
      throw new TypeError('größer als 100 %')
    })
    await test.server.deliver(delivered({ id: 'a' }))
    const { headers } = await test.server.changes.next()
    assert.equal(headers[header], 'TypeError: gr%C3%B6%C3%9Fer als 100 %25')
  })

  it('goes to the server with the dead letter, by a PermanentError or by the last attempt of an ordered group', async () => {
    await using test = await bench()
    run(test, () => {
      throw new PermanentError('no such account')
    })
    await test.server.deliver(delivered({ id: 'a' }))
    assert.equal((await test.server.deadLetters.next()).headers[header], 'PermanentError: no such account')

    await using other = await bench()
    run(
      other,
      () => {
        throw new Error('broken')
      },
      { ordered: true },
    )
    await other.server.deliver(delivered({ id: 'b', group: 'g', attempt: 17 }))
    assert.equal((await other.server.deadLetters.next()).headers[header], 'broken')
  })

  it('stays here where that is asked for', async () => {
    await using test = await bench()
    run(
      test,
      () => {
        throw new Error('secret')
      },
      { reportErrors: false },
    )
    await test.server.deliver(delivered({ id: 'a' }))
    assert.equal((await test.server.changes.next()).headers[header], undefined)
  })

  it('is the reason of deadLetter() where the application calls that, and nothing for its own nack', async () => {
    await using test = await bench()
    run(test, (message) => (message.messageId === 'a' ? message.deadLetter('too old') : message.nack('1s')))
    await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }))
    await turns()
    assert.equal((await test.server.deadLetters.next()).headers[header], 'too old')
    assert.equal((await test.server.changes.next()).headers[header], undefined)
  })

  it('is what is wrong with a body that cannot be read', async () => {
    await using test = await bench()
    run(test)
    await test.server.deliver(delivered({ id: 'a', system: { bodyDigest: { type: 'MD5', checksum: 'nonsense' } } }))
    assert.match((await test.server.changes.next()).headers[header] ?? '', /it does not match its digest/)
  })
})
