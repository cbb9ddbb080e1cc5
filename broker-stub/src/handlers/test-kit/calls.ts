import type { Code, MessageInit, ReceiveMessageRequestInit, ReceiveMessageResponse, SendResultEntry } from '@feathermq/protocol'
import {
  codeNumber,
  decodeReceiveMessageResponse,
  decodeSendMessageResponse,
  encodeReceiveMessageRequest,
  encodeSendMessageRequest,
  headerNames,
  messagingService,
} from '@feathermq/protocol'
import { type CallOptions, inMemoryTransport, type RpcStatus } from '@feathermq/transport'
import type { RawClient } from '../../testing/raw-client.ts'
import { type StartBrokerOptions, startBroker, type TestBroker } from '../../testing/start-broker.ts'

/** A broker without sockets whose time stands still. Borrowed bytes are overwritten as soon as a handler returns, so who keeps them is found out. */
export function startInMemory(options: StartBrokerOptions = {}): Promise<TestBroker> {
  return startBroker({ clock: 'frozen', transport: inMemoryTransport({ poison: true }), ...options })
}

/** A status as numbers, because those are the protocol's. */
export interface Answer {
  readonly code: number
  readonly text: string
}

export function answerOf(status: { readonly code: Code | number; readonly message: string } | undefined): Answer {
  return { code: codeNumber(status?.code ?? 'CODE_UNSPECIFIED'), text: status?.message ?? '' }
}

export interface Sent extends Answer {
  readonly entries: readonly SendResultEntry[]
  /** Codes of the entries. */
  readonly codes: readonly number[]
}

/** One SendMessage of exactly these messages. */
export function post(client: RawClient, messages: readonly MessageInit[]): Promise<Sent> {
  return postBytes(client, encodeSendMessageRequest({ messages }))
}

/** One SendMessage of exactly these bytes. */
export async function postBytes(client: RawClient, request: Uint8Array): Promise<Sent> {
  const { status, entries } = await client.call(messagingService.sendMessage, request, decodeSendMessageResponse)
  return { ...answerOf(status), entries, codes: entries.map((entry) => codeNumber(entry.status?.code ?? 0)) }
}

/** What a ReceiveMessage streamed, and how the call ended. */
export interface Streamed {
  readonly responses: readonly ReceiveMessageResponse[]
  /** The same as they came. */
  readonly bytes: readonly Uint8Array[]
  /** The kinds of the responses, in order. */
  readonly order: readonly (string | undefined)[]
  /** The status within the stream. */
  readonly answer: Answer
  readonly ended: RpcStatus
}

export interface StreamOptions extends CallOptions {
  readonly clientId?: string | undefined
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined
}

/** One ReceiveMessage of exactly this request, with no deadline unless one is given. */
export function stream(broker: TestBroker, init: ReceiveMessageRequestInit, options: StreamOptions = {}): Promise<Streamed> {
  return streamBytes(broker, encodeReceiveMessageRequest(init), options)
}

export function streamBytes(broker: TestBroker, request: Uint8Array, options: StreamOptions = {}): Promise<Streamed> {
  const { clientId = 'stream', headers = [], signal, ...rest } = options
  const channel = broker.transport.createChannel({ address: broker.endpoints })
  return new Promise((resolve) => {
    const bytes: Uint8Array[] = []
    const call = channel.start(
      messagingService.receiveMessage,
      {
        onMessage: (borrowed) => void bytes.push(new Uint8Array(borrowed)),
        onEnd: (ended) => {
          channel.close()
          const responses = bytes.map(decodeReceiveMessageResponse)
          const order = responses.map(({ content }) => content?.case)
          const status = responses.map(({ content }) => (content?.case === 'status' ? content.value : undefined)).find((one) => one !== undefined)
          resolve({ responses, bytes, order, answer: answerOf(status), ended })
        },
      },
      { ...rest, headers: clientId === '' ? headers : [[headerNames.clientId, clientId], ...headers] },
    )
    signal?.addEventListener('abort', () => call.cancel(), { once: true })
    call.send(request)
    call.halfClose()
  })
}

/** Lets the event loop turn until so many receives wait at the broker. */
export async function untilWaiting(broker: TestBroker, count: number): Promise<void> {
  const { delivery } = broker.broker.context
  await until(() => delivery.waiting === count, `${count} receives wait`)
}

/** Lets the event loop turn until something is so. @throws an Error when it is not after ten thousand turns. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    if (turn === 10_000) throw new Error(`it never came to this: ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Messages that entered a queue of the topic, and those that wait for their time. */
export function storedIn(broker: TestBroker, topic: string): number {
  const stats = broker.broker.context.delivery.topicStats(topic)
  return stats === undefined ? 0 : stats.stored + stats.delayed
}

/** A field of protobuf with a length: its tag byte, the length in the shortest form, the content. */
export function field(tag: number, content: Uint8Array): Uint8Array {
  const length: number[] = []
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest)
    if (rest <= 0x7f) return Buffer.concat([Uint8Array.of(tag, ...length), content])
  }
}

/** A SendMessageRequest of one message, of exactly these bytes. */
export const requestOf = (message: Uint8Array): Uint8Array => field(0x0a, message)
