import { backoffDelay } from '../backoff.ts'
import { type ChannelLimits, channelLimits } from '../channel-options.ts'
import type { Timer } from '../clock.ts'
import type { CallOptions, Channel, ChannelOptions, ChannelState, ClientCall, ClientCallHandler, HeaderTemplate, Method } from '../contract.ts'
import { headerTemplate } from '../headers.ts'
import { Hold } from '../hold.ts'
import { StateListeners } from '../state-listeners.ts'
import { type CallOwner, MemoryClientCall } from './client-call.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import type { Network } from './network.ts'
import type { MemoryServer } from './server.ts'

const BACKOFF = { initial: 20, max: 1_000 }

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly attempt: number }
  | { readonly name: 'ready'; readonly connection: Connection }
  | { readonly name: 'waiting'; readonly retry: Timer; readonly cause: string }
  | { readonly name: 'closed' }

export class MemoryChannel implements Channel, CallOwner, ConnectionOwner {
  readonly address: string
  readonly maxReceiveMessageBytes: number
  readonly #network: Network
  readonly #limits: ChannelLimits
  readonly #encrypted: boolean
  readonly #calls = new Set<MemoryClientCall>()
  /** Calls that have no connection yet, oldest first. */
  readonly #pending = new Set<MemoryClientCall>()
  readonly #listeners = new StateListeners()
  readonly #hold = new Hold()
  #state: State = { name: 'idle' }

  constructor(network: Network, options: ChannelOptions) {
    this.#network = network
    this.#limits = channelLimits(options)
    this.#encrypted = options.tls !== undefined
    this.address = options.address
    this.maxReceiveMessageBytes = this.#limits.maxReceiveMessageBytes
  }

  get state(): ChannelState {
    return this.#state.name
  }

  template(headers: readonly (readonly [name: string, value: string])[]): HeaderTemplate {
    return headerTemplate(headers)
  }

  start(method: Method, handler: ClientCallHandler, options: CallOptions = {}): ClientCall {
    const call = new MemoryClientCall(this.#network, this, method, handler, options)
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
    if (this.#state.name === 'closed') return
    this.#transition({ name: 'closed' })
    for (const call of [...this.#calls]) call.abandon({ code: 'CANCELLED', message: `the channel to ${this.address} was closed` })
  }

  onCallEnd(call: MemoryClientCall): void {
    this.#calls.delete(call)
    this.#pending.delete(call)
    if (call.options.background !== true) this.#hold.release()
  }

  onDraining(connection: Connection): void {
    if (this.#state.name === 'ready' && this.#state.connection === connection) this.#transition({ name: 'idle' })
  }

  #route(call: MemoryClientCall): void {
    const state = this.#state
    switch (state.name) {
      case 'ready':
        state.connection.carry(call)
        break
      case 'idle':
        this.#pending.add(call)
        this.#connect(0)
        break
      case 'connecting':
        this.#pending.add(call)
        break
      case 'waiting':
        if (call.options.waitForReady === true) this.#pending.add(call)
        else call.abandon({ code: 'UNAVAILABLE', message: state.cause })
        break
      case 'closed':
        call.abandon({ code: 'CANCELLED', message: `the channel to ${this.address} is closed` })
        break
    }
  }

  #connect(attempt: number): void {
    this.#transition({ name: 'connecting', attempt })
    this.#network.wire.post(() => this.#answer(attempt))
  }

  #answer(attempt: number): void {
    if (this.#state.name !== 'connecting') return
    const causes: string[] = []
    let found: MemoryServer | undefined
    for (const { text, path, port } of this.#limits.endpoints) {
      const server = this.#network.listener(path ?? port)
      if (server === undefined) causes.push(`nobody listens on ${text} (ECONNREFUSED)`)
      else if (server.encrypted !== this.#encrypted) causes.push(tlsMismatch(text, server.encrypted))
      else {
        found = server
        break
      }
    }
    if (found === undefined) this.#failed(attempt, causes.join('; '))
    else {
      const connection = new Connection(this.#network, found, this, this.#encrypted)
      this.#transition({ name: 'ready', connection })
      for (const call of this.#pending) {
        this.#pending.delete(call)
        this.#route(call)
      }
    }
  }

  #failed(attempt: number, cause: string): void {
    const delay = backoffDelay(BACKOFF, attempt, this.#network.random)
    const retry = this.#network.clock.setTimer(() => this.#connect(attempt + 1), delay)
    this.#transition({ name: 'waiting', retry, cause })
    for (const call of [...this.#pending]) {
      this.#pending.delete(call)
      this.#route(call)
    }
  }

  #transition(next: State): void {
    const left = this.#state
    if (left.name === 'closed') return
    this.#state = next
    if (left.name === 'waiting') left.retry.cancel()
    if (left.name === 'ready' && next.name === 'closed') left.connection.close()
    if (left.name !== next.name) this.#listeners.tell(next.name)
  }
}

function tlsMismatch(address: string, encrypted: boolean): string {
  return encrypted ? `${address} speaks TLS, the channel plaintext` : `${address} speaks plaintext, the channel TLS`
}
