import type { Code, Message, ReceiveMessageResponse, SettingsInit, SystemPropertiesInit, TelemetryCommand } from '@feathermq/protocol'
import {
  codeName,
  codeNumber,
  decodeAckMessageResponse,
  decodeChangeInvisibleDurationResponse,
  decodeForwardMessageToDeadLetterQueueResponse,
  decodeReceiveMessageResponse,
  decodeSendMessageResponse,
  decodeTelemetryCommand,
  durationFromMs,
  encodeAckMessageRequest,
  encodeChangeInvisibleDurationRequest,
  encodeForwardMessageToDeadLetterQueueRequest,
  encodeReceiveMessageRequest,
  encodeSendMessageRequest,
  encodeTelemetryCommand,
  headerNames,
  messagingService,
} from '@feathermq/protocol'
import { type Channel, type ClientCall, callUnary, type Method } from '@feathermq/transport'
import { type Duration, toMs } from '../duration.ts'

/** A message as this client got it. */
export interface RawMessage {
  readonly message: Message
  readonly messageId: string
  readonly receiptHandle: string
  readonly deliveryAttempt: number
  readonly body: string
}

export interface RawSend extends SystemPropertiesInit {
  readonly properties?: ReadonlyMap<string, string> | undefined
}

export interface RawReceive {
  readonly max?: number | undefined
  /** Default 10s. */
  readonly invisible?: Duration | undefined
  /** Default 0: answer at once. */
  readonly wait?: Duration | undefined
  readonly filter?: string | undefined
  readonly autoRenew?: boolean | undefined
  readonly attemptId?: string | undefined
  readonly signal?: AbortSignal | undefined
}

const name = (code: Code | number): Code | number => codeName(codeNumber(code))

/** Calls a broker by the bare protocol: no retries, no leases, no order of its own. For tests that look at what the broker does. */
export class RawClient {
  readonly clientId: string
  readonly #channel: Channel
  #sequence = 0

  constructor(channel: Channel, clientId: string) {
    this.#channel = channel
    this.clientId = clientId
  }

  /** One unary call. */
  call<T>(method: Method, request: Uint8Array, decode: (bytes: Uint8Array) => T, headers: readonly (readonly [string, string])[] = []): Promise<T> {
    return callUnary(this.#channel, method, request, decode, { timeout: 30_000, headers: [[headerNames.clientId, this.clientId], ...headers] })
  }

  /** Sends one message and answers its status code. */
  async send(topic: string, body: string, options: RawSend = {}): Promise<Code | number> {
    const { properties, ...system } = options
    const systemProperties = { messageId: `${this.clientId}-${++this.#sequence}`, ...system }
    const request = encodeSendMessageRequest({
      messages: [{ topic: { name: topic }, body: Buffer.from(body), userProperties: properties, systemProperties }],
    })
    const response = await this.call(messagingService.sendMessage, request, decodeSendMessageResponse)
    return name(response.status?.code ?? 0)
  }

  /** Everything that one ReceiveMessage streams. */
  receiveRaw(topic: string, group: string, options: RawReceive = {}): Promise<ReceiveMessageResponse[]> {
    const wait = toMs(options.wait ?? 0)
    const request = encodeReceiveMessageRequest({
      group: { name: group },
      messageQueue: { topic: { name: topic }, id: -1 },
      batchSize: options.max ?? 32,
      filterExpression: { type: 'TAG', expression: options.filter ?? '*' },
      invisibleDuration: durationFromMs(toMs(options.invisible ?? '10s')),
      autoRenew: options.autoRenew ?? false,
      longPollingTimeout: durationFromMs(wait),
      attemptId: options.attemptId,
    })
    return new Promise((resolve, reject) => {
      const responses: ReceiveMessageResponse[] = []
      const call = this.#channel.start(
        messagingService.receiveMessage,
        {
          // The bytes are borrowed; what is decoded keeps views of them.
          onMessage: (bytes) => void responses.push(decodeReceiveMessageResponse(new Uint8Array(bytes))),
          onEnd: (status) => (status.code === 'OK' ? resolve(responses) : reject(new Error(`${status.code}: ${status.message}`))),
        },
        { timeout: wait + 30_000, headers: [[headerNames.clientId, this.clientId]] },
      )
      options.signal?.addEventListener('abort', () => call.cancel(), { once: true })
      call.send(request)
      call.halfClose()
    })
  }

  async receive(topic: string, group: string, options: RawReceive = {}): Promise<RawMessage[]> {
    const messages: RawMessage[] = []
    for (const { content } of await this.receiveRaw(topic, group, options)) {
      if (content?.case === 'status' && content.value.code !== 'OK' && content.value.code !== 'MESSAGE_NOT_FOUND') {
        throw new Error(`${name(content.value.code)}: ${content.value.message}`)
      }
      if (content?.case !== 'message') continue
      const message = content.value
      const system = message.systemProperties
      messages.push({
        message,
        messageId: system?.messageId ?? '',
        receiptHandle: system?.receiptHandle ?? '',
        deliveryAttempt: system?.deliveryAttempt ?? 0,
        body: Buffer.from(message.body).toString(),
      })
    }
    return messages
  }

  async ack(topic: string, group: string, message: RawMessage | undefined): Promise<Code | number> {
    const entries = [{ messageId: message?.messageId ?? '', receiptHandle: message?.receiptHandle ?? '' }]
    const request = encodeAckMessageRequest({ topic: { name: topic }, group: { name: group }, entries })
    const response = await this.call(messagingService.ackMessage, request, decodeAckMessageResponse)
    return name(response.status?.code ?? 0)
  }

  /** ChangeInvisibleDuration. `error` is what the consumer says went wrong. */
  async change(
    topic: string,
    group: string,
    message: RawMessage,
    duration: Duration,
    error?: string,
  ): Promise<{ readonly code: Code | number; readonly receiptHandle: string }> {
    const request = encodeChangeInvisibleDurationRequest({
      topic: { name: topic },
      group: { name: group },
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
      invisibleDuration: durationFromMs(toMs(duration)),
    })
    const response = await this.call(messagingService.changeInvisibleDuration, request, decodeChangeInvisibleDurationResponse, said(error))
    return { code: name(response.status?.code ?? 0), receiptHandle: response.receiptHandle }
  }

  async deadLetter(topic: string, group: string, message: RawMessage, error?: string): Promise<Code | number> {
    const request = encodeForwardMessageToDeadLetterQueueRequest({
      topic: { name: topic },
      group: { name: group },
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
    })
    const response = await this.call(
      messagingService.forwardMessageToDeadLetterQueue,
      request,
      decodeForwardMessageToDeadLetterQueueResponse,
      said(error),
    )
    return name(response.status?.code ?? 0)
  }

  /** Opens Telemetry and sends settings; answers what the broker said first. */
  async telemetry(
    settings: SettingsInit,
  ): Promise<{ readonly answer: TelemetryCommand; readonly next: () => Promise<TelemetryCommand>; close(): void }> {
    const commands: TelemetryCommand[] = []
    const waiting: { resolve(command: TelemetryCommand): void; reject(error: Error): void }[] = []
    let failed: Error | undefined
    const call: ClientCall = this.#channel.start(
      messagingService.telemetry,
      {
        onMessage(bytes) {
          const command = decodeTelemetryCommand(new Uint8Array(bytes))
          const waiter = waiting.shift()
          if (waiter === undefined) commands.push(command)
          else waiter.resolve(command)
        },
        onEnd(status) {
          failed = new Error(`${status.code}: ${status.message}`)
          for (const { reject } of waiting.splice(0)) reject(failed)
        },
      },
      { headers: [[headerNames.clientId, this.clientId]], background: true },
    )
    call.send(encodeTelemetryCommand({ command: { case: 'settings', value: settings } }))
    const next = (): Promise<TelemetryCommand> => {
      const command = commands.shift()
      if (command !== undefined) return Promise.resolve(command)
      if (failed !== undefined) return Promise.reject(failed)
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    }
    return { answer: await next(), next, close: () => call.cancel() }
  }
}

const said = (error: string | undefined): readonly (readonly [string, string])[] =>
  error === undefined ? [] : [['x-feathermq-error', encodeURIComponent(error)]]
