import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { systemClock } from '../clock.ts'
import type { Endpoint } from '../connection/endpoint.ts'
import { clientError } from '../errors.ts'
import { silentLogger } from '../logger.ts'
import type { ReceivedFields } from '../message/received.ts'
import { Telemetry } from '../telemetry/telemetry.ts'
import { Delivery } from './delivery.ts'
import { type Acknowledged, Lease } from './lease.ts'
import type { Settler } from './settler.ts'
import { Tally } from './tally.ts'

const fields = { topic: 'orders', messageId: '01', receiptHandle: 'h', attempt: 1, messageGroup: undefined } as unknown as ReceivedFields

/** A delivery whose hook throws, and who is to be told of its ack. */
function begun(): { readonly delivery: Delivery; readonly told: Acknowledged[] } {
  const told: Acknowledged[] = []
  const settler = { ack: (_: Lease, who: Acknowledged) => void told.push(who) } as unknown as Settler
  const lease = new Lease(fields, {} as Endpoint, systemClock, 60_000)
  const delivery = new Delivery({ fields, body: { ok: true, bytes: new Uint8Array(1) }, lease, entry: new Tally().open('orders', 1) }, false, {
    telemetry: new Telemetry({}, silentLogger, systemClock),
    subject: { clientId: 'c', namespace: '', group: 'billing' },
    settler,
    policy: () => assert.fail('nobody asks for it'),
    onDeadLetter: () => {},
    onSettled: () => {
      throw new Error('the log is full')
    },
  })
  return { delivery, told }
}

describe('a delivery whose end is told to what throws', () => {
  it('tells who waits for its ack all the same', async () => {
    const { delivery, told } = begun()
    const ack = delivery.ack()
    assert.throws(() => told[0]?.acknowledged(undefined), /the log is full/)
    await ack
  })

  it('tells who waits that the ack failed all the same', async () => {
    const { delivery, told } = begun()
    const ack = delivery.ack()
    const failure = clientError('CALL_FAILED', 'the server is gone')
    assert.throws(() => told[0]?.acknowledged(failure), /the log is full/)
    await assert.rejects(ack, failure)
  })
})
