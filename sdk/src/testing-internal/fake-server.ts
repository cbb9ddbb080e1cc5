import {
  type AckMessageRequest,
  type AckMessageResponseInit,
  type ChangeInvisibleDurationRequest,
  type ChangeInvisibleDurationResponseInit,
  type Code,
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
  type EndTransactionRequest,
  type EndTransactionResponseInit,
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
  type ForwardMessageToDeadLetterQueueRequest,
  type ForwardMessageToDeadLetterQueueResponseInit,
  type HeartbeatRequest,
  type HeartbeatResponseInit,
  type MessageInit,
  type MessageQueueInit,
  messagingService,
  type NotifyClientTerminationRequest,
  type QueryAssignmentRequest,
  type QueryAssignmentResponseInit,
  type QueryRouteRequest,
  type QueryRouteResponseInit,
  type RecallMessageRequest,
  type RecallMessageResponseInit,
  type ReceiveMessageRequest,
  type SendMessageRequest,
  type SendMessageResponseInit,
  type Settings,
  type SettingsInit,
  type TelemetryCommand,
  type TelemetryCommandInit,
} from '@feathermq/protocol'
import {
  type HeaderReader,
  type Method,
  type MethodHandler,
  RpcError,
  type RpcStatus,
  type Server,
  type ServerCall,
  type ServerTls,
  type Transport,
  unary,
} from '@feathermq/transport'
import { EventLog } from './event-log.ts'

/** One call that the server got. */
export interface Recorded<T> {
  readonly request: T
  readonly headers: Readonly<Record<string, string>>
  /** What was left of the call's time on arrival, ms. */
  readonly remaining: number | undefined
}

/** An open receive; the test answers it. */
export interface Receive extends Recorded<ReceiveMessageRequest> {
  readonly cancelled: boolean
  message(message: MessageInit): void
  /** Any bytes, for what no server should send. */
  raw(bytes: Uint8Array): void
  end(code?: Code, text?: string): void
  /** Breaks off without a status of the protocol. */
  fail(status: RpcStatus): void
}

/** An open telemetry stream. */
export interface Stream {
  readonly headers: Readonly<Record<string, string>>
  readonly commands: EventLog<TelemetryCommand>
  send(command: TelemetryCommandInit): void
  end(status?: RpcStatus): void
}

/** What happens to a call instead of its answer. */
export type CallFault =
  /** Answered by a code of the protocol alone. */
  | { readonly kind: 'code'; readonly code: Code }
  /** Ended by a status of gRPC. */
  | { readonly kind: 'rpc'; readonly status: RpcStatus }
  /** Answered by any bytes. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Never answered. */
  | { readonly kind: 'silence' }

/** In every response of the protocol the status is field 1, in those of a stream among others. */
function faultBytes(fault: Extract<CallFault, { readonly kind: 'code' | 'bytes' }>): Uint8Array {
  return fault.kind === 'bytes' ? fault.bytes : encodeHeartbeatResponse({ status: { code: fault.code, message: 'as the test wants it' } })
}

type Answer<Request, Response> = (request: Request, call: Recorded<Request>) => Response | Promise<Response>

export const policy: SettingsInit['backoffPolicy'] = {
  maxAttempts: 17,
  strategy: { case: 'customizedBackoff', value: { next: [{ seconds: 1 }, { seconds: 5 }, { seconds: 10 }, { seconds: 30 }] } },
}

/**
 * A server by script: answers everything as a healthy one would until a test says otherwise, and records every call. Receives stay open until the test
 * answers them.
 */
export class FakeServer {
  readonly routes = new EventLog<Recorded<QueryRouteRequest>>()
  readonly assignments = new EventLog<Recorded<QueryAssignmentRequest>>()
  readonly sends = new EventLog<Recorded<SendMessageRequest>>()
  readonly acks = new EventLog<Recorded<AckMessageRequest>>()
  readonly changes = new EventLog<Recorded<ChangeInvisibleDurationRequest>>()
  readonly deadLetters = new EventLog<Recorded<ForwardMessageToDeadLetterQueueRequest>>()
  readonly ends = new EventLog<Recorded<EndTransactionRequest>>()
  readonly recalls = new EventLog<Recorded<RecallMessageRequest>>()
  readonly heartbeats = new EventLog<Recorded<HeartbeatRequest>>()
  readonly terminations = new EventLog<Recorded<NotifyClientTerminationRequest>>()
  readonly receives = new EventLog<Receive>()
  /** Receives that went wrong by {@link fault}. */
  readonly faulted = new EventLog<Receive>()
  readonly streams = new EventLog<Stream>()
  readonly settings = new EventLog<Settings>()
  readonly cancels = new EventLog<string>()
  readonly halfCloses = new EventLog<Stream>()
  /** Open receives that nobody has answered. */
  readonly polls: Receive[] = []

  onRoute: Answer<QueryRouteRequest, QueryRouteResponseInit> = (request) => ({
    status: { code: 'OK' },
    messageQueues: this.queues(request.topic?.name ?? ''),
  })
  onAssignment: Answer<QueryAssignmentRequest, QueryAssignmentResponseInit> = (request) => ({
    status: { code: 'OK' },
    assignments: [{ messageQueue: { ...this.queue(request.topic?.name ?? '', -1), id: -1 } }],
  })
  onSend: Answer<SendMessageRequest, SendMessageResponseInit> = (request) => ({
    status: { code: 'OK' },
    entries: request.messages.map((message) => ({
      status: { code: 'OK' },
      messageId: message.systemProperties?.messageId,
      offset: BigInt(this.sends.all.length - 1),
      transactionId: message.systemProperties?.messageType === 'TRANSACTION' ? `tx-${this.sends.all.length}` : undefined,
      recallHandle: message.systemProperties?.messageType === 'DELAY' ? `recall-${this.sends.all.length}` : undefined,
    })),
  })
  onAck: Answer<AckMessageRequest, AckMessageResponseInit> = (request) => ({
    status: { code: 'OK' },
    entries: request.entries.map(({ messageId, receiptHandle }) => ({ messageId, receiptHandle, status: { code: 'OK' } })),
  })
  onChange: Answer<ChangeInvisibleDurationRequest, ChangeInvisibleDurationResponseInit> = (request) => ({
    status: { code: 'OK' },
    receiptHandle: `${request.receiptHandle}+`,
  })
  onDeadLetter: Answer<ForwardMessageToDeadLetterQueueRequest, ForwardMessageToDeadLetterQueueResponseInit> = () => ({ status: { code: 'OK' } })
  onEnd: Answer<EndTransactionRequest, EndTransactionResponseInit> = () => ({ status: { code: 'OK' } })
  onRecall: Answer<RecallMessageRequest, RecallMessageResponseInit> = () => ({ status: { code: 'OK' }, messageId: 'recalled' })
  onHeartbeat: Answer<HeartbeatRequest, HeartbeatResponseInit> = () => ({ status: { code: 'OK' } })
  /** Called for every settings that a client sends; undefined = no answer. */
  onSettings: (settings: Settings, stream: Stream) => TelemetryCommandInit | undefined = (settings) => ({
    status: { code: 'OK' },
    command: { case: 'settings', value: this.settingsFor(settings) },
  })
  /** What goes wrong, by the name of the RPC; undefined: nothing. It comes before any answer. */
  fault: (rpc: string) => CallFault | undefined = () => undefined
  /** What is pushed to consumers about the order of their group; undefined = as the client asks. */
  fifo: boolean | undefined
  backoffPolicy: SettingsInit['backoffPolicy'] = policy
  queueCount = 4
  port = 0
  readonly #server: Server

  private constructor(transport: Transport, tls: ServerTls | undefined) {
    this.#server = transport.createServer({ tls, onError: (error) => this.errors.push(error) })
  }

  /** What handlers of this server threw by mistake. */
  readonly errors: unknown[] = []

  static async start(transport: Transport, port = 0, tls?: ServerTls, host = '127.0.0.1'): Promise<FakeServer> {
    const fake = new FakeServer(transport, tls)
    fake.#handle()
    fake.port = (await fake.#server.listen(host, port)).port
    return fake
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  async close(): Promise<void> {
    await this.#server.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  queue(topic: string, id: number, address: string = this.address): MessageQueueInit {
    const colon = address.lastIndexOf(':')
    return {
      topic: { name: topic },
      id,
      permission: 'READ_WRITE',
      broker: {
        name: 'broker-a',
        id: 0,
        endpoints: { scheme: 'IPv4', addresses: [{ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) }] },
      },
      acceptMessageTypes: ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION'],
    }
  }

  queues(topic: string): MessageQueueInit[] {
    return Array.from({ length: this.queueCount }, (_, id) => this.queue(topic, id))
  }

  settingsFor(settings: Settings): SettingsInit {
    const { pubSub } = settings
    if (pubSub?.case === 'subscription') {
      const { value } = pubSub
      return {
        ...settings,
        backoffPolicy: this.backoffPolicy,
        pubSub: {
          case: 'subscription',
          value: { ...value, fifo: this.fifo ?? value.fifo ?? false, receiveBatchSize: 32, longPollingTimeout: { seconds: 20 } },
        },
      }
    }
    return {
      ...settings,
      backoffPolicy: {
        maxAttempts: 3,
        strategy: { case: 'exponentialBackoff', value: { initial: { nanos: 10_000_000 }, max: { seconds: 1 }, multiplier: 2 } },
      },
      pubSub: { case: 'publishing', value: { topics: pubSub?.value.topics, maxBodySize: 4_194_304, validateMessageType: true } },
    }
  }

  /** Answers the next receive that nobody has cancelled with these messages. */
  async deliver(...messages: MessageInit[]): Promise<Receive> {
    let receive = await this.receives.next()
    while (receive.cancelled) receive = await this.receives.next()
    for (const message of messages) receive.message(message)
    receive.end()
    return receive
  }

  #handle(): void {
    const service = messagingService
    this.#unary(service.queryRoute, this.routes, decodeQueryRouteRequest, encodeQueryRouteResponse, () => this.onRoute)
    this.#unary(service.queryAssignment, this.assignments, decodeQueryAssignmentRequest, encodeQueryAssignmentResponse, () => this.onAssignment)
    this.#unary(service.sendMessage, this.sends, decodeSendMessageRequest, encodeSendMessageResponse, () => this.onSend)
    this.#unary(service.ackMessage, this.acks, decodeAckMessageRequest, encodeAckMessageResponse, () => this.onAck)
    this.#unary(
      service.changeInvisibleDuration,
      this.changes,
      decodeChangeInvisibleDurationRequest,
      encodeChangeInvisibleDurationResponse,
      () => this.onChange,
    )
    this.#unary(
      service.forwardMessageToDeadLetterQueue,
      this.deadLetters,
      decodeForwardMessageToDeadLetterQueueRequest,
      encodeForwardMessageToDeadLetterQueueResponse,
      () => this.onDeadLetter,
    )
    this.#unary(service.endTransaction, this.ends, decodeEndTransactionRequest, encodeEndTransactionResponse, () => this.onEnd)
    this.#unary(service.recallMessage, this.recalls, decodeRecallMessageRequest, encodeRecallMessageResponse, () => this.onRecall)
    this.#unary(service.heartbeat, this.heartbeats, decodeHeartbeatRequest, encodeHeartbeatResponse, () => this.onHeartbeat)
    this.#unary(
      service.notifyClientTermination,
      this.terminations,
      decodeNotifyClientTerminationRequest,
      encodeNotifyClientTerminationResponse,
      () => () => ({
        status: { code: 'OK' as const },
      }),
    )
    this.#server.handle(service.receiveMessage, this.#receiveHandler())
    this.#server.handle(service.telemetry, this.#telemetryHandler())
  }

  #unary<Request, Response>(
    method: Method,
    log: EventLog<Recorded<Request>>,
    decode: (bytes: Uint8Array) => Request,
    encode: (response: Response) => Uint8Array,
    answer: () => Answer<Request, Response>,
  ): void {
    const handler = unary((bytes, call) => {
      // Bytes are borrowed, and tests look at requests later.
      const request = decode(Uint8Array.from(bytes))
      const recorded = { request, headers: headersOf(call.headers), remaining: call.remaining }
      log.push(recorded)
      const fault = this.fault(rpcOf(method))
      switch (fault?.kind) {
        case 'rpc':
          throw new RpcError(fault.status.code, fault.status.message)
        case 'silence':
          return new Promise<Uint8Array>(() => {})
        case 'code':
        case 'bytes':
          return faultBytes(fault)
      }
      const response = answer()(request, recorded)
      return response instanceof Promise ? response.then(encode) : encode(response)
    })
    this.#server.handle(method, { ...handler, onCancel: () => this.cancels.push(method.path) })
  }

  #receiveHandler(): MethodHandler<Receive> {
    return {
      onMessage: (call, bytes) => {
        const receive = this.#receive(call, decodeReceiveMessageRequest(Uint8Array.from(bytes)))
        call.state = receive
        const fault = this.fault(rpcOf(call.method))
        if (fault === undefined) {
          this.polls.push(receive)
          this.receives.push(receive)
          return
        }
        this.faulted.push(receive)
        if (fault.kind === 'silence') return
        if (fault.kind !== 'rpc') receive.raw(faultBytes(fault))
        call.end(fault.kind === 'rpc' ? fault.status : undefined)
      },
      onCancel: (call) => {
        if (call.state !== undefined) this.#answered(call.state)
        this.cancels.push(call.method.path)
      },
    }
  }

  #receive(call: ServerCall<Receive>, request: ReceiveMessageRequest): Receive {
    const receive: Receive = {
      request,
      headers: headersOf(call.headers),
      remaining: call.remaining,
      get cancelled() {
        return call.cancelled
      },
      message: (message) => receive.raw(encodeReceiveMessageResponse({ content: { case: 'message', value: message } })),
      raw: (bytes) => void call.send(bytes),
      end: (code = 'OK', text = '') => {
        this.#answered(receive)
        if (call.cancelled) return
        call.send(encodeReceiveMessageResponse({ content: { case: 'status', value: { code, message: text } } }))
        call.end()
      },
      fail: (status) => {
        this.#answered(receive)
        call.end(status)
      },
    }
    return receive
  }

  #answered(receive: Receive): void {
    const index = this.polls.indexOf(receive)
    if (index >= 0) this.polls.splice(index, 1)
  }

  #telemetryHandler(): MethodHandler<Stream> {
    return {
      onStart: (call) => {
        const stream: Stream = {
          headers: headersOf(call.headers),
          commands: new EventLog(),
          send: (command) => void call.send(encodeTelemetryCommand(command)),
          end: (status) => call.end(status),
        }
        call.state = stream
        this.streams.push(stream)
      },
      onMessage: (call, bytes) => {
        const command = decodeTelemetryCommand(Uint8Array.from(bytes))
        const stream = call.state
        if (stream === undefined) throw new RpcError('INTERNAL', 'no stream')
        stream.commands.push(command)
        if (command.command?.case !== 'settings') return
        this.settings.push(command.command.value)
        const fault = this.fault(rpcOf(call.method))
        if (fault !== undefined) {
          if (fault.kind === 'rpc') call.end(fault.status)
          else if (fault.kind !== 'silence') call.send(faultBytes(fault))
          return
        }
        const answer = this.onSettings(command.command.value, stream)
        if (answer !== undefined) stream.send(answer)
      },
      onHalfClose: (call) => {
        if (call.state !== undefined) this.halfCloses.push(call.state)
        call.end()
      },
      onCancel: (call) => this.cancels.push(call.method.path),
    }
  }
}

function rpcOf(method: Method): string {
  return method.path.slice(method.path.lastIndexOf('/') + 1)
}

function headersOf(reader: HeaderReader): Readonly<Record<string, string>> {
  return Object.fromEntries(reader.entries())
}

let lastMessage = 0

/** A message as a server delivers it. */
export function delivered(fields: {
  readonly topic?: string
  readonly body?: string | Uint8Array
  readonly id?: string
  readonly group?: string
  readonly attempt?: number
  readonly system?: MessageInit['systemProperties']
  readonly properties?: ReadonlyMap<string, string>
}): MessageInit {
  lastMessage += 1
  const id = fields.id ?? `m${lastMessage}`
  const body = fields.body ?? id
  return {
    topic: { name: fields.topic ?? 'orders' },
    userProperties: fields.properties,
    systemProperties: {
      messageId: id,
      receiptHandle: `handle-${id}`,
      bodyEncoding: 'IDENTITY',
      messageType: fields.group === undefined ? 'NORMAL' : 'FIFO',
      messageGroup: fields.group,
      deliveryAttempt: fields.attempt ?? 1,
      bornTimestamp: { seconds: 1_767_225_600 },
      bornHost: 'there',
      queueId: 0,
      queueOffset: 0n,
      ...fields.system,
    },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  }
}
