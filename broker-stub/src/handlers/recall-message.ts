import { decodeRecallMessageRequest, encodeRecallMessageResponse } from '@feathermq/protocol'
import type { MethodHandler } from '@feathermq/transport'
import { Refusal, topicName } from '../admission/admit.ts'
import { status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import type { Recalled } from '../recall/recalls.ts'
import { serveUnary } from './serve.ts'

/** RecallMessage: takes a delayed message back. OK says that it never comes; once its time has come, and while it is on its way, it is too late. */
export function recallMessage(broker: BrokerContext): MethodHandler {
  return serveUnary(broker, {
    name: 'RecallMessage',
    decode: decodeRecallMessageRequest,
    encode: encodeRecallMessageResponse,
    refused: (refused) => ({ status: refused }),
    serve: async ({ topic, recallHandle }) => {
      const name = topicName(topic)
      const types = broker.registry.topic(name)?.types
      if (types?.includes('DELAY') === false) {
        throw new Refusal('MESSAGE_PROPERTY_CONFLICT_WITH_TYPE', `the topic "${name}" takes ${types.join(', ')}: it has no delayed message to recall`)
      }
      const recalled = await recall(broker, name, recallHandle)
      if (recalled.kind === 'late') throw new Refusal('BAD_REQUEST', 'it is too late to recall the message: its time has come')
      if (recalled.kind === 'unknown')
        throw new Refusal('BAD_REQUEST', `the recall handle is none of a message of the topic "${name}" on broker ${broker.name}`)
      return { status: status('OK'), messageId: recalled.messageId }
    },
  })
}

async function recall(broker: BrokerContext, topic: string, handle: string): Promise<Recalled> {
  try {
    return await broker.recalls.recall(topic, handle)
  } catch (error) {
    throw new Refusal(
      'MASTER_PERSISTENCE_TIMEOUT',
      `broker ${broker.name} could not recall the message: ${error instanceof Error ? error.message : error}`,
    )
  }
}
