import { strict as assert } from 'node:assert'
import { adminService, headerNames, messagingService } from '@feathermq/protocol'
import { type Channel, type Method, RpcError } from '@feathermq/transport'
import { after, before, describe, it } from 'mocha'
import type { TestBroker } from '../testing/start-broker.ts'
import { startInMemory } from './test-kit/calls.ts'

/** How a call with an empty request ends. */
function endOf(channel: Channel, method: Method): Promise<string> {
  return new Promise((resolve) => {
    const call = channel.start(method, { onMessage: () => {}, onEnd: ({ code }) => resolve(code) }, { headers: [[headerNames.clientId, 'a']] })
    call.send(new Uint8Array(0))
    call.halfClose()
  })
}

describe('an RPC that this broker does not serve', () => {
  let broker: TestBroker
  let channel: Channel
  before(async () => {
    broker = await startInMemory()
    channel = broker.transport.createChannel({ address: broker.endpoints })
  })
  after(() => {
    channel.close()
    return broker.close()
  })

  const { syncLiteSubscription, pullMessage, updateOffset, getOffset, queryOffset, ...served } = messagingService
  for (const method of [syncLiteSubscription, pullMessage, updateOffset, getOffset, queryOffset]) {
    it(`ends with gRPC UNIMPLEMENTED: ${method.path.split('/').at(-1)}`, async () => {
      assert.equal(await endOf(channel, method), 'UNIMPLEMENTED')
    })
  }

  it('ends with gRPC UNIMPLEMENTED: all of the admin service', async () => {
    for (const method of Object.values(adminService)) assert.equal(await endOf(channel, method), 'UNIMPLEMENTED', method.path)
  })

  it('is not among these twelve, which answer in their own way', async () => {
    assert.equal(Object.keys(served).length, 12)
    for (const method of Object.values(served)) assert.equal(await endOf(channel, method), 'OK', method.path)
  })

  it('fails for its caller with an error that says so', async () => {
    await assert.rejects(
      broker.rawClient().call(syncLiteSubscription, new Uint8Array(0), () => undefined),
      (error) => error instanceof RpcError && error.code === 'UNIMPLEMENTED',
    )
  })
})
