import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { decode, encode, messageType, plain } from './codec.ts'
import { messagingTypes, throughGoogle, unknownToGoogle } from './google-protobuf.ts'
import { messageValue } from './values.ts'

/** What the generated classes inside the official client 1.0.8 are too old for. Golden bytes stand for it. */
const lacking = ['Settings.clientProperties']

describe("our codec and the google-protobuf classes of the official client's", () => {
  const names = messagingTypes()

  it('list of what the classes lack is true', () => {
    assert.deepEqual(unknownToGoogle(names), lacking)
  })

  for (const name of names) {
    it(`read each other's ${name}`, () => {
      // Its writer leaves out a zero with a minus sign, as if it were the default.
      const value = messageValue(name, { int64: 2n ** 53n, without: new Set(lacking), negativeZero: false })
      fc.assert(
        fc.property(value, (given) => {
          const { read, written } = throughGoogle(name, encode(name, given))
          assert.deepEqual(plain(read), plain(given), 'ours, read by google-protobuf')
          assert.deepEqual(plain(decode(name, written)), plain(given), "google-protobuf's, read by ours")
        }),
        { numRuns: messageType(name).fields.length === 0 ? 1 : 40 },
      )
    })
  }
})
