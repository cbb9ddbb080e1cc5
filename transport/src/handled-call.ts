import type { HeaderReader, MessageBytes, Method, MethodHandler, Peer, RpcStatus, ServerCall } from './contract.ts'
import { checkHeader } from './headers.ts'
import { copyOf } from './message-bytes.ts'
import { RpcError } from './rpc-error.ts'
import type { ErrorReport } from './server-options.ts'

export interface Registration<State> {
  readonly method: Method
  readonly handler: MethodHandler<State>
}

export interface ArrivedCall {
  readonly headers: HeaderReader
  readonly peer: Peer
  readonly remaining: number | undefined
}

/**
 *   open ──end──▶ ended
 *   open ──lost──▶ cancelled
 */
type Phase = 'open' | 'ended' | 'cancelled'

/** The one request of a unary or server-stream call, kept until END_STREAM shows that it is the only one. */
type Request =
  | { readonly name: 'awaited' }
  | { readonly name: 'kept'; readonly message: Uint8Array }
  /** Streams, and single requests that were handed over. */
  | { readonly name: 'through' }

/**
 * The part of a server's call that is the same whatever carries it: its life, the single-request rule, and what a throwing handler leads to.
 * An implementation reports what arrives ({@link arrived} … {@link lost}) and carries out what goes out (the abstract methods).
 */
export abstract class HandledCall<State> implements ServerCall<State> {
  readonly method: Method
  readonly headers: HeaderReader
  readonly peer: Peer
  readonly remaining: number | undefined
  state: State | undefined
  readonly #handler: MethodHandler<State>
  readonly #onError: ErrorReport
  #phase: Phase = 'open'
  #request: Request
  #headers: [name: string, value: string][] | undefined
  #trailers: [name: string, value: string][] | undefined
  #sent = false

  constructor(registration: Registration<State>, arrived: ArrivedCall, onError: ErrorReport) {
    this.method = registration.method
    this.#handler = registration.handler
    this.headers = arrived.headers
    this.peer = arrived.peer
    this.remaining = arrived.remaining
    this.#onError = onError
    this.#request = isSingle(registration.method) ? AWAITED : THROUGH
  }

  get cancelled(): boolean {
    return this.#phase === 'cancelled'
  }

  get open(): boolean {
    return this.#phase === 'open'
  }

  send(message: MessageBytes): boolean {
    if (this.#phase === 'ended') throw new Error(`${this.method.path}: a message was sent after the end of the call`)
    if (this.#phase === 'cancelled') return true
    this.#sent = true
    return this.write(message)
  }

  sendLent(message: MessageBytes): boolean {
    if (this.#phase !== 'open') return this.send(message)
    this.#sent = true
    return this.writeLent(message)
  }

  setHeader(name: string, value: string): void {
    checkHeader(name, value)
    if (this.#sent) throw new Error(`${this.method.path}: the header ${name} was set after the first message, which took the headers with it`)
    this.#headers ??= []
    this.#headers.push([name, value])
  }

  /** Headers of the response that the handler set; undefined when it set none. */
  protected get responseHeaders(): readonly (readonly [name: string, value: string])[] | undefined {
    return this.#headers
  }

  setTrailer(name: string, value: string): void {
    checkHeader(name, value)
    this.#trailers ??= []
    this.#trailers.push([name, value])
  }

  end(status: RpcStatus = OK): void {
    if (this.#phase !== 'open') return
    this.#phase = 'ended'
    this.finish(status === OK ? OK : { code: status.code, message: wellFormed(status.message) }, this.#trailers ?? NONE)
  }

  fail(error: unknown): void {
    if (error instanceof RpcError) {
      this.end(error.status())
      return
    }
    this.#report(error)
    this.end({ code: 'INTERNAL', message: `the handler of ${this.method.path} failed` })
  }

  abstract pause(): void
  abstract resume(): void

  /** Takes the message for the wire; false when the peer reads slowly. */
  protected abstract write(message: MessageBytes): boolean
  /** The same, with bytes that are not to be looked at when it returns. */
  protected writeLent(message: MessageBytes): boolean {
    return this.write(copyOf(message))
  }
  /** Ends the call on the wire, after the messages written before. Called at most once. */
  protected abstract finish(status: RpcStatus, trailers: readonly (readonly [name: string, value: string])[]): void
  /** The handler is done with these borrowed bytes. */
  protected release(_message: Uint8Array): void {}

  arrived(): void {
    if (this.#handler.onStart !== undefined) this.#guard(() => this.#handler.onStart?.(this))
  }

  received(message: Uint8Array): void {
    if (this.#phase !== 'open') return
    switch (this.#request.name) {
      case 'awaited':
        this.#request = { name: 'kept', message }
        break
      case 'kept':
        this.#request = THROUGH
        this.refuse({ code: 'INTERNAL', message: `${this.method.path} takes one request, a second one came` })
        break
      case 'through':
        this.#deliver(message)
        break
    }
  }

  halfClosed(): void {
    if (this.#phase !== 'open') return
    switch (this.#request.name) {
      case 'awaited':
        this.refuse({ code: 'INTERNAL', message: `${this.method.path} takes one request, none came` })
        break
      case 'kept': {
        const { message } = this.#request
        this.#request = THROUGH
        this.#deliver(message)
        break
      }
      case 'through':
        this.#guard(() => this.#handler.onHalfClose?.(this))
        break
    }
  }

  drained(): void {
    if (this.#phase === 'open') this.#guard(() => this.#handler.onDrain?.(this))
  }

  /** The client cancelled, the deadline passed or the connection died. */
  lost(): void {
    if (this.#phase !== 'open') return
    this.#phase = 'cancelled'
    this.#request = THROUGH
    this.#guard(() => this.#handler.onCancel?.(this))
  }

  /** The transport itself ends the call; to its handler, which may have begun something, that is a cancellation. */
  refuse(status: RpcStatus): void {
    if (this.#phase !== 'open') return
    this.finish(status, NONE)
    this.lost()
  }

  #deliver(message: Uint8Array): void {
    // Not by way of a callback: this is done for each message.
    try {
      this.#handler.onMessage(this, message)
    } catch (error) {
      this.fail(error)
    }
    this.release(message)
  }

  #guard(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.fail(error)
    }
  }

  /** A report that itself fails must not take down the connection of everyone else. */
  #report(error: unknown): void {
    try {
      this.#onError(error, this)
    } catch (reportError) {
      console.error(`onError failed for ${this.method.path}:`, reportError, 'while reporting:', error)
    }
  }
}

const OK: RpcStatus = { code: 'OK', message: '' }
const NONE: readonly (readonly [name: string, value: string])[] = []
const AWAITED: Request = { name: 'awaited' }
const THROUGH: Request = { name: 'through' }

/** Half a surrogate pair has no UTF-8 form. Node 20 has `toWellFormed` already, the language version that the code is checked against has not. */
function wellFormed(text: string): string {
  return text === '' ? text : Buffer.from(text).toString()
}

/** Methods whose client sends exactly one message. */
export function isSingle(method: Method): boolean {
  return method.kind === 'unary' || method.kind === 'server-stream'
}
