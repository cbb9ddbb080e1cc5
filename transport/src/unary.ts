import type {
  CallOptions,
  Channel,
  ClientCall,
  ClientCallHandler,
  HeaderReader,
  MessageBytes,
  Method,
  MethodHandler,
  RpcStatus,
  ServerCall,
} from './contract.ts'
import { RpcError } from './rpc-error.ts'

/**
 * The usual form of a unary method: one message in, one out.
 *
 * Bytes returned without a promise are the fast path: nothing is allocated for them. The request is borrowed, so an asynchronous `serve` decodes it
 * before its first `await`. A rejection (or throw) with an {@link RpcError} ends the call with its status, any other with INTERNAL, and the server's
 * `onError` hears of it. A call that was cancelled meanwhile is not answered.
 */
export function unary(serve: (request: Uint8Array, call: ServerCall<undefined>) => MessageBytes | Promise<MessageBytes>): MethodHandler {
  return {
    onMessage(call, message) {
      const answer = serve(message, call)
      if (!isPromise(answer)) {
        reply(call, answer)
        return
      }
      answer.then((bytes) => reply(call, bytes)).catch((error: unknown) => call.fail(error))
    },
  }
}

export interface UnaryCallOptions extends CallOptions {
  /** Cancels the call; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes one unary call.
 *
 * `decode` runs while the response is borrowed, so that nothing is copied: what it returns must not keep the bytes.
 *
 * @throws {RpcError} for every status but OK; INTERNAL when the server answered with no message or two, or when `decode` threw (its error is the cause).
 * An aborted signal rejects with its reason instead.
 */
export function callUnary<T>(
  channel: Channel,
  method: Method,
  message: MessageBytes,
  decode: (bytes: Uint8Array) => T,
  options: UnaryCallOptions = {},
): Promise<T> {
  const { signal } = options
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const exchange = new UnaryExchange(channel, method, decode, resolve, reject, signal)
    exchange.begin(channel.start(method, exchange, options), message)
  })
}

type ExchangeState<T> =
  | { readonly name: 'waiting' }
  | { readonly name: 'answered'; readonly value: T }
  /** The call was cancelled from here; its end rejects nothing any more. */
  | { readonly name: 'settled' }

class UnaryExchange<T> implements ClientCallHandler {
  readonly #channel: Channel
  readonly #method: Method
  readonly #decode: (bytes: Uint8Array) => T
  readonly #resolve: (value: T) => void
  readonly #reject: (reason: unknown) => void
  readonly #signal: AbortSignal | undefined
  readonly #onAbort: (() => void) | undefined
  #call: ClientCall | undefined
  #state: ExchangeState<T> = { name: 'waiting' }

  constructor(
    channel: Channel,
    method: Method,
    decode: (bytes: Uint8Array) => T,
    resolve: (value: T) => void,
    reject: (reason: unknown) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#channel = channel
    this.#method = method
    this.#decode = decode
    this.#resolve = resolve
    this.#reject = reject
    this.#signal = signal
    if (signal !== undefined) {
      this.#onAbort = () => this.#giveUp(signal.reason)
      signal.addEventListener('abort', this.#onAbort)
    }
  }

  begin(call: ClientCall, message: MessageBytes): void {
    this.#call = call
    call.send(message)
    call.halfClose()
  }

  onMessage(message: Uint8Array): void {
    if (this.#state.name === 'settled') return
    if (this.#state.name === 'answered') {
      this.#giveUp(this.#error('INTERNAL', 'the server answered a unary call with more than one message'))
      return
    }
    try {
      this.#state = { name: 'answered', value: this.#decode(message) }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      this.#giveUp(this.#error('INTERNAL', `the response cannot be decoded: ${reason}`, { cause }))
    }
  }

  onEnd(status: RpcStatus, trailers: HeaderReader): void {
    const state = this.#settle()
    if (state.name === 'settled') return
    if (status.code !== 'OK') this.#reject(this.#error(status.code, status.message, { trailers }))
    else if (state.name === 'waiting')
      this.#reject(this.#error('INTERNAL', 'the server ended a unary call with OK but without a message', { trailers }))
    else this.#resolve(state.value)
  }

  #giveUp(reason: unknown): void {
    if (this.#settle().name === 'settled') return
    this.#call?.cancel()
    this.#reject(reason)
  }

  #settle(): ExchangeState<T> {
    const left = this.#state
    this.#state = { name: 'settled' }
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort)
    return left
  }

  #error(code: RpcStatus['code'], details: string, more: { cause?: unknown; trailers?: HeaderReader } = {}): RpcError {
    return new RpcError(code, details, { context: `${this.#method.path} at ${this.#channel.address}`, ...more })
  }
}

function reply(call: ServerCall<undefined>, bytes: MessageBytes): void {
  if (call.cancelled) return
  call.send(bytes)
  call.end()
}

/** Thenables of other libraries count as well. */
function isPromise(answer: MessageBytes | Promise<MessageBytes>): answer is Promise<MessageBytes> {
  return typeof (answer as { then?: unknown }).then === 'function'
}
