import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { givenSeed } from '../support/random.ts'

describe('what tests leave to chance', () => {
  it('begins at the seed of the run', () => {
    assert.equal(fc.readConfigureGlobal()?.seed, givenSeed)
    const drawn = fc.sample(fc.nat(), 3)
    assert.deepEqual(fc.sample(fc.nat(), { numRuns: 3, seed: givenSeed }), drawn)
  })
})
