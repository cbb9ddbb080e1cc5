import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

type State =
  | { readonly name: 'up' }
  /** Connections stay open and new ones are taken, but nothing passes: what a client sees of a peer that vanished without a word. */
  | { readonly name: 'stalled' }
  /** New connections are closed at once. */
  | { readonly name: 'down' }

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** Nothing will pass any more, and nobody is told. */
  stranded: boolean
}

/** A wire between clients and a server, with an address of its own that stays when the server moves. Tests cut it, stall it and count what is on it. */
export class Link {
  readonly #listener: Server
  readonly #pairs = new Set<Pair>()
  #state: State = { name: 'up' }
  #target: number
  /** Connections that clients have made so far. */
  connected = 0

  private constructor(target: number) {
    this.#target = target
    // Half-closed is not closed: each side ends for itself.
    this.#listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => this.#take(client))
  }

  /** @param target port of the server on 127.0.0.1 */
  static async open(target: number): Promise<Link> {
    const link = new Link(target)
    link.#listener.listen(0, '127.0.0.1')
    await once(link.#listener, 'listening')
    return link
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Connections that are open. */
  get open(): number {
    return this.#pairs.size
  }

  /** Where new connections lead from now on. */
  retarget(port: number): void {
    this.#target = port
  }

  /** Resets every connection, for both of its ends. */
  cut(): void {
    for (const pair of this.#pairs) reset(pair)
  }

  stall(): void {
    this.#state = { name: 'stalled' }
    for (const { client, server, stranded } of this.#pairs) {
      if (stranded) continue
      client.pause()
      server.pause()
    }
  }

  /** Lets the connections that are open carry nothing for ever, as when a firewall forgot them; new ones work. */
  strand(): void {
    for (const pair of this.#pairs) {
      pair.stranded = true
      // What the client sends is swallowed, so that its end is seen when it gives up.
      pair.client.resume()
      pair.server.pause()
    }
  }

  /** Resets every connection, and lets none come up. */
  down(): void {
    this.#state = { name: 'down' }
    this.cut()
  }

  heal(): void {
    this.#state = { name: 'up' }
    for (const { client, server, stranded } of this.#pairs) {
      if (stranded) continue
      client.resume()
      server.resume()
    }
  }

  async close(): Promise<void> {
    this.down()
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  #take(client: Socket): void {
    this.connected += 1
    if (this.#state.name === 'down') {
      client.resetAndDestroy()
      return
    }
    const server = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true })
    const pair = { client, server, stranded: false }
    this.#pairs.add(pair)
    this.#pass(pair, client, server)
    this.#pass(pair, server, client)
    if (this.#state.name === 'stalled') server.pause()
    else client.resume()
  }

  /** By hand: a pipe would resume what a stall has paused. */
  #pass(pair: Pair, from: Socket, to: Socket): void {
    from.setNoDelay(true)
    from.on('data', (bytes) => {
      if (!pair.stranded && !to.write(bytes)) from.pause()
    })
    to.on('drain', () => {
      if (this.#state.name === 'up' && !pair.stranded) from.resume()
    })
    from.on('end', () => {
      if (pair.stranded) reset(pair)
      else to.end()
    })
    from.on('error', () => reset(pair))
    from.on('close', (broken) => {
      if (broken) reset(pair)
      if (pair.client.destroyed && pair.server.destroyed) this.#pairs.delete(pair)
    })
  }
}

function reset({ client, server }: Pair): void {
  for (const socket of [client, server]) {
    // Node forgets to close a socket that is reset after it was ended, and the process spins for ever when it ends.
    if (socket.writableEnded) socket.destroy()
    else if (!socket.destroyed) socket.resetAndDestroy()
  }
}
