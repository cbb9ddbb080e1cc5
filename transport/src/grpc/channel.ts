import type { ConnectionOptions } from 'node:tls'
import { backoffDelay } from '../backoff.ts'
import { type ChannelLimits, channelLimits, formatAddress } from '../channel-options.ts'
import { systemClock, type Timer } from '../clock.ts'
import type { CallOptions, Channel, ChannelOptions, ChannelState, ClientCall, ClientCallHandler, HeaderTemplate, Method } from '../contract.ts'
import { headerTemplate } from '../headers.ts'
import { Hold } from '../hold.ts'
import { ClientConnection } from '../http2/client-connection.ts'
import type { ConnectionLimits } from '../http2/connection-limits.ts'
import { defaultBudgets } from '../http2/flood-guard.ts'
import { StateListeners } from '../state-listeners.ts'
import { type CallOwner, Http2ClientCall } from './client-call.ts'
import { connectSocket, tlsOptions } from './connector.ts'
import { Deadlines } from './deadlines.ts'
import { Roll } from './roll.ts'

const BACKOFF = { initial: 200, max: 5_000 }
const KEEPALIVE_TIMEOUT = 30_000
/** Beyond so many connections, which a server with a low limit of streams may bring about, calls wait for their turn. */
const MOST_CONNECTIONS = 16

const limits: ConnectionLimits = {
  streamWindow: 1024 * 1024,
  connectionWindow: 16 * 1024 * 1024,
  unreservedBytes: 256 * 1024 * 1024,
  reservedBytes: 128 * 1024 * 1024,
  maxHeaderListBytes: 64 * 1024,
  maxHeaderFields: 200,
  maxWaitingBytes: 8 * 1024 * 1024,
  // What callers of ours have to send is theirs to bound.
  maxQueuedBytes: Number.POSITIVE_INFINITY,
  patience: 20_000,
  readPatience: 60_000,
  budgets: defaultBudgets,
}

/** What a channel does about connecting; connections that stand are beside it. */
type Attempt =
  | { readonly name: 'none' }
  | { readonly name: 'connecting'; readonly number: number; readonly giveUp: () => void }
  | { readonly name: 'waiting'; readonly retry: Timer; readonly cause: string }
  | { readonly name: 'closed' }

/** Calls to one address over as many connections as its limit of streams asks for, which is one (gRPC, connectivity semantics). */
export class Http2Channel implements Channel, CallOwner {
  readonly address: string
  readonly authority: string
  readonly scheme: string
  readonly maxReceiveMessageBytes: number
  readonly deadlines: Deadlines = new Deadlines(systemClock)
  readonly #limits: ChannelLimits
  readonly #tls: ConnectionOptions | undefined
  readonly #connections = new Set<ClientConnection>()
  readonly #calls = new Roll<Http2ClientCall>()
  /** Calls that have no stream yet, oldest first. */
  readonly #pending = new Set<Http2ClientCall>()
  readonly #listeners = new StateListeners()
  readonly #hold = new Hold()
  #attempt: Attempt = { name: 'none' }
  #state: ChannelState = 'idle'

  constructor(options: ChannelOptions) {
    this.#limits = channelLimits(options)
    this.#tls = options.tls === undefined ? undefined : tlsOptions(options.tls)
    this.address = options.address
    this.authority = options.tls?.serverName === undefined ? options.address : formatAddress(options.tls.serverName, this.#limits.port)
    this.scheme = options.tls === undefined ? 'http' : 'https'
    this.maxReceiveMessageBytes = this.#limits.maxReceiveMessageBytes
  }

  get state(): ChannelState {
    return this.#state
  }

  template(headers: readonly (readonly [name: string, value: string])[]): HeaderTemplate {
    return headerTemplate(headers)
  }

  start(method: Method, handler: ClientCallHandler, options: CallOptions = {}): ClientCall {
    const call = new Http2ClientCall(this, method, handler, options)
    this.#calls.add(call)
    if (options.background !== true) this.#hold.acquire()
    if (call.expired) call.timeOut()
    else this.#route(call)
    return call
  }

  onState(listener: (state: ChannelState) => void): () => void {
    return this.#listeners.add(listener)
  }

  close(): void {
    if (this.#attempt.name === 'closed') return
    this.#try({ name: 'closed' })
    for (const call of this.#calls.all()) call.abandon({ code: 'CANCELLED', message: `the channel to ${this.address} was closed` })
    for (const connection of [...this.#connections]) connection.close('the channel was closed')
    this.deadlines.close()
  }

  onCallEnd(call: Http2ClientCall): void {
    this.#calls.delete(call)
    this.#pending.delete(call)
    if (call.options.background !== true) this.#hold.release()
  }

  onRefused(call: Http2ClientCall): void {
    queueMicrotask(() => {
      if (!call.over) this.#route(call)
    })
  }

  #route(call: Http2ClientCall): void {
    if (this.#attempt.name === 'closed') {
      call.abandon({ code: 'CANCELLED', message: `the channel to ${this.address} is closed` })
      return
    }
    const connection = this.#withRoom()
    if (connection !== undefined) {
      call.begin(connection)
      return
    }
    if (this.#attempt.name === 'waiting' && this.#connections.size === 0 && call.options.waitForReady !== true) {
      call.abandon({ code: 'UNAVAILABLE', message: this.#attempt.cause })
      return
    }
    this.#pending.add(call)
    if (this.#attempt.name === 'none' && this.#connections.size < MOST_CONNECTIONS) this.#connect(0)
  }

  #withRoom(): ClientConnection | undefined {
    for (const connection of this.#connections) if (connection.hasRoom) return connection
    return undefined
  }

  #connect(number: number): void {
    let made: ClientConnection | undefined
    const { host, port, connectTimeout } = this.#limits
    const started = systemClock.monotonic()
    const stop = connectSocket(
      { host, port, timeout: connectTimeout, tls: this.#tls },
      {
        onFailed: (cause) => this.#failed(number, cause),
        onConnected: (socket) => {
          // The connection stands when the server has said its settings, which tell how many calls it takes.
          const left = Math.max(1, connectTimeout - (systemClock.monotonic() - started))
          const silence = systemClock.setTimer(() => made?.close(`${this.address} did not complete a connection within ${connectTimeout} ms`), left)
          made = new ClientConnection(socket, systemClock, limits, {
            onSettings: () => {
              silence.cancel()
              if (made !== undefined) this.#connected(made)
            },
            onDraining: () => this.#tell(),
            onRoom: () => this.#takePending(),
            onClosed: (reason) => {
              silence.cancel()
              if (made !== undefined) this.#disconnected(made, number, reason)
            },
          })
          made.begin()
        },
      },
    )
    this.#try({
      name: 'connecting',
      number,
      giveUp: () => {
        stop()
        made?.close('the attempt was given up')
      },
    })
  }

  #connected(connection: ClientConnection): void {
    if (!this.#connections.has(connection)) {
      if (this.#attempt.name === 'closed') {
        connection.close('the channel was closed')
        return
      }
      this.#connections.add(connection)
      this.#keepAlive(connection, -1)
      this.#attempt = { name: 'none' }
      this.#tell()
    }
    this.#takePending()
  }

  #disconnected(connection: ClientConnection, number: number, reason: string): void {
    if (this.#connections.delete(connection)) {
      this.#tell()
      this.#takePending()
    } else if (this.#attempt.name === 'connecting') this.#failed(number, `${this.address}: ${reason}`)
  }

  #failed(number: number, cause: string): void {
    if (this.#attempt.name === 'closed') return
    const retry = systemClock.setTimer(() => this.#connect(number + 1), backoffDelay(BACKOFF, number, Math.random))
    this.#try({ name: 'waiting', retry, cause })
    this.#takePending()
  }

  /** Begins what waits, as far as there is room. */
  #takePending(): void {
    for (const call of [...this.#pending]) {
      if (this.#attempt.name === 'none' && this.#connections.size > 0 && this.#withRoom() === undefined && this.#connections.size >= MOST_CONNECTIONS)
        return
      this.#pending.delete(call)
      this.#route(call)
      if (this.#pending.has(call)) return
    }
  }

  /** Pings a connection that has calls and is silent. */
  #keepAlive(connection: ClientConnection, seen: number): void {
    const { keepalive } = this.#limits
    if (keepalive === 0) return
    systemClock.setTimer(() => {
      if (!this.#connections.has(connection)) return
      const { bytesRead } = connection
      if (bytesRead === seen && connection.openStreams > 0) {
        connection.ping(KEEPALIVE_TIMEOUT, (alive) => {
          if (!alive) connection.close(`${this.address} did not answer a PING within ${KEEPALIVE_TIMEOUT} ms`)
        })
      }
      this.#keepAlive(connection, bytesRead)
    }, keepalive)
  }

  #try(next: Attempt): void {
    const left = this.#attempt
    if (left.name === 'closed') return
    this.#attempt = next
    if (left.name === 'waiting') left.retry.cancel()
    if (left.name === 'connecting' && next.name === 'closed') left.giveUp()
    this.#tell()
  }

  #tell(): void {
    const attempt = this.#attempt.name
    const ready = [...this.#connections].some(({ state }) => state === 'open')
    const state = attempt === 'closed' ? 'closed' : ready ? 'ready' : attempt === 'none' ? 'idle' : attempt
    if (state === this.#state) return
    this.#state = state
    this.#listeners.tell(state)
  }
}
