import type {
  AckMessageEntryInit,
  ChangeInvisibleDurationRequestInit,
  Code,
  EndTransactionRequestInit,
  ForwardMessageToDeadLetterQueueRequestInit,
  HeartbeatRequestInit,
  MessageInit,
  NotifyClientTerminationRequestInit,
  QueryAssignmentRequestInit,
  QueryRouteRequestInit,
  RecallMessageRequestInit,
  ReceiveMessageRequestInit,
  ResourceInit,
  SettingsInit,
} from '@feathermq/protocol'
import {
  codeNumber,
  decodeAckMessageResponse,
  decodeChangeInvisibleDurationResponse,
  decodeEndTransactionResponse,
  decodeForwardMessageToDeadLetterQueueResponse,
  decodeHeartbeatResponse,
  decodeNotifyClientTerminationResponse,
  decodeQueryAssignmentResponse,
  decodeQueryRouteResponse,
  decodeRecallMessageResponse,
  decodeSendMessageResponse,
  encodeAckMessageRequest,
  encodeChangeInvisibleDurationRequest,
  encodeEndTransactionRequest,
  encodeForwardMessageToDeadLetterQueueRequest,
  encodeHeartbeatRequest,
  encodeNotifyClientTerminationRequest,
  encodeQueryAssignmentRequest,
  encodeQueryRouteRequest,
  encodeRecallMessageRequest,
  encodeReceiveMessageRequest,
  encodeSendMessageRequest,
  headerNames,
  messagingService,
} from '@feathermq/protocol'
import { callUnary, type Method } from '@feathermq/transport'
import type { TestBroker } from '../../../testing/start-broker.ts'
import { answerOf, streamBytes } from '../calls.ts'
import { TelemetryStream } from '../telemetry.ts'

/** An answer in the words of the table. */
export interface Answered {
  readonly code: number | string
  readonly text: string
  /** The status of each entry; of a receive, OK for each message. */
  readonly entries: readonly number[]
  /** What else the answer gives: queues, assignments, a receipt handle. */
  readonly gives: readonly unknown[]
}

export interface CallOptions {
  /** Undefined: the default, `table`; empty: no header is sent. */
  readonly clientId?: string | undefined
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined
  /** Deadline, ms. Default none. */
  readonly timeout?: number | undefined
}

interface Statused {
  readonly status: { readonly code: Code | number; readonly message: string } | undefined
}

const headersOf = ({ clientId = 'table', headers = [] }: CallOptions): readonly (readonly [string, string])[] =>
  clientId === '' ? headers : [[headerNames.clientId, clientId], ...headers]

const codesOf = (entries: readonly Statused[]): readonly number[] => entries.map(({ status }) => codeNumber(status?.code ?? 0))

/** One unary call. It is OK for gRPC, or this throws. */
async function unary<T extends Statused>(
  broker: TestBroker,
  method: Method,
  request: Uint8Array,
  decode: (bytes: Uint8Array) => T,
  options: CallOptions,
  parts: (response: T) => Partial<Pick<Answered, 'entries' | 'gives'>> = () => ({}),
): Promise<Answered> {
  const channel = broker.transport.createChannel({ address: broker.endpoints })
  try {
    const response = await callUnary(channel, method, request, decode, { headers: headersOf(options), timeout: options.timeout })
    return { ...answerOf(response.status), entries: [], gives: [], ...parts(response) }
  } finally {
    channel.close()
  }
}

export function queryRoute(broker: TestBroker, init: QueryRouteRequestInit, options: CallOptions = {}): Promise<Answered> {
  const request = encodeQueryRouteRequest(init)
  return unary(broker, messagingService.queryRoute, request, decodeQueryRouteResponse, options, ({ messageQueues }) => ({ gives: messageQueues }))
}

export function queryAssignment(broker: TestBroker, init: QueryAssignmentRequestInit, options: CallOptions = {}): Promise<Answered> {
  const request = encodeQueryAssignmentRequest(init)
  return unary(broker, messagingService.queryAssignment, request, decodeQueryAssignmentResponse, options, ({ assignments }) => ({
    gives: assignments,
  }))
}

export function send(broker: TestBroker, messages: readonly MessageInit[], options: CallOptions = {}): Promise<Answered> {
  const request = encodeSendMessageRequest({ messages })
  return unary(broker, messagingService.sendMessage, request, decodeSendMessageResponse, options, ({ entries }) => ({ entries: codesOf(entries) }))
}

/** One ReceiveMessage. Whatever it is answered with, it is OK for gRPC, begins with the status and ends with the time, or this throws. */
export async function receive(broker: TestBroker, init: ReceiveMessageRequestInit, options: CallOptions = {}): Promise<Answered> {
  const { clientId = 'table', headers, timeout } = options
  const { answer, order, ended } = await streamBytes(broker, encodeReceiveMessageRequest(init), {
    clientId,
    ...(headers === undefined ? {} : { headers }),
    ...(timeout === undefined ? {} : { timeout }),
  })
  const messages = order.slice(1, -1)
  if (ended.code !== 'OK' || order[0] !== 'status' || order.at(-1) !== 'deliveryTimestamp' || messages.some((kind) => kind !== 'message')) {
    throw new Error(`a receive streamed ${order.join(', ')} and ended with ${ended.code}`)
  }
  return { ...answer, entries: messages.map(() => 20_000), gives: [] }
}

export interface Names {
  readonly topic?: ResourceInit | undefined
  readonly group?: ResourceInit | undefined
}

export function ack(broker: TestBroker, names: Names, entries: readonly AckMessageEntryInit[], options: CallOptions = {}): Promise<Answered> {
  const request = encodeAckMessageRequest({ ...names, entries })
  return unary(broker, messagingService.ackMessage, request, decodeAckMessageResponse, options, (response) => ({
    entries: codesOf(response.entries),
  }))
}

/** A handle that is given is the new one. */
export function change(broker: TestBroker, init: ChangeInvisibleDurationRequestInit, options: CallOptions = {}): Promise<Answered> {
  const request = encodeChangeInvisibleDurationRequest(init)
  return unary(broker, messagingService.changeInvisibleDuration, request, decodeChangeInvisibleDurationResponse, options, ({ receiptHandle }) => ({
    gives: receiptHandle === '' ? [] : [receiptHandle],
  }))
}

export function forward(broker: TestBroker, init: ForwardMessageToDeadLetterQueueRequestInit, options: CallOptions = {}): Promise<Answered> {
  const request = encodeForwardMessageToDeadLetterQueueRequest(init)
  return unary(broker, messagingService.forwardMessageToDeadLetterQueue, request, decodeForwardMessageToDeadLetterQueueResponse, options)
}

export function endTransaction(broker: TestBroker, init: EndTransactionRequestInit, options: CallOptions = {}): Promise<Answered> {
  return unary(broker, messagingService.endTransaction, encodeEndTransactionRequest(init), decodeEndTransactionResponse, options)
}

/** What is given is the id of the message. */
export function recallMessage(broker: TestBroker, init: RecallMessageRequestInit, options: CallOptions = {}): Promise<Answered> {
  return unary(broker, messagingService.recallMessage, encodeRecallMessageRequest(init), decodeRecallMessageResponse, options, ({ messageId }) => ({
    gives: messageId === '' ? [] : [messageId],
  }))
}

export function heartbeat(broker: TestBroker, init: HeartbeatRequestInit, options: CallOptions = {}): Promise<Answered> {
  return unary(broker, messagingService.heartbeat, encodeHeartbeatRequest(init), decodeHeartbeatResponse, options)
}

export function terminate(broker: TestBroker, init: NotifyClientTerminationRequestInit, options: CallOptions = {}): Promise<Answered> {
  const request = encodeNotifyClientTerminationRequest(init)
  return unary(broker, messagingService.notifyClientTermination, request, decodeNotifyClientTerminationResponse, options)
}

/** Sends settings on a Telemetry stream of its own: the status beside the answer, or the gRPC code that the stream ended with. */
export async function settle(broker: TestBroker, settings: SettingsInit, options: CallOptions = {}): Promise<Answered> {
  const { clientId = 'table', headers } = options
  const stream = new TelemetryStream(broker, { clientId, headers })
  stream.send({ command: { case: 'settings', value: settings } })
  const outcome = await Promise.race([stream.next().catch(() => undefined), stream.end()])
  stream.cancel()
  if (outcome === undefined || 'code' in outcome) {
    const { code, message } = await stream.end()
    return { code, text: message, entries: [], gives: [] }
  }
  return { ...answerOf(outcome.status), entries: [], gives: outcome.command === undefined ? [] : [outcome.command] }
}
