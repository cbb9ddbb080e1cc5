import {
  decodeAckMessageRequest,
  decodeChangeInvisibleDurationRequest,
  decodeEndTransactionRequest,
  decodeForwardMessageToDeadLetterQueueRequest,
  decodeHeartbeatRequest,
  decodeNotifyClientTerminationRequest,
  decodeQueryAssignmentRequest,
  decodeQueryRouteRequest,
  decodeRecallMessageRequest,
  decodeReceiveMessageRequest,
  decodeSendMessageRequest,
  decodeTelemetryCommand,
  encodeAckMessageResponse,
  encodeChangeInvisibleDurationResponse,
  encodeEndTransactionResponse,
  encodeForwardMessageToDeadLetterQueueResponse,
  encodeHeartbeatResponse,
  encodeNotifyClientTerminationResponse,
  encodeQueryAssignmentResponse,
  encodeQueryRouteResponse,
  encodeRecallMessageResponse,
  encodeReceiveMessageResponse,
  encodeSendMessageResponse,
  encodeTelemetryCommand,
  type MessageInit,
  type MessageQueueInit,
  messagingService,
  type ReceiveMessageRequest,
  type Settings,
  type SettingsInit,
} from '@feathermq/protocol'
import { http2Transport, type Method, type Server, type ServerCall, unary } from '@feathermq/transport'

/** One call, as it came. */
export interface Call {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly request: unknown
  /** What was left of its time on arrival, ms. */
  readonly remaining: number | undefined
}

export const queuesPerBroker = 4
export const brokers: readonly string[] = ['broker-a', 'broker-b']
const ok = { status: { code: 'OK' } } as const

/** Answers every call as a healthy cluster would and keeps what came, so that what two clients send can be laid side by side. */
export class RecordingServer {
  readonly calls: Call[] = []
  readonly #server: Server
  readonly #waiting: ServerCall<undefined>[] = []
  readonly #undelivered: MessageInit[] = []
  #wake: () => void = () => {}
  /** What consumers are told of their group. */
  fifo = false
  address = ''

  private constructor() {
    this.#server = http2Transport().createServer({
      onError: (error) => this.calls.push({ method: 'error', headers: {}, request: error, remaining: 0 }),
    })
    this.#serve()
  }

  static async start(): Promise<RecordingServer> {
    const server = new RecordingServer()
    server.address = `127.0.0.1:${(await server.#server.listen('127.0.0.1', 0)).port}`
    return server
  }

  close(): Promise<void> {
    this.release()
    return this.#server.close()
  }

  of(method: string): readonly Call[] {
    return this.calls.filter((call) => call.method === method)
  }

  /** The first `count` calls of a method, as soon as they have come. */
  async first(method: string, count = 1): Promise<readonly Call[]> {
    while (this.of(method).length < count) {
      await new Promise<void>((resolve) => {
        const before = this.#wake
        this.#wake = () => {
          before()
          resolve()
        }
      })
    }
    return this.of(method).slice(0, count)
  }

  /** Ends open receives, as a broker does with those of a client that goes. */
  release(): void {
    for (const call of this.#waiting.splice(0)) this.#end(call)
  }

  /** Given to the next receive. */
  deliver(...messages: readonly MessageInit[]): void {
    this.#undelivered.push(...messages)
    const call = this.#waiting.shift()
    if (call !== undefined) this.#give(call)
  }

  #record(
    method: Method,
    call: { readonly headers: ServerCall<undefined>['headers']; readonly remaining: number | undefined },
    request: unknown,
  ): void {
    const { path } = method
    const name = path.slice(path.lastIndexOf('/') + 1)
    this.calls.push({ method: name, headers: Object.fromEntries(call.headers.entries()), request, remaining: call.remaining })
    const wake = this.#wake
    this.#wake = () => {}
    wake()
  }

  #unary<Request>(method: Method, decode: (bytes: Uint8Array) => Request, answer: (request: Request) => Uint8Array): void {
    this.#server.handle(
      method,
      unary((bytes, call) => {
        // Bytes are borrowed, and tests look at requests later.
        const request = decode(Uint8Array.from(bytes))
        this.#record(method, call, request)
        return answer(request)
      }),
    )
  }

  #serve(): void {
    const service = messagingService
    this.#unary(service.queryRoute, decodeQueryRouteRequest, ({ topic }) =>
      encodeQueryRouteResponse({ ...ok, messageQueues: this.#queues(topic?.name ?? '', topic?.resourceNamespace) }),
    )
    this.#unary(service.queryAssignment, decodeQueryAssignmentRequest, ({ topic }) => {
      const [queue] = this.#queues(topic?.name ?? '', topic?.resourceNamespace)
      return encodeQueryAssignmentResponse({ ...ok, assignments: [{ messageQueue: { ...queue, id: -1 } }] })
    })
    let offset = 0n
    this.#unary(service.sendMessage, decodeSendMessageRequest, ({ messages }) =>
      encodeSendMessageResponse({
        ...ok,
        entries: messages.map(({ systemProperties }) => {
          offset += 1n
          const transactionId = systemProperties?.messageType === 'TRANSACTION' ? `tx-${offset}` : undefined
          return { ...ok, messageId: systemProperties?.messageId, offset, transactionId }
        }),
      }),
    )
    this.#unary(service.ackMessage, decodeAckMessageRequest, ({ entries }) =>
      encodeAckMessageResponse({
        ...ok,
        entries: entries.map((entry) => ({ ...ok, messageId: entry.messageId, receiptHandle: entry.receiptHandle })),
      }),
    )
    this.#unary(service.changeInvisibleDuration, decodeChangeInvisibleDurationRequest, ({ receiptHandle }) =>
      encodeChangeInvisibleDurationResponse({ ...ok, receiptHandle: `${receiptHandle}+` }),
    )
    this.#unary(service.forwardMessageToDeadLetterQueue, decodeForwardMessageToDeadLetterQueueRequest, () =>
      encodeForwardMessageToDeadLetterQueueResponse(ok),
    )
    this.#unary(service.endTransaction, decodeEndTransactionRequest, () => encodeEndTransactionResponse(ok))
    this.#unary(service.recallMessage, decodeRecallMessageRequest, () => encodeRecallMessageResponse({ ...ok, messageId: 'recalled' }))
    this.#unary(service.heartbeat, decodeHeartbeatRequest, () => encodeHeartbeatResponse(ok))
    this.#unary(service.notifyClientTermination, decodeNotifyClientTerminationRequest, () => encodeNotifyClientTerminationResponse(ok))
    this.#server.handle<undefined>(service.receiveMessage, {
      onMessage: (call, bytes) => {
        const request: ReceiveMessageRequest = decodeReceiveMessageRequest(Uint8Array.from(bytes))
        this.#record(service.receiveMessage, call, request)
        if (this.#undelivered.length > 0) this.#give(call)
        else this.#waiting.push(call)
      },
      onCancel: (call) => {
        const index = this.#waiting.indexOf(call)
        if (index >= 0) this.#waiting.splice(index, 1)
      },
    })
    this.#server.handle<undefined>(service.telemetry, {
      onMessage: (call, bytes) => {
        const { command } = decodeTelemetryCommand(Uint8Array.from(bytes))
        if (command?.case !== 'settings') return
        this.#record(service.telemetry, call, command.value)
        call.send(encodeTelemetryCommand({ ...ok, command: { case: 'settings', value: this.#settings(command.value) } }))
      },
      onHalfClose: (call) => call.end(),
    })
  }

  #give(call: ServerCall<undefined>): void {
    for (const message of this.#undelivered.splice(0)) call.send(encodeReceiveMessageResponse({ content: { case: 'message', value: message } }))
    this.#end(call)
  }

  #end(call: ServerCall<undefined>): void {
    if (call.cancelled) return
    call.send(encodeReceiveMessageResponse({ content: { case: 'status', value: { code: 'OK' } } }))
    call.end()
  }

  /** Four queues on each of two brokers, one of which nobody may write to, and one that is a copy. */
  #queues(name: string, resourceNamespace: string | undefined): MessageQueueInit[] {
    const colon = this.address.lastIndexOf(':')
    const endpoints = { scheme: 'IPv4', addresses: [{ host: this.address.slice(0, colon), port: Number(this.address.slice(colon + 1)) }] } as const
    return brokers.flatMap((broker) =>
      Array.from({ length: queuesPerBroker }, (_, id) => ({
        topic: { name, resourceNamespace },
        id,
        permission: broker === 'broker-b' && id === 2 ? ('READ' as const) : ('READ_WRITE' as const),
        broker: { name: broker, id: broker === 'broker-b' && id === 3 ? 1 : 0, endpoints },
        acceptMessageTypes: ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION', 'PRIORITY'] as const,
      })),
    )
  }

  #settings(settings: Settings): SettingsInit {
    const { pubSub } = settings
    if (pubSub?.case !== 'subscription') {
      const value = { topics: pubSub?.value.topics, maxBodySize: 4_194_304, validateMessageType: true }
      return { ...settings, pubSub: { case: 'publishing', value } }
    }
    return {
      ...settings,
      backoffPolicy: { maxAttempts: 2, strategy: { case: 'customizedBackoff', value: { next: [{ nanos: 10_000_000 }, { seconds: 7 }] } } },
      pubSub: {
        case: 'subscription',
        value: { ...pubSub.value, fifo: this.fifo, receiveBatchSize: 32, longPollingTimeout: { seconds: 20 } },
      },
    }
  }
}
