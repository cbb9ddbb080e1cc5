import { hostname } from 'node:os'
import { decodeSendMessageResponse, encodeSendMessageRequest, messagingService, timestampFromMs } from '@feathermq/protocol'
import type { PreparedMessage } from '../message/outgoing.ts'
import { statusFailure } from './failure.ts'
import { resource } from './resource.ts'
import type { Queue } from './route.ts'
import { badResponse, type Rpc } from './rpc.ts'

export interface SendCall {
  readonly rpc: Rpc
  readonly namespace: string
  readonly message: PreparedMessage
  readonly messageId: string
  /** Ms since the epoch: when the application sent it, the same over all attempts. */
  readonly bornAt: number
  /** W3C traceparent for `SystemProperties.trace_context`. */
  readonly traceContext: string | undefined
  readonly headers: readonly (readonly [name: string, value: string])[] | undefined
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

export interface SendResult {
  readonly messageId: string
  readonly offset: bigint
  readonly endpoint: string
}

const bornHost = hostname()

/** The request's bytes. Bodies go as they are: no encoding but IDENTITY, and no digest, as Java. */
export function sendRequest(call: SendCall, queueId: number): Uint8Array {
  const { message } = call
  return encodeSendMessageRequest({
    messages: [
      {
        topic: resource(call.namespace, message.topic),
        userProperties: message.properties,
        systemProperties: {
          tag: message.tag,
          keys: message.keys,
          messageId: call.messageId,
          bodyEncoding: 'IDENTITY',
          messageType: message.kind,
          bornTimestamp: timestampFromMs(call.bornAt),
          bornHost,
          deliveryTimestamp: message.deliverAt === undefined ? undefined : timestampFromMs(message.deliverAt),
          queueId,
          messageGroup: message.messageGroup,
          traceContext: call.traceContext,
        },
        body: message.body,
      },
    ],
  })
}

/**
 * One attempt to send one message (SendMessage).
 *
 * @throws {FeatherMQError} the overall status, else that of the entry; BAD_RESPONSE when the server says OK but gives no receipt, which is never
 * tried again: the message may be stored.
 */
export async function sendMessage(call: SendCall, queue: Queue, request: Uint8Array): Promise<SendResult> {
  const { rpc, message } = call
  const { value, context } = await rpc.unary(queue.endpoint, messagingService.sendMessage, request, decodeSendMessageResponse, {
    topic: message.topic,
    timeout: call.timeout,
    signal: call.signal,
    headers: call.headers,
    traced: true,
  })
  const [entry] = value.entries
  // An entry's status says more than the overall one, which may be MULTIPLE_RESULTS.
  const failure = statusFailure(value.status, context) ?? (entry?.status === undefined ? undefined : statusFailure(entry.status, context))
  if (failure !== undefined) throw failure
  if (entry === undefined) throw badResponse(context, 'with OK but without a receipt')
  return { messageId: entry.messageId === '' ? call.messageId : entry.messageId, offset: entry.offset, endpoint: context.endpoint ?? '' }
}
