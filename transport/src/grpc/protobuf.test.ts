import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import protobuf from 'protobufjs'
import { wireFields, writeBytes, writeNumber } from './protobuf.ts'

describe('the protobuf of health and reflection', () => {
  const type = protobuf
    .parse('syntax = "proto3"; message M { uint32 number = 1; string text = 2; bytes raw = 536870911; repeated M inner = 16; }')
    .root.lookupType('M')

  it('is written as protobufjs writes it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 32 - 1 }),
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        (number, text, raw) => {
          const ours = Buffer.concat([
            writeNumber(1, number),
            writeBytes(2, text),
            writeBytes(16, writeNumber(1, number)),
            writeBytes(536_870_911, raw),
          ])
          assert.deepEqual(ours, Buffer.from(type.encode({ number, text, raw, inner: [{ number }] }).finish()))
        },
      ),
    )
  })

  it('is read with no other error than its own, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          for (const field of wireFields(bytes)) assert.ok(field.number > 0 && (field.bytes?.length ?? 0) <= bytes.length)
        } catch (error) {
          assert.equal((error as Error).name, 'ProtobufError')
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
