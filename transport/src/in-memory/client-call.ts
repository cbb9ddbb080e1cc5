import type { Timer } from '../clock.ts'
import type { CallOptions, ClientCall, ClientCallHandler, HeaderReader, MessageBytes, Method, RpcStatus } from '../contract.ts'
import { checkHeader, HeaderList, noHeaders } from '../headers.ts'
import { reportLater } from '../report-later.ts'
import { runApart } from '../run-apart.ts'
import { clampTimeout } from '../timeout.ts'
import type { Connection } from './connection.ts'
import { Flow } from './flow.ts'
import type { Network } from './network.ts'
import { MemoryServerCall, POISON } from './server-call.ts'

export interface CallOwner {
  readonly maxReceiveMessageBytes: number
  /** The call is over; nothing of it may be kept. */
  onCallEnd(call: MemoryClientCall): void
}

type CallState =
  | { readonly name: 'pending' }
  /** On its way; the server has not seen it yet. */
  | { readonly name: 'travelling'; readonly connection: Connection }
  | { readonly name: 'open'; readonly connection: Connection; readonly server: MemoryServerCall | undefined }
  | { readonly name: 'ended' }

export class MemoryClientCall implements ClientCall {
  readonly options: CallOptions
  readonly requests: Flow
  readonly responses: Flow
  readonly #network: Network
  readonly #owner: CallOwner
  readonly #method: Method
  readonly #handler: ClientCallHandler
  readonly #headers: HeaderList
  readonly #timeout: number | undefined
  /** Monotonic ms; undefined without a timeout. */
  readonly #deadline: number | undefined
  #timer: Timer | undefined
  #state: CallState = { name: 'pending' }
  #headersSeen = false
  /** Headers of the response that the server set. */
  #announced: HeaderReader | undefined

  constructor(network: Network, owner: CallOwner, method: Method, handler: ClientCallHandler, options: CallOptions) {
    for (const [name, value] of options.headers ?? []) checkHeader(name, value)
    this.#headers = new HeaderList([...(options.template?.headers ?? []), ...(options.headers ?? [])])
    this.#network = network
    this.#owner = owner
    this.#method = method
    this.#handler = handler
    this.options = options
    this.requests = new Flow(network.wire, { onMessage: (message) => this.#toServer(message), onDrain: () => this.#drained() }, network.poison)
    this.responses = new Flow(network.wire, { onMessage: (message) => this.#received(message), onDrain: () => this.#serverDrained() }, network.poison)
    this.#timeout = clampTimeout(options.timeout)
    if (this.#timeout === undefined) return
    this.#deadline = network.clock.monotonic() + this.#timeout
    this.#timer = network.clock.setTimer(() => this.timeOut(), this.#timeout)
  }

  /** It started without any time; nobody needs to carry it. */
  get expired(): boolean {
    return this.#timeout === 0
  }

  timeOut(): void {
    this.abandon({ code: 'DEADLINE_EXCEEDED', message: `no answer within ${this.#timeout} ms` })
  }

  get over(): boolean {
    return this.#state.name === 'ended'
  }

  send(message: MessageBytes): boolean {
    return this.over ? true : this.requests.write(message)
  }

  halfClose(): void {
    if (!this.over) this.requests.end(() => this.#server()?.halfClosed())
  }

  cancel(): void {
    this.abandon({ code: 'CANCELLED', message: 'the call was cancelled by its caller' })
  }

  pause(): void {
    this.responses.pause()
  }

  resume(): void {
    if (!this.over) this.responses.resume()
  }

  /** Goes to the server over this connection. */
  travel(connection: Connection): void {
    this.#state = { name: 'travelling', connection }
    this.responses.open()
    this.#network.wire.post(() => this.#arrive(connection))
  }

  /** Ends the call from this side; the server, when it has seen it, sees it cancelled. */
  abandon(status: RpcStatus): void {
    if (this.over) return
    const server = this.#server()
    if (server !== undefined) this.#network.wire.post(() => server.lost())
    this.#end(status, noHeaders, (report) => reportLater(status, report))
  }

  /** The connection broke: both ends see it. An answer that is complete and on its way arrives before. */
  disconnect(): void {
    const gone: RpcStatus = { code: 'UNAVAILABLE', message: 'the server closed the connection' }
    if (this.#server()?.open === false) this.#network.wire.post(() => this.abandon(gone))
    else this.abandon(gone)
  }

  /** The server's headers; they are seen with what follows them. */
  announce(headers: HeaderReader): void {
    this.#announced ??= headers
  }

  #showHeaders(): void {
    if (this.#headersSeen) return
    this.#headersSeen = true
    this.#handler.onHeaders?.(this.#announced ?? noHeaders)
  }

  /** The server's answer is complete. */
  finish(status: RpcStatus, trailers: HeaderReader): void {
    if (this.#announced !== undefined && !this.over) runApart(() => this.#showHeaders())
    this.#end(status, trailers, runApart)
  }

  #end(status: RpcStatus, trailers: HeaderReader, when: (report: () => void) => void): void {
    const left = this.#state
    if (left.name === 'ended') return
    this.#state = { name: 'ended' }
    this.#timer?.cancel()
    this.requests.close()
    this.responses.close()
    if (left.name !== 'pending') left.connection.forget(this)
    this.#owner.onCallEnd(this)
    when(() => this.#handler.onEnd(status, trailers))
  }

  #arrive(connection: Connection): void {
    if (this.#state.name !== 'travelling') return
    const registration = connection.server.registration(this.#method.path)
    if (registration === undefined) {
      this.#state = { name: 'open', connection, server: undefined }
      this.responses.end(() => this.finish({ code: 'UNIMPLEMENTED', message: `the server does not know ${this.#method.path}` }, noHeaders))
      return
    }
    const remaining = this.#deadline === undefined ? undefined : Math.max(0, this.#deadline - this.#network.clock.monotonic())
    const arrived = { headers: this.#headers, peer: connection.peer, remaining }
    const server = new MemoryServerCall(this.#network, connection.server, registration, arrived, this)
    this.#state = { name: 'open', connection, server }
    server.arrived()
    if (server.open) this.requests.open()
  }

  #server(): MemoryServerCall | undefined {
    return this.#state.name === 'open' ? this.#state.server : undefined
  }

  #toServer(message: Uint8Array): void {
    this.#server()?.received(message)
  }

  #serverDrained(): void {
    this.#server()?.drained()
  }

  #drained(): void {
    if (!this.over) this.#handler.onDrain?.()
  }

  #received(message: Uint8Array): void {
    if (this.over) return
    const limit = this.#owner.maxReceiveMessageBytes
    if (message.byteLength > limit) {
      this.abandon({ code: 'RESOURCE_EXHAUSTED', message: `the response has ${message.byteLength} bytes, ${limit} are accepted` })
      return
    }
    this.#showHeaders()
    if (this.over) return
    this.#handler.onMessage(message)
    if (this.#network.poison) message.fill(POISON)
  }
}
