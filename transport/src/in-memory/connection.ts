import type { Peer } from '../contract.ts'
import type { MemoryClientCall } from './client-call.ts'
import type { Network } from './network.ts'
import type { MemoryServer } from './server.ts'

/** What the channel wants to know of its connection. */
export interface ConnectionOwner {
  /** No new calls may go over this connection; those it carries live on. */
  onDraining(connection: Connection): void
}

/** A channel and a server that have found each other. */
export class Connection {
  readonly peer: Peer
  readonly server: MemoryServer
  readonly #network: Network
  readonly #owner: ConnectionOwner
  readonly #calls = new Set<MemoryClientCall>()
  /** Calls over the server's limit wait here, as an HTTP/2 client makes them wait. */
  readonly #waiting = new Set<MemoryClientCall>()

  constructor(network: Network, server: MemoryServer, owner: ConnectionOwner, encrypted: boolean) {
    const name = network.nextConnectionName()
    this.peer = { address: name, encrypted, connection: name }
    this.server = server
    this.#network = network
    this.#owner = owner
    server.connections.add(this)
  }

  get idle(): boolean {
    return this.#calls.size === 0 && this.#waiting.size === 0
  }

  carry(call: MemoryClientCall): void {
    if (this.#calls.size >= this.server.limits.maxConcurrentStreams) {
      this.#waiting.add(call)
      return
    }
    this.#calls.add(call)
    call.travel(this)
  }

  /** The call is over on the client's side. */
  forget(call: MemoryClientCall): void {
    this.#waiting.delete(call)
    if (this.#calls.delete(call)) this.#carryNext()
    this.server.callEnded()
  }

  /** The server takes no new calls. */
  drain(): void {
    this.#network.wire.post(() => this.#owner.onDraining(this))
    for (const call of this.#waiting) call.abandon({ code: 'UNAVAILABLE', message: 'the server is closing' })
  }

  /** The connection is gone for both ends. */
  drop(): void {
    for (const call of [...this.#calls, ...this.#waiting]) call.disconnect()
    this.close()
  }

  close(): void {
    this.server.connections.delete(this)
  }

  #carryNext(): void {
    for (const next of this.#waiting) {
      this.#waiting.delete(next)
      this.carry(next)
      return
    }
  }
}
