import type { ConnectionOptions } from 'node:tls'
import { type ChannelLimits, channelLimits } from '../channel-options.ts'
import type { CallOptions, Channel, ChannelOptions, ChannelState, ClientCall, ClientCallHandler, HeaderTemplate, Method } from '../contract.ts'
import { headerTemplate } from '../headers.ts'
import { Hold } from '../hold.ts'
import { StateListeners } from '../state-listeners.ts'
import { type CallOwner, GrpcClientCall } from './client-call.ts'
import { tlsOptions } from './credentials.ts'
import { PooledConnection } from './pooled-connection.ts'

/** With more calls on one connection grpc-js starves some of them: p99 25 ms at 32, 95 ms at 64, 0.6-0.8 s at 128. */
const CALLS_PER_CONNECTION = 32
/** Over this many connections the calls only spread. */
const MAX_CONNECTIONS = 64

export class GrpcChannel implements Channel, CallOwner {
  readonly address: string
  readonly #limits: ChannelLimits
  readonly #tls: ConnectionOptions | undefined
  readonly #connections: PooledConnection[] = []
  readonly #calls = new Map<GrpcClientCall, PooledConnection | undefined>()
  readonly #listeners = new StateListeners()
  readonly #hold = new Hold()
  #state: ChannelState = 'idle'

  constructor(options: ChannelOptions) {
    this.#limits = channelLimits(options)
    this.#tls = options.tls === undefined ? undefined : tlsOptions(options.tls)
    this.address = options.address
  }

  get state(): ChannelState {
    return this.#state
  }

  template(headers: readonly (readonly [name: string, value: string])[]): HeaderTemplate {
    return headerTemplate(headers)
  }

  start(method: Method, handler: ClientCallHandler, options: CallOptions = {}): ClientCall {
    const call = new GrpcClientCall(this, method, handler, options)
    if (options.background !== true) this.#hold.acquire()
    if (call.expired || this.#state === 'closed') {
      this.#calls.set(call, undefined)
      if (call.expired) call.timeOut()
      else call.abandon({ code: 'CANCELLED', message: `the channel to ${this.address} is closed` })
      return call
    }
    const connection = this.#connectionFor()
    connection.load += 1
    this.#calls.set(call, connection)
    connection.carry(call)
    return call
  }

  onState(listener: (state: ChannelState) => void): () => void {
    return this.#listeners.add(listener)
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    for (const call of [...this.#calls.keys()]) call.abandon({ code: 'CANCELLED', message: `the channel to ${this.address} was closed` })
    for (const connection of this.#connections) connection.close()
    this.#listeners.tell('closed')
  }

  onCallEnd(call: GrpcClientCall): void {
    const connection = this.#calls.get(call)
    this.#calls.delete(call)
    if (call.options.background !== true) this.#hold.release()
    if (connection === undefined) return
    connection.load -= 1
    connection.forget(call)
  }

  /** The first connection with room, so that the later ones fall idle when there is less to do; the least loaded one when there is none. */
  #connectionFor(): PooledConnection {
    let least: PooledConnection | undefined
    for (const connection of this.#connections) {
      if (connection.load < CALLS_PER_CONNECTION) return connection
      if (least === undefined || connection.load < least.load) least = connection
    }
    if (least !== undefined && this.#connections.length >= MAX_CONNECTIONS) return least
    const added = new PooledConnection(this.#limits, this.#tls, () => this.#stateChanged())
    this.#connections.push(added)
    return added
  }

  #stateChanged(): void {
    if (this.#state === 'closed') return
    const states = new Set(this.#connections.map((connection) => connection.state))
    const state = (['ready', 'connecting', 'waiting'] as const).find((name) => states.has(name)) ?? 'idle'
    if (state === this.#state) return
    this.#state = state
    this.#listeners.tell(state)
  }
}
