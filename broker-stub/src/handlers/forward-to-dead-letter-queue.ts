import type { ForwardMessageToDeadLetterQueueResponseInit } from '@feathermq/protocol'
import { decodeForwardMessageToDeadLetterQueueRequest, encodeForwardMessageToDeadLetterQueueResponse } from '@feathermq/protocol'
import type { MethodHandler } from '@feathermq/transport'
import { checkNames, Refusal } from '../admission/admit.ts'
import { status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import type { SettleResult } from '../delivery/types.ts'
import { DEAD_HANDLE } from './ack-message.ts'
import { consumerError } from './consumer-error.ts'
import { serveUnary } from './serve.ts'

/** ForwardMessageToDeadLetterQueue: the consumer gives the message up. It goes to `%DLQ%<group>` and is settled for the group. */
export function forwardToDeadLetterQueue(broker: BrokerContext): MethodHandler {
  const answer = (settled: SettleResult): ForwardMessageToDeadLetterQueueResponseInit => {
    if (settled === 'invalid-handle') throw new Refusal('INVALID_RECEIPT_HANDLE', DEAD_HANDLE)
    if (settled === 'full') throw new Refusal('TOO_MANY_REQUESTS', `broker ${broker.name} has no memory left for the dead-letter topic`)
    return { status: status('OK') }
  }
  return serveUnary(broker, {
    name: 'ForwardMessageToDeadLetterQueue',
    decode: decodeForwardMessageToDeadLetterQueueRequest,
    encode: encodeForwardMessageToDeadLetterQueueResponse,
    refused: (refused) => ({ status: refused }),
    serve: ({ topic, group, receiptHandle }, call) => {
      checkNames(topic, group)
      const settled = broker.delivery.deadLetter(topic?.name ?? '', group?.name ?? '', receiptHandle, consumerError(call))
      return typeof settled === 'string' ? answer(settled) : settled.then(answer)
    },
  })
}
