import type { Channel, ChannelTls } from '@feathermq/transport'
import type { ClientTransport } from '@feathermq/transport/client'

/**
 * The channels of one client: one per address, whoever uses it. Producers and consumers of the client share them; an address that no route names any
 * more is let go.
 */
export class Channels {
  readonly #transport: ClientTransport
  readonly #tls: ChannelTls | undefined
  readonly #connectTimeout: number
  readonly #channels = new Map<string, Channel>()
  readonly #users = new Map<string, number>()
  #closed = false

  constructor(transport: ClientTransport, tls: ChannelTls | undefined, requestTimeout: number) {
    this.#transport = transport
    this.#tls = tls
    // Below the call's own limit, so that the error of a silent address names the connection and not the call.
    this.#connectTimeout = Math.max(1, Math.min(3_000, Math.floor(requestTimeout * 0.9)))
  }

  get encrypted(): boolean {
    return this.#tls !== undefined
  }

  /** The name of the transport, for what can only be found out on real sockets. */
  get transport(): string {
    return this.#transport.name
  }

  get(address: string): Channel {
    const known = this.#channels.get(address)
    if (known !== undefined) return known
    const channel = this.#transport.createChannel({ address, tls: this.#tls, connectTimeout: this.#connectTimeout })
    if (this.#closed) channel.close()
    else this.#channels.set(address, channel)
    return channel
  }

  /** Somebody will go on using these addresses; {@link release} says when not any more. */
  retain(addresses: readonly string[]): void {
    for (const address of addresses) this.#users.set(address, (this.#users.get(address) ?? 0) + 1)
  }

  release(addresses: readonly string[]): void {
    for (const address of addresses) {
      const users = (this.#users.get(address) ?? 1) - 1
      if (users > 0) this.#users.set(address, users)
      else {
        this.#users.delete(address)
        this.#drop(address)
      }
    }
  }

  /** Gives up a connection that seems dead; the next call makes a new one. Its open calls end with CANCELLED. */
  reset(address: string): void {
    this.#drop(address)
  }

  /** Number of open channels. */
  get size(): number {
    return this.#channels.size
  }

  close(): void {
    this.#closed = true
    for (const address of [...this.#channels.keys()]) this.#drop(address)
  }

  #drop(address: string): void {
    const channel = this.#channels.get(address)
    this.#channels.delete(address)
    channel?.close()
  }
}
