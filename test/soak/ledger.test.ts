import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { Ledger } from './ledger.ts'

describe('the ledger of the soak', () => {
  it('knows what is not handled yet, and says when little enough is', async () => {
    const ledger = new Ledger()
    const [first, second] = [ledger.sending(), ledger.sending()]
    let few = false
    const waiting = ledger.atMost(0).then(() => {
      few = true
    })
    ledger.handled(second.number)
    ledger.handled(second.number)
    await Promise.resolve()
    assert.deepEqual([ledger.sent, ledger.outstanding, few], [2, 1, false])
    ledger.handled(first.number)
    await waiting
    assert.deepEqual(ledger.faults, [])
  })

  it('finds messages that nobody sent, and a message group out of its order', () => {
    const ledger = new Ledger()
    const sent = [ledger.sending('a'), ledger.sending('a'), ledger.sending('b')]
    for (const at of [0, 0, 2]) ledger.handled(sent[at]?.number ?? -1, at === 2 ? 'b' : 'a', sent[at]?.place)
    assert.deepEqual(ledger.faults, [])
    ledger.sending('a')
    ledger.handled(3, 'a', 3)
    ledger.handled(4)
    ledger.handled(Number.NaN)
    assert.deepEqual(ledger.faults, ['in a, message 3 came after 1', 'message 4 was invented', 'message NaN was invented'])
  })
})
