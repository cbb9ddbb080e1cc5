import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { decode, encode, plain, schema } from './codec.ts'
import { decodeByProtobufJs, encodeByProtobufJs } from './protobufjs.ts'
import { messageValue } from './values.ts'

describe('our codec and protobufjs over our .proto files', () => {
  for (const { name, fields } of schema.messages) {
    it(`read each other's ${name}`, () => {
      fc.assert(
        fc.property(messageValue(name), (value) => {
          assert.deepEqual(plain(decodeByProtobufJs(name, encode(name, value))), plain(value), 'ours, read by protobufjs')
          assert.deepEqual(plain(decode(name, encodeByProtobufJs(name, value))), plain(value), "protobufjs's, read by ours")
          assert.deepEqual(plain(decode(name, encode(name, value))), plain(value), 'ours, read by ours')
        }),
        { numRuns: fields.length === 0 ? 1 : 40 },
      )
    })
  }
})
