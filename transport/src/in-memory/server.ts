import { localPath } from '../channel-options.ts'
import type { Timer } from '../clock.ts'
import { ClosingListeners } from '../closing-listeners.ts'
import type { Method, MethodHandler, Server, ServerOptions, ServerTls } from '../contract.ts'
import type { Registration } from '../handled-call.ts'
import { Hold } from '../hold.ts'
import { Registry } from '../registry.ts'
import { type ServerLimits, serverLimits } from '../server-options.ts'
import { checkServerTls, plaintextServer } from '../tls-material.ts'
import type { Connection } from './connection.ts'
import type { Network } from './network.ts'

type ServerState =
  | { readonly name: 'new' }
  | { readonly name: 'listening'; readonly place: number | string }
  | { readonly name: 'draining'; readonly timer: Timer; readonly done: () => void; readonly closed: Promise<void> }
  | { readonly name: 'closed'; readonly closed: Promise<void> }

export class MemoryServer implements Server {
  readonly limits: ServerLimits
  readonly encrypted: boolean
  readonly connections: Set<Connection> = new Set()
  readonly #network: Network
  readonly #registry = new Registry()
  readonly #closingListeners = new ClosingListeners()
  readonly #hold = new Hold()
  #state: ServerState = { name: 'new' }

  constructor(network: Network, options: ServerOptions) {
    this.#network = network
    this.limits = serverLimits(options)
    this.encrypted = options.tls !== undefined
  }

  handle<State>(method: Method, handler: MethodHandler<State>): void {
    if (this.#state.name !== 'new') throw new Error(`${method.path}: handlers are registered before listen`)
    this.#registry.add(method, handler)
  }

  setTls(tls: ServerTls): void {
    if (!this.encrypted) throw plaintextServer()
    checkServerTls(tls)
  }

  methods(): readonly Method[] {
    return this.#registry.methods()
  }

  onClosing(listener: () => void): void {
    this.#closingListeners.add(listener)
  }

  registration(path: string): Registration<unknown> | undefined {
    return this.#registry.get(path)
  }

  async listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    if (this.#state.name !== 'new') throw new Error(`the server cannot listen on ${host}:${port}: it is ${this.#state.name}`)
    const place = this.#network.listen(localPath(host) ?? port, this)
    this.#state = { name: 'listening', place }
    this.#hold.acquire()
    return { host, port: typeof place === 'number' ? place : 0 }
  }

  close(grace = 0): Promise<void> {
    this.#closingListeners.tell()
    switch (this.#state.name) {
      case 'new':
        this.#state = { name: 'closed', closed: Promise.resolve() }
        return this.#state.closed
      case 'listening':
        return this.#drain(this.#state.place, grace)
      case 'draining':
        if (grace === 0) this.#finish()
        return this.#state.closed
      case 'closed':
        return this.#state.closed
    }
  }

  callEnded(): void {
    if (this.#state.name === 'draining' && this.#idle()) this.#finish()
  }

  #drain(place: number | string, grace: number): Promise<void> {
    this.#network.unlisten(place)
    let done = (): void => {}
    const closed = new Promise<void>((resolve) => {
      done = resolve
    })
    const timer = this.#network.clock.setTimer(() => this.#finish(), grace)
    this.#state = { name: 'draining', timer, done, closed }
    for (const connection of this.connections) connection.drain()
    if (grace <= 0 || this.#idle()) this.#finish()
    return closed
  }

  #finish(): void {
    if (this.#state.name !== 'draining') return
    const { timer, done, closed } = this.#state
    timer.cancel()
    this.#state = { name: 'closed', closed }
    this.#hold.release()
    for (const connection of [...this.connections]) connection.drop()
    this.#network.wire.post(done)
  }

  #idle(): boolean {
    for (const connection of this.connections) if (!connection.idle) return false
    return true
  }
}
