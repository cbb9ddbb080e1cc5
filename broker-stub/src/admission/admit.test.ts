import { strict as assert } from 'node:assert'
import { WireError } from '@feathermq/protocol'
import { RpcError } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { checkNames, decodeRequest, Refusal, reading } from './admit.ts'

/** A request that fails with this error when it is read, at once or late. */
const failing = (error: Error) => [
  () =>
    decodeRequest(() => {
      throw error
    }, new Uint8Array(0)),
  () =>
    reading(() => {
      throw error
    }),
]

describe('reading a request', () => {
  it('answers what is read', () => {
    const bytes = Uint8Array.of(1, 2)
    assert.equal(
      decodeRequest((given) => given, bytes),
      bytes,
    )
    assert.equal(
      reading(() => 7),
      7,
    )
  })

  it('makes a refusal, which travels in the status, of text that is no UTF-8', () => {
    for (const read of failing(new WireError('invalid-utf8', 7, 'a detail'))) {
      assert.throws(read, (error) => error instanceof Refusal && error.status.code === 'MESSAGE_CORRUPTED' && /no UTF-8/.test(error.message))
    }
  })

  it('makes a refusal of a number that nobody can mean, such as a delivery in a billion years', () => {
    for (const read of failing(new WireError('out-of-range', 7, 'a detail'))) {
      assert.throws(read, (error) => error instanceof Refusal && error.status.code === 'BAD_REQUEST' && /out of range/.test(error.message))
    }
  })

  it('makes gRPC INTERNAL of what is no protobuf', () => {
    for (const read of failing(new WireError('malformed', 7, 'a detail'))) {
      assert.throws(read, (error) => error instanceof RpcError && error.code === 'INTERNAL')
    }
  })

  it('lets refusals and faults of its own pass as they are', () => {
    for (const error of [new Refusal('ILLEGAL_TOPIC', 'why'), new TypeError('a fault')]) {
      for (const read of failing(error)) assert.throws(read, (thrown) => thrown === error)
    }
  })
})

describe('names of a request that acts on what exists', () => {
  const refused = (topic: string | undefined, group: string | undefined): unknown => {
    try {
      checkNames(topic === undefined ? undefined : { name: topic }, group === undefined ? undefined : { name: group })
      return undefined
    } catch (error) {
      return error instanceof Refusal ? error.code : error
    }
  }

  it('are checked, the topic first, and not looked up', () => {
    assert.equal(refused('orders', 'billing'), undefined)
    assert.equal(refused('%DLQ%billing', 'undertaker'), undefined)
    assert.equal(refused(undefined, undefined), 'ILLEGAL_TOPIC')
    assert.equal(refused('a b', 'a b'), 'ILLEGAL_TOPIC')
    assert.equal(refused('orders', undefined), 'ILLEGAL_CONSUMER_GROUP')
    assert.equal(refused('orders', 'TOOLS_CONSUMER'), 'ILLEGAL_CONSUMER_GROUP')
  })
})
