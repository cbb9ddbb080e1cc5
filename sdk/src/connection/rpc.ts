import type { Status } from '@feathermq/protocol'
import { type Channel, type ClientCall, callUnary, type HeaderTemplate, type Method, RpcError } from '@feathermq/transport/client'
import { crypto } from '../builtins.ts'
import { abortable } from '../deferred.ts'
import { clientError, type FeatherMQError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { suppressed } from '../telemetry/suppress.ts'
import type { Channels } from './channels.ts'
import type { Endpoint } from './endpoint.ts'
import { type CallContext, isTransportFailure, transportFailure } from './failure.ts'
import type { CallHeaders } from './identity.ts'

export interface UnaryOptions {
  /** Ms; default the client's request timeout. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Does not keep the process alive. Default false. */
  readonly background?: boolean | undefined
  /** Headers of this call alone, e.g. its trace context. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined
  /** Leave the call visible to the application's own instrumentation. Default false: what the client does in the background is not traced. */
  readonly traced?: boolean | undefined
  readonly topic?: string | undefined
  readonly group?: string | undefined
}

export interface Answer<T> {
  readonly value: T
  readonly context: CallContext
}

/** Told about every call, so that health and leases can follow. */
export interface RpcObserver {
  onContact(endpoint: Endpoint): void
  /** @param operation the RPC that failed, e.g. `Telemetry` */
  onTransportFailure(endpoint: Endpoint, address: string, operation: string, failure: FeatherMQError): void
}

export interface StreamHandler {
  /** The bytes are borrowed. */
  onMessage(bytes: Uint8Array): void
  /** Called once: undefined for a regular end. */
  onEnd(failure: FeatherMQError | undefined): void
}

export type StreamOptions = Pick<UnaryOptions, 'timeout' | 'background' | 'headers' | 'topic' | 'group'>

/** The calls of one producer or consumer: headers, time limits, errors of one family. */
export class Rpc {
  readonly headers: CallHeaders
  readonly requestTimeout: number
  readonly #channels: Channels
  readonly #logger: Logger
  readonly #observer: RpcObserver
  readonly #templates = new WeakMap<Channel, { readonly headers: readonly unknown[]; readonly template: HeaderTemplate }>()

  constructor(channels: Channels, headers: CallHeaders, requestTimeout: number, logger: Logger, observer: RpcObserver) {
    this.#channels = channels
    this.headers = headers
    this.requestTimeout = requestTimeout
    this.#logger = logger
    this.#observer = observer
  }

  /**
   * One unary call. Resolves with whatever status the server gave; rejects with a FeatherMQError when there was no answer, and with the signal's reason
   * when that aborts.
   */
  async unary<T extends { readonly status: Status | undefined }>(
    endpoint: Endpoint,
    method: Method,
    request: Uint8Array,
    decode: (bytes: Uint8Array) => T,
    options: UnaryOptions = {},
  ): Promise<Answer<T>> {
    const missing = this.headers.missing()
    if (missing !== undefined) await (options.signal === undefined ? missing : abortable(missing, options.signal))
    // One function awaits all: each more on the way would cost a promise for each message that is sent.
    for (let last = false; ; last = true) {
      const { address } = endpoint
      const requestId = crypto().randomUUID()
      const context: CallContext = { operation: operationOf(method), endpoint: address, requestId, topic: options.topic, group: options.group }
      let value: T
      try {
        value = await this.#call(address, requestId, method, request, decode, options)
      } catch (error) {
        if (options.signal?.aborted) throw options.signal.reason
        throw this.#failed(endpoint, error, context)
      }
      this.#observer.onContact(endpoint)
      const { status } = value
      if (last || status === undefined || status.code === 'OK') return { value, context }
      if (this.headers.fallBackIfRefused(status.message)) this.#tellFallBack(context)
      else if (status.code !== 'UNAUTHORIZED' || !(await this.headers.renew())) return { value, context }
    }
  }

  #call<T>(
    address: string,
    requestId: string,
    method: Method,
    request: Uint8Array,
    decode: (bytes: Uint8Array) => T,
    options: UnaryOptions,
  ): Promise<T> {
    const channel = this.#channels.get(address)
    const call = {
      timeout: options.timeout ?? this.requestTimeout,
      template: this.#template(channel),
      headers: this.#perCall(requestId, options.headers),
      background: options.background,
      signal: options.signal,
    }
    if (options.traced === true) return callUnary(channel, method, request, decode, call)
    return suppressed(() => callUnary(channel, method, request, decode, call))
  }

  /** One call whose answers come one by one. The request is sent and the sending side closed. */
  serverStream(endpoint: Endpoint, method: Method, request: Uint8Array, handler: StreamHandler, options: StreamOptions = {}): ClientCall {
    const call = this.#start(endpoint, method, handler, options)
    call.send(request)
    call.halfClose()
    return call
  }

  /** One call that stays open in both directions and does not keep the process alive. */
  bidi(endpoint: Endpoint, method: Method, handler: StreamHandler): ClientCall {
    return this.#start(endpoint, method, handler, { background: true })
  }

  /** The context of errors that concern this endpoint but no single call. */
  contextOf(endpoint: Endpoint, operation: string): CallContext {
    return { operation, endpoint: endpoint.address }
  }

  /** Changes the language header if that is what the text complains of. */
  fallBackIfRefused(text: string, context: CallContext): boolean {
    if (!this.headers.fallBackIfRefused(text)) return false
    this.#tellFallBack(context)
    return true
  }

  #start(endpoint: Endpoint, method: Method, handler: StreamHandler, options: StreamOptions): ClientCall {
    const { address } = endpoint
    const requestId = crypto().randomUUID()
    const context: CallContext = { operation: operationOf(method), endpoint: address, requestId, topic: options.topic, group: options.group }
    const channel = this.#channels.get(address)
    let contact = false
    const begin = () =>
      channel.start(
        method,
        {
          onMessage: (bytes) => {
            if (!contact) this.#observer.onContact(endpoint)
            contact = true
            handler.onMessage(bytes)
          },
          onEnd: (status, trailers) => {
            if (status.code === 'OK') handler.onEnd(undefined)
            else handler.onEnd(this.#failed(endpoint, new RpcError(status.code, status.message, { trailers }), context))
          },
        },
        {
          timeout: options.timeout,
          template: this.#template(channel),
          headers: this.#perCall(requestId, options.headers),
          background: options.background,
        },
      )
    return suppressed(begin)
  }

  #failed(endpoint: Endpoint, error: unknown, context: CallContext): FeatherMQError {
    const failure = transportFailure(error, context)
    if (isTransportFailure(failure)) this.#observer.onTransportFailure(endpoint, context.endpoint ?? endpoint.address, context.operation, failure)
    return failure
  }

  #perCall(requestId: string, more: UnaryOptions['headers']): NonNullable<UnaryOptions['headers']> {
    const headers = this.headers.perCall(requestId)
    return more === undefined ? headers : [...headers, ...more]
  }

  #template(channel: Channel): HeaderTemplate {
    const known = this.#templates.get(channel)
    const headers = this.headers.constant()
    if (known?.headers === headers) return known.template
    const template = channel.template(headers)
    this.#templates.set(channel, { headers, template })
    return template
  }

  #tellFallBack(context: CallContext): void {
    this.#logger.info(
      { event: 'language-fall-back', clientId: this.headers.clientId, endpoint: context.endpoint },
      'the server does not know the language NODE_JS; calling as HTTP from now on',
    )
  }
}

/** An answer that misses what the protocol promises. */
export function badResponse(context: CallContext, what: string, retryable = false): FeatherMQError {
  return clientError('BAD_RESPONSE', `${context.operation} at ${context.endpoint ?? 'the server'} was answered ${what}`, { ...context, retryable })
}

const operations = new Map<Method, string>()

function operationOf(method: Method): string {
  const known = operations.get(method)
  if (known !== undefined) return known
  const operation = method.path.slice(method.path.lastIndexOf('/') + 1)
  operations.set(method, operation)
  return operation
}
