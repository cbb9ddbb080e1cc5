import {
  decodeSendMessageResponse,
  durationFromMs,
  encodeSendMessageRequest,
  type MessageInit,
  messagingService,
  timestampFromMs,
} from '@feathermq/protocol/client'
import { os } from '../builtins.ts'
import type { FeatherMQError } from '../errors.ts'
import type { PreparedMessage } from '../message/outgoing.ts'
import { type CallContext, statusFailure } from './failure.ts'
import { resource } from './resource.ts'
import type { Queue } from './route.ts'
import { type Answer, badResponse, type Rpc } from './rpc.ts'

/** A message with what it got on its way, the same over all attempts. */
export interface StampedMessage {
  readonly message: PreparedMessage
  readonly messageId: string
  /** Ms since the epoch: when the application sent it. */
  readonly bornAt: number
  /** W3C traceparent for `SystemProperties.trace_context`. */
  readonly traceContext: string | undefined
}

export type SendAnswer = Answer<ReturnType<typeof decodeSendMessageResponse>>

export interface SendCallOptions {
  readonly timeout: number
  readonly signal: AbortSignal | undefined
  readonly headers: readonly (readonly [name: string, value: string])[] | undefined
}

/** What the server said of one message of a request. */
export type Verdict =
  | {
      readonly stored: true
      readonly messageId: string
      readonly offset: bigint | undefined
      readonly endpoint: string
      /** Of a half message. */
      readonly transactionId: string | undefined
      /** Of a delayed message, where the server can recall it. */
      readonly recallHandle: string | undefined
    }
  | { readonly stored: false; readonly failure: FeatherMQError }

let bornHost: string | undefined

/** The request's bytes. Bodies go as they are: no encoding but IDENTITY, and no digest, as Java. */
export function sendRequest(namespace: string, messages: readonly StampedMessage[], queueId: number): Uint8Array {
  return encodeSendMessageRequest({ messages: messages.map((stamped) => wireMessage(namespace, stamped, queueId)) })
}

function wireMessage(namespace: string, { message, messageId, bornAt, traceContext }: StampedMessage, queueId: number): MessageInit {
  bornHost ??= os().hostname()
  return {
    topic: resource(namespace, message.topic),
    userProperties: message.properties,
    systemProperties: {
      tag: message.tag,
      keys: message.keys,
      messageId,
      bodyEncoding: 'IDENTITY',
      messageType: message.kind,
      bornTimestamp: timestampFromMs(bornAt),
      bornHost,
      deliveryTimestamp: message.deliverAt === undefined ? undefined : timestampFromMs(message.deliverAt),
      queueId,
      messageGroup: message.messageGroup,
      priority: message.priority,
      traceContext,
      orphanedTransactionRecoveryDuration: message.checkAfter === undefined ? undefined : durationFromMs(message.checkAfter),
    },
    body: message.body,
  }
}

/**
 * One attempt to send messages of one topic (SendMessage). {@link verdictsOf} says what became of them.
 *
 * @throws {FeatherMQError} when there was no answer.
 */
export function sendMessages(rpc: Rpc, { endpoint, topic }: Queue, request: Uint8Array, options: SendCallOptions): Promise<SendAnswer> {
  const { timeout, signal, headers } = options
  return rpc.unary(endpoint, messagingService.sendMessage, request, decodeSendMessageResponse, { topic, timeout, signal, headers, traced: true })
}

/**
 * One verdict per message, in order.
 *
 * @throws {FeatherMQError} what concerns all of them: the overall status; BAD_RESPONSE when the server says OK but gives receipts that fit nothing, which is
 * never tried again: the messages may be stored.
 */
export function verdictsOf({ value, context }: SendAnswer, messages: readonly StampedMessage[]): readonly Verdict[] {
  // An entry's status says more than the overall one, which may be MULTIPLE_RESULTS.
  const failure = statusFailure(value.status, context)
  if (failure !== undefined) throw failure
  const { entries } = value
  if (entries.length === messages.length) return inOrder(entries, messages).map((entry, index) => verdict(entry, messages[index], context))
  // Stock servers store several messages of one request but answer with one entry, whose id is of their own making or all ids joined by commas
  // (apache/rocketmq#11049): it speaks for all, by status alone.
  const [entry] = entries
  if (entry !== undefined && entries.length === 1)
    return messages.map((message) => verdict({ ...entry, messageId: '', offset: undefined, transactionId: '', recallHandle: '' }, message, context))
  const receipts = entries.length === 0 ? 'without a receipt' : `with ${entries.length} receipts for ${messages.length} messages`
  throw badResponse(context, `with OK but ${receipts}`)
}

type Entry = ReturnType<typeof decodeSendMessageResponse>['entries'][number]

/** Entries stand in the order of the request; where their ids say otherwise, the ids are believed. */
function inOrder(entries: readonly Entry[], messages: readonly StampedMessage[]): readonly Entry[] {
  if (entries.every(({ messageId }, index) => messageId === messages[index]?.messageId)) return entries
  const byId = new Map(entries.map((entry) => [entry.messageId, entry]))
  const found = messages.flatMap(({ messageId }) => byId.get(messageId) ?? [])
  return found.length === messages.length ? found : entries
}

function verdict(
  entry: Omit<Entry, 'offset'> & { readonly offset: bigint | undefined },
  message: StampedMessage | undefined,
  context: CallContext,
): Verdict {
  const { status, messageId, offset, transactionId, recallHandle } = entry
  const failure = status === undefined ? undefined : statusFailure(status, context)
  if (failure !== undefined) return { stored: false, failure }
  return {
    stored: true,
    messageId: messageId === '' ? (message?.messageId ?? '') : messageId,
    offset,
    endpoint: context.endpoint ?? '',
    transactionId: transactionId === '' ? undefined : transactionId,
    recallHandle: recallHandle === '' ? undefined : recallHandle,
  }
}
