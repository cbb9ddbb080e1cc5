import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { systemClock } from '../clock.ts'
import { receivedFields } from '../connection/received-message.ts'
import { silentLogger } from '../logger.ts'
import { Message } from '../message/message.ts'
import { prepare } from '../message/outgoing.ts'
import { Telemetry } from './telemetry.ts'

const fields = receivedFields(
  { topic: undefined, userProperties: new Map(), systemProperties: undefined, body: new Uint8Array(1) } as unknown as Parameters<
    typeof receivedFields
  >[0],
  'orders',
  1,
)
const subject = { clientId: 'c', namespace: '', group: 'billing', ambient: undefined }

describe('while nobody listens', () => {
  it('a send is observed by nothing, and handlers, receives and settlements run as they are', () => {
    const telemetry = new Telemetry({}, silentLogger, systemClock)
    const message = new Message(fields, { ok: true, bytes: fields.body }, undefined as never)
    const result = Promise.resolve()
    const received = Promise.resolve([])
    assert.equal(telemetry.startSend(prepare({ topic: 'orders', body: 'x' }, systemClock), 'm', subject), undefined)
    assert.equal(telemetry.delivered(fields, 'billing', systemClock), undefined)
    assert.equal(
      telemetry.process(message, fields, subject, () => result),
      result,
    )
    assert.equal(
      telemetry.receive('orders', subject, () => received),
      received,
    )
    assert.equal(
      telemetry.settle('ack', fields, subject, () => result),
      result,
    )
  })
})
