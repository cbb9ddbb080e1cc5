import type { AckMessageResultEntryInit } from '@feathermq/protocol'
import { decodeAckMessageRequest, encodeAckMessageResponse } from '@feathermq/protocol'
import type { MethodHandler } from '@feathermq/transport'
import { checkNames, Refusal } from '../admission/admit.ts'
import { overall, status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import { serveUnary } from './serve.ts'

/** Why a handle is refused, for people. */
export const DEAD_HANDLE = 'the receipt handle is expired, superseded, or not of this topic and group'

/**
 * AckMessage: the consumer has finished with these deliveries.
 *
 * Answers one entry per requested entry, in order; over all their common code or MULTIPLE_RESULTS. A handle that is malformed, expired, superseded, or
 * belongs to another group or topic gets INVALID_RECEIPT_HANDLE, which clients take as final (any other error they retry for ever). Acknowledging the
 * same live delivery twice is OK.
 */
export function ackMessage(broker: BrokerContext): MethodHandler {
  return serveUnary(broker, {
    name: 'AckMessage',
    decode: decodeAckMessageRequest,
    encode: encodeAckMessageResponse,
    refused: (refused) => ({ status: refused }),
    serve: ({ topic, group, entries: asked }) => {
      checkNames(topic, group)
      if (asked.length === 0) throw new Refusal('BAD_REQUEST', 'the request has no entries')
      const entries = asked.map(({ messageId, receiptHandle }): AckMessageResultEntryInit & { status: ReturnType<typeof status> } => {
        const settled = broker.delivery.acknowledge(topic?.name ?? '', group?.name ?? '', receiptHandle)
        return { messageId, receiptHandle, status: settled === 'ok' ? status('OK') : status('INVALID_RECEIPT_HANDLE', DEAD_HANDLE) }
      })
      return { status: overall(entries), entries }
    },
  })
}
