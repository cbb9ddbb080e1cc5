import type { EndTransactionRequestInit, SystemPropertiesInit } from '@feathermq/protocol'
import {
  decodeEndTransactionResponse,
  decodeRecallMessageResponse,
  encodeEndTransactionRequest,
  encodeRecallMessageRequest,
  messagingService,
  timestampFromMs,
} from '@feathermq/protocol'
import type { RawClient } from '../../testing/raw-client.ts'
import { type Answer, answerOf, post } from './calls.ts'

/** What leads to a half message. */
export interface Half {
  readonly topic: string
  readonly messageId: string
  readonly transactionId: string
}

let sent = 0

/** Sends a half message. */
export async function begin(client: RawClient, topic: string, body: string, system: SystemPropertiesInit = {}): Promise<Half> {
  const messageId = system.messageId ?? `half-${++sent}`
  const systemProperties = { ...system, messageId, messageType: 'TRANSACTION' } as const
  const { code, text, entries } = await post(client, [{ topic: { name: topic }, body: Buffer.from(body), systemProperties }])
  if (code !== 20_000) throw new Error(`${code}: ${text}`)
  return { topic, messageId, transactionId: entries[0]?.transactionId ?? '' }
}

/** Ends a transaction; `rest` says something else than the half message does. */
export async function end(
  client: RawClient,
  { topic, messageId, transactionId }: Half,
  resolution: EndTransactionRequestInit['resolution'],
  rest: EndTransactionRequestInit = {},
): Promise<Answer> {
  const request = encodeEndTransactionRequest({ topic: { name: topic }, messageId, transactionId, resolution, source: 'SOURCE_CLIENT', ...rest })
  return answerOf((await client.call(messagingService.endTransaction, request, decodeEndTransactionResponse)).status)
}

/** Sends a message that comes at that time. @returns its recall handle. */
export async function delayed(client: RawClient, topic: string, messageId: string, at: number): Promise<string> {
  const systemProperties = { messageId, deliveryTimestamp: timestampFromMs(at) }
  const { code, text, entries } = await post(client, [{ topic: { name: topic }, body: Buffer.from(messageId), systemProperties }])
  if (code !== 20_000) throw new Error(`${code}: ${text}`)
  return entries[0]?.recallHandle ?? ''
}

export async function recall(client: RawClient, topic: string, recallHandle: string): Promise<Answer & { readonly messageId: string }> {
  const request = encodeRecallMessageRequest({ topic: { name: topic }, recallHandle })
  const { status, messageId } = await client.call(messagingService.recallMessage, request, decodeRecallMessageResponse)
  return { ...answerOf(status), messageId }
}
