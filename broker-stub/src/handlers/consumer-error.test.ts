import assert from 'node:assert/strict'
import { inMemoryTransport } from '@feathermq/transport'
import { after, before, describe, it } from 'mocha'
import { type RawClient, type RawMessage, startBroker, type TestBroker } from '../testing/index.ts'
import { consumerError, consumerErrorHeader } from './consumer-error.ts'

const error = (sent: string | undefined): string | undefined =>
  consumerError({ headers: { get: (name) => (name === consumerErrorHeader ? sent : undefined) } })

describe('what a consumer says went wrong', () => {
  it('is its header, percent-decoded', () => {
    assert.equal(error(encodeURIComponent('größer: 100 %')), 'größer: 100 %')
    assert.equal(error('plain text'), 'plain text')
  })

  it('is nothing where there is none', () => {
    assert.deepEqual([error(undefined), error('')], [undefined, undefined])
  })

  it('is the text as it came where that is no percent-encoding', () => {
    assert.equal(error('100 % wrong'), '100 % wrong')
    assert.equal(error('%ff'), '%ff')
  })

  it('has no control characters, which no property may have', () => {
    assert.equal(error(encodeURIComponent('one\r\n  two\u0001three\u0085')), 'one   two three ')
  })

  it('is cut behind 1 KiB, between two characters', () => {
    assert.equal(error('x'.repeat(1_024)), 'x'.repeat(1_024))
    assert.equal(error('x'.repeat(1_025)), 'x'.repeat(1_024))
    assert.equal(error(encodeURIComponent(`x${'ü'.repeat(512)}`)), `x${'ü'.repeat(511)}`)
  })

  describe('stands in the dead letter', () => {
    let broker: TestBroker
    let client: RawClient
    before(async () => {
      broker = await startBroker({ transport: inMemoryTransport(), clock: 'frozen', groups: { billing: { maxAttempts: 2 } } })
      client = broker.rawClient('tester')
    })
    after(() => broker.close())

    const receive = async (topic = 'orders', group = 'billing'): Promise<RawMessage> => {
      const [message] = await client.receive(topic, group)
      assert.ok(message !== undefined)
      return message
    }
    const buried = async (): Promise<ReadonlyMap<string, string>> => {
      const message = await receive('%DLQ%billing', 'undertaker')
      await client.ack('%DLQ%billing', 'undertaker', message)
      return message.message.userProperties
    }

    it('with the reason, where the consumer gave the message up', async () => {
      await client.send('orders', 'a')
      assert.equal(await client.deadLetter('orders', 'billing', await receive(), 'no such account'), 'OK')
      assert.deepEqual(
        [...(await buried())],
        [
          ['FEATHERMQ_DLQ_REASON', 'forwarded'],
          ['FEATHERMQ_DLQ_ERROR', 'no such account'],
        ],
      )
    })

    it('as it was said last, where no attempts were left', async () => {
      await client.send('orders', 'a')
      for (const said of ['first', 'second']) {
        await client.change('orders', 'billing', await receive(), 0, said)
        await broker.clock.advance('1s')
      }
      assert.deepEqual(
        [...(await buried())],
        [
          ['FEATHERMQ_DLQ_REASON', 'attempts'],
          ['FEATHERMQ_DLQ_ERROR', 'second'],
        ],
      )
    })

    it('also where a later attempt ended without a word', async () => {
      await client.send('orders', 'a')
      await client.change('orders', 'billing', await receive(), 0, 'said once')
      await broker.clock.advance('1s')
      await receive()
      await broker.clock.advance('20s')
      assert.equal((await buried()).get('FEATHERMQ_DLQ_ERROR'), 'said once')
    })
  })
})
