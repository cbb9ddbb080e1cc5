import {
  type AckMessageResponse,
  type AckMessageResultEntry,
  decodeAckMessageResponse,
  decodeChangeInvisibleDurationResponse,
  decodeForwardMessageToDeadLetterQueueResponse,
  durationFromMs,
  encodeChangeInvisibleDurationRequest,
  encodeForwardMessageToDeadLetterQueueRequest,
  messagingService,
} from '@feathermq/protocol/client'
import type { FeatherMQError } from '../errors.ts'
import { type AckEntry, ackRequest, allAcknowledged } from './ack-bytes.ts'
import { consumerError } from './consumer-error.ts'
import type { Endpoint } from './endpoint.ts'
import { statusFailure } from './failure.ts'
import { resource } from './resource.ts'
import { badResponse, type Rpc, type UnaryOptions } from './rpc.ts'

/** Stands for an answer by which all messages are acknowledged. */
const acknowledged: AckMessageResponse = { status: { code: 'OK', message: '' }, entries: [] }

/** Whose messages are settled. */
export interface SettleContext {
  readonly rpc: Rpc
  readonly namespace: string
  readonly group: string
  /** The trace context of whoever settles, as headers. */
  readonly headers: () => UnaryOptions['headers']
}

/** One leased message, as settling sees it. */
export interface Leased extends AckEntry {
  readonly topic: string
  readonly endpoint: Endpoint
  /** The trace context of its ack, as headers. */
  readonly headers?: UnaryOptions['headers']
}

/**
 * Acknowledges messages of one topic at one endpoint in one request (AckMessage). One result per message, in order: undefined = acknowledged.
 *
 * Results are found by receipt handle, since servers may order them as they like. A message without one takes the overall status; where that says no more
 * than that the entries differ, it counts as a failure that may pass.
 *
 * @throws {FeatherMQError} when there was no answer; it holds for all messages then.
 */
export async function ackMessages(
  { rpc, namespace, group }: SettleContext,
  messages: readonly Leased[],
): Promise<readonly (FeatherMQError | undefined)[]> {
  const [first] = messages
  if (first === undefined) return []
  const request = ackRequest(resource(namespace, group), resource(namespace, first.topic), messages)
  const { value, context } = await rpc.unary(first.endpoint, messagingService.ackMessage, request, decodeAnswer, {
    topic: first.topic,
    group,
    headers: headersOf(messages),
  })
  if (value === acknowledged) return messages.map(() => undefined)
  const overall = statusFailure(value.status, context)
  let byHandle: Map<string, AckMessageResultEntry> | undefined
  return messages.map(({ receiptHandle }, index) => {
    let entry = value.entries[index]
    if (entry?.receiptHandle !== receiptHandle) {
      byHandle ??= new Map(value.entries.map((each) => [each.receiptHandle, each]))
      entry = byHandle.get(receiptHandle)
    }
    const status = entry?.status
    if (status !== undefined) return statusFailure(status, context)
    if (overall === undefined && value.status?.code === 'MULTIPLE_RESULTS')
      return badResponse(context, 'without a result for one of the messages', true)
    return overall
  })
}

/**
 * Changes how long a message stays invisible from now (ChangeInvisibleDuration): a nack, or more time. Resolves with the receipt handle that counts from
 * then on.
 *
 * @param said why the message is given back, for who looks at the dead letter
 * @throws {FeatherMQError} INVALID_RECEIPT_HANDLE, ILLEGAL_INVISIBLE_TIME, …
 */
export async function changeInvisible(
  { rpc, namespace, group, headers }: SettleContext,
  message: Leased,
  ms: number,
  said?: string,
): Promise<string> {
  const request = encodeChangeInvisibleDurationRequest({
    group: resource(namespace, group),
    topic: resource(namespace, message.topic),
    receiptHandle: message.receiptHandle,
    invisibleDuration: durationFromMs(ms),
    messageId: message.messageId,
  })
  const method = messagingService.changeInvisibleDuration
  const { value, context } = await rpc.unary(message.endpoint, method, request, decodeChangeInvisibleDurationResponse, {
    topic: message.topic,
    group,
    headers: joined(consumerError(said), headers()),
  })
  const failure = statusFailure(value.status, context)
  if (failure !== undefined) throw failure
  return value.receiptHandle === '' ? message.receiptHandle : value.receiptHandle
}

/**
 * Moves a message to the dead-letter topic of the group (ForwardMessageToDeadLetterQueue).
 *
 * @param said why, for who looks at the dead letter
 * @throws {FeatherMQError} INVALID_RECEIPT_HANDLE, …
 */
export async function forwardToDeadLetterQueue(
  { rpc, namespace, group, headers }: SettleContext,
  message: Leased,
  attempt: number,
  maxAttempts: number,
  said?: string,
): Promise<void> {
  const request = encodeForwardMessageToDeadLetterQueueRequest({
    group: resource(namespace, group),
    topic: resource(namespace, message.topic),
    receiptHandle: message.receiptHandle,
    messageId: message.messageId,
    deliveryAttempt: attempt,
    maxDeliveryAttempts: maxAttempts,
  })
  const method = messagingService.forwardMessageToDeadLetterQueue
  const { value, context } = await rpc.unary(message.endpoint, method, request, decodeForwardMessageToDeadLetterQueueResponse, {
    topic: message.topic,
    group,
    headers: joined(consumerError(said), headers()),
  })
  const failure = statusFailure(value.status, context)
  if (failure !== undefined) throw failure
}

function joined(one: UnaryOptions['headers'], other: UnaryOptions['headers']): UnaryOptions['headers'] {
  return one === undefined || other === undefined ? (one ?? other) : [...one, ...other]
}

function decodeAnswer(bytes: Uint8Array): AckMessageResponse {
  return allAcknowledged(bytes) ? acknowledged : decodeAckMessageResponse(bytes)
}

/** A request has one trace context: that of its only message, or of the call that settles all of them; acks of several traces that go together have none. */
function headersOf(messages: readonly Leased[]): UnaryOptions['headers'] {
  const headers = messages[0]?.headers
  return headers !== undefined && messages.every((each) => each.headers === headers) ? headers : undefined
}
