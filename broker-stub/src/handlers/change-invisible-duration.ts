import { decodeChangeInvisibleDurationRequest, encodeChangeInvisibleDurationResponse, limits, msFromDuration } from '@feathermq/protocol'
import type { MethodHandler } from '@feathermq/transport'
import { checkNames, Refusal } from '../admission/admit.ts'
import { status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import { DEAD_HANDLE } from './ack-message.ts'
import { consumerError } from './consumer-error.ts'
import { serveUnary } from './serve.ts'

/**
 * ChangeInvisibleDuration: moves the end of a lease to so long from now; 0 gives the message back at once. Push consumers use it to be tried again later.
 * The answer's handle replaces the old one, which is dead from then on.
 */
export function changeInvisibleDuration(broker: BrokerContext): MethodHandler {
  return serveUnary(broker, {
    name: 'ChangeInvisibleDuration',
    decode: decodeChangeInvisibleDurationRequest,
    encode: encodeChangeInvisibleDurationResponse,
    refused: (refused) => ({ status: refused }),
    serve: ({ topic, group, receiptHandle, invisibleDuration, suspend }, call) => {
      checkNames(topic, group)
      const duration = invisibleDuration === undefined ? 0 : msFromDuration(invisibleDuration)
      if (duration < 0 || duration > limits.maxInvisible) {
        throw new Refusal('ILLEGAL_INVISIBLE_TIME', `the invisible duration is ${duration} ms; it must be 0 to ${limits.maxInvisible}`)
      }
      const said = { suspend, error: consumerError(call) }
      const result = broker.delivery.changeInvisible(topic?.name ?? '', group?.name ?? '', receiptHandle, duration, said)
      if (result.kind === 'invalid-handle') throw new Refusal('INVALID_RECEIPT_HANDLE', DEAD_HANDLE)
      return { status: status('OK'), receiptHandle: result.handle }
    },
  })
}
