import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { maySend, nextState, refusalOf, type StreamEvent, type StreamState } from './stream-state.ts'

const events = ['send end', 'receive end', 'send reset', 'receive reset'] as const

function after(...happened: readonly StreamEvent[]): StreamState {
  return happened.reduce<StreamState>(nextState, 'open')
}

describe('the state of a stream', () => {
  it('is closed once both sides have ended, in either order, and not before', () => {
    assert.equal(after('send end'), 'half-closed (local)')
    assert.equal(after('receive end'), 'half-closed (remote)')
    assert.equal(after('send end', 'receive end'), 'closed')
    assert.equal(after('receive end', 'send end'), 'closed')
  })

  it('is closed by a reset of either side, from any other state', () => {
    for (const reset of ['send reset', 'receive reset'] as const) {
      assert.equal(after(reset), 'closed')
      assert.equal(after('send end', reset), 'closed')
      assert.equal(after('receive end', reset), 'closed')
    }
  })

  it('depends only on which sides have ended and whether there was a reset, and never leads back', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events)), (happened) => {
        const sent = happened.includes('send end')
        const received = happened.includes('receive end')
        const reset = happened.includes('send reset') || happened.includes('receive reset')
        const state = after(...happened)
        assert.equal(state === 'closed', reset || (sent && received))
        assert.equal(maySend(state), !reset && !sent)
        assert.equal(refusalOf(state), reset || received ? 'STREAM_CLOSED' : undefined)
      }),
    )
  })
})
