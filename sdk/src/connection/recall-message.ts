import { decodeRecallMessageResponse, encodeRecallMessageRequest, messagingService } from '@feathermq/protocol/client'
import type { Endpoint } from './endpoint.ts'
import { statusFailure } from './failure.ts'
import { resource } from './resource.ts'
import type { Rpc, UnaryOptions } from './rpc.ts'

/**
 * Takes a delayed message back before its time (RecallMessage). Resolves with the id of the message.
 *
 * @throws {FeatherMQError} BAD_REQUEST for a handle that is none or too late (INTERNAL_SERVER_ERROR of stock servers), no answer, …
 */
export async function recallMessage(
  rpc: Rpc,
  namespace: string,
  endpoint: Endpoint,
  { topic, recallHandle }: { readonly topic: string; readonly recallHandle: string },
  options: Pick<UnaryOptions, 'timeout' | 'signal' | 'headers'>,
): Promise<string> {
  const request = encodeRecallMessageRequest({ topic: resource(namespace, topic), recallHandle })
  const { value, context } = await rpc.unary(endpoint, messagingService.recallMessage, request, decodeRecallMessageResponse, { ...options, topic })
  const failure = statusFailure(value.status, context)
  if (failure !== undefined) throw failure
  return value.messageId
}
