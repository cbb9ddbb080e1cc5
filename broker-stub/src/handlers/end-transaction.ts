import type { EndTransactionRequest } from '@feathermq/protocol'
import { decodeEndTransactionRequest, encodeEndTransactionResponse } from '@feathermq/protocol'
import type { MethodHandler } from '@feathermq/transport'
import { Refusal, topicName } from '../admission/admit.ts'
import { status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import type { Ended } from '../transactions/transactions.ts'
import { serveUnary } from './serve.ts'

/**
 * EndTransaction: puts a half message into its queue, or drops it. OK says that it has happened. With no resolution the transaction goes on. Who ends it,
 * its producer or one that was asked, makes no difference, nor does when.
 */
export function endTransaction(broker: BrokerContext): MethodHandler {
  return serveUnary(broker, {
    name: 'EndTransaction',
    decode: decodeEndTransactionRequest,
    encode: encodeEndTransactionResponse,
    refused: (refused) => ({ status: refused }),
    serve: async (request) => {
      const name = topicName(request.topic)
      const { transactionId } = request
      if (transactionId.trim() === '') throw new Refusal('INVALID_TRANSACTION_ID', 'the transaction id is blank')
      const ended = await end(broker, name, request)
      switch (ended.kind) {
        case 'ended':
          return { status: status('OK') }
        case 'unknown':
          throw new Refusal(
            'INVALID_TRANSACTION_ID',
            `there is no such transaction of the topic "${name}" on broker ${broker.name}: it has ended, or was never begun, or has another message`,
          )
        case 'full':
          throw new Refusal('TOO_MANY_REQUESTS', `broker ${broker.name} has no room for the message now; the transaction goes on`)
        case 'unavailable':
          throw notWritten(broker, ended.reason)
      }
    },
  })
}

async function end(broker: BrokerContext, topicName: string, { transactionId, messageId, resolution }: EndTransactionRequest): Promise<Ended> {
  const topic = broker.registry.topic(topicName)
  if (topic === undefined) return { kind: 'unknown' }
  try {
    if (resolution === 'COMMIT' || resolution === 'ROLLBACK') {
      return await broker.transactions.end(topic, transactionId, messageId, resolution === 'COMMIT' ? 'commit' : 'rollback')
    }
    // A number that nobody knows yet says nothing either.
    return (await broker.transactions.goesOn(topic, transactionId, messageId)) ? { kind: 'ended' } : { kind: 'unknown' }
  } catch (error) {
    throw notWritten(broker, error instanceof Error ? error.message : String(error))
  }
}

function notWritten(broker: BrokerContext, reason: string): Refusal {
  return new Refusal('MASTER_PERSISTENCE_TIMEOUT', `broker ${broker.name} could not end the transaction, which goes on: ${reason}`)
}
