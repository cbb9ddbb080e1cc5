import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { Promises } from './promises.ts'

describe('the promises of a chaos test', () => {
  it('are kept by handling what was sent, before or after its sender knows, once or more', async () => {
    const promises = new Promises()
    const [early, late, lost] = [promises.sending(), promises.sending(), promises.sending()]
    promises.handled(early)
    for (const number of [early, late]) promises.kept(number)
    promises.broken(lost)
    assert.equal(promises.unhandled, 1)
    promises.handled(late)
    promises.handled(late)
    promises.handled(lost)
    await promises.all()
    assert.deepEqual([promises.faults, promises.promised, promises.failed, promises.again], [[], 2, 1, 2])
  })

  it('are broken by what is handled out of order within its message group, among what was promised', () => {
    const promises = new Promises()
    const send = (group: string) => {
      const number = promises.sending(group)
      promises.kept(number)
      return number
    }
    const [a, other, b, c] = [send('g'), send('h'), send('g'), send('g')]
    promises.handled(a, 'g')
    promises.handled(b, 'g')
    promises.handled(a, 'g')
    assert.deepEqual(promises.faults, [])
    const [d, e] = [send('g'), send('g')]
    promises.handled(e, 'g')
    assert.deepEqual(promises.faults, [`in g, message ${e} was handled before ${c}`, `in g, message ${e} was handled before ${d}`])
    assert.equal(promises.unhandled, 3)
    assert.match(String(promises), new RegExp(`${other} of h`))
  })

  it('are broken by a message that nobody sent', () => {
    const promises = new Promises()
    promises.handled(7)
    assert.deepEqual(promises.faults, ['message 7 was never sent'])
  })
})
