import {
  decodeReceiveMessageResponse,
  durationFromMs,
  encodeReceiveMessageRequest,
  type MessageQueueInit,
  messagingService,
  type ReceiveMessageResponse,
} from '@feathermq/protocol/client'
import { clientError, describe, type FeatherMQError } from '../errors.ts'
import type { ReceivedFields } from '../message/received.ts'
import { type CallContext, isCode, statusFailure } from './failure.ts'
import type { Filter } from './filter.ts'
import { receivedFields } from './received-message.ts'
import { endpointsInit, resource } from './resource.ts'
import type { Queue } from './route.ts'
import { badResponse, type Rpc, type UnaryOptions } from './rpc.ts'
import { type ScannedMessage, scannedMessage } from './scanned-message.ts'

export interface ReceiveCall {
  readonly rpc: Rpc
  readonly namespace: string
  readonly group: string
  readonly queue: Queue
  readonly filter: Filter
  readonly batchSize: number
  /** Ms; undefined = the server renews the lease by itself (auto_renew). */
  readonly invisible: number | undefined
  /** How long the server may wait for messages, ms. */
  readonly longPolling: number
  /** The same for a repetition of a receive that failed or brought nothing, so that an ordered group gets what a lost answer had locked. */
  readonly attemptId: string | undefined
  /** The trace context of whoever asked; none for what nobody asked for. */
  readonly headers: UnaryOptions['headers']
  /** Whether the call keeps the process alive. */
  readonly background: boolean
}

export interface ReceiveHandler {
  onMessage(message: ReceivedFields): void
  /** Bytes that are no response, or a message that nobody could settle. The receive goes on: one bad message must not cost its batch. */
  onUnreadable(failure: FeatherMQError): void
  /** Called once. undefined: the server gave all it had, possibly nothing. */
  onEnd(failure: FeatherMQError | undefined): void
}

/** Starts one receive (ReceiveMessage); messages are handed over as they arrive. Returns what cancels it: nothing is called after that. */
export function receiveMessage(call: ReceiveCall, handler: ReceiveHandler): () => void {
  const { rpc, queue, group } = call
  // Field by field: a spread in front of others makes V8 a hidden class for each object, which stays until a full collection.
  const context: CallContext = { operation: 'ReceiveMessage', endpoint: queue.endpoint.address, topic: queue.topic, group }
  let over = false
  let answered = false
  let refused: FeatherMQError | undefined
  const end = (failure: FeatherMQError | undefined) => {
    if (over) return
    over = true
    handler.onEnd(failure)
  }
  const stream = rpc.serverStream(
    queue.endpoint,
    messagingService.receiveMessage,
    receiveRequest(call),
    {
      onMessage: (borrowed) => {
        if (over) return
        answered = true
        let scanned: ScannedMessage | undefined
        let response: ReceiveMessageResponse | undefined
        try {
          scanned = scannedMessage(borrowed, queue.topic)
          if (scanned === undefined) response = decodeReceiveMessageResponse(copyOf(borrowed))
        } catch (cause) {
          handler.onUnreadable(
            clientError('BAD_RESPONSE', `ReceiveMessage at ${context.endpoint} brought bytes that are no response: ${describe(cause)}`, {
              ...context,
              cause,
            }),
          )
          return
        }
        if (scanned !== undefined) {
          handler.onMessage(scanned)
          return
        }
        const content = response?.content
        if (content?.case === 'message') {
          const fields = receivedFields(content.value, queue.topic, borrowed.length)
          // Nobody could settle it.
          if (fields.receiptHandle !== '') handler.onMessage(fields)
          else handler.onUnreadable(badResponse(context, 'with a message that has no receipt handle'))
        } else if (content?.case === 'status') {
          // "No message" is how an empty receive ends.
          const failure = statusFailure(content.value, context)
          if (failure !== undefined && !isCode(failure, 'MESSAGE_NOT_FOUND')) refused ??= failure
        }
      },
      onEnd: (failure) => end(failure ?? refused ?? (answered ? undefined : badResponse(context, 'without anything'))),
    },
    { timeout: call.longPolling + rpc.requestTimeout, background: call.background, headers: call.headers, topic: queue.topic, group },
  )
  return () => {
    over = true
    stream.cancel()
  }
}

/**
 * The one copy: everything of a message lives in these bytes. Small messages share memory, as Node's own buffers do; with an `ArrayBuffer` for each V8
 * collects garbage for longer than it takes to read them.
 */
function copyOf(borrowed: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(borrowed)
  return new Uint8Array(buffer, byteOffset, length)
}

export function receiveRequest(call: ReceiveCall): Uint8Array {
  const { queue, namespace } = call
  const messageQueue: MessageQueueInit = {
    topic: resource(namespace, queue.topic),
    id: queue.id,
    permission: queue.readable ? (queue.writable ? 'READ_WRITE' : 'READ') : 'NONE',
    broker: { name: queue.broker.name, id: queue.broker.id, endpoints: endpointsInit(queue.endpoint.list) },
  }
  return encodeReceiveMessageRequest({
    group: resource(namespace, call.group),
    messageQueue,
    filterExpression: call.filter,
    batchSize: call.batchSize,
    invisibleDuration: call.invisible === undefined ? undefined : durationFromMs(call.invisible),
    autoRenew: call.invisible === undefined,
    longPollingTimeout: durationFromMs(call.longPolling),
    attemptId: call.attemptId,
  })
}
