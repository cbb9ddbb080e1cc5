import type { ConnectionOptions } from 'node:tls'
import type { Endpoint } from '../channel-options.ts'
import type { Clock, Timer } from '../clock.ts'
import { ClientConnection, type ClientConnectionHandler } from '../http2/client-connection.ts'
import type { ConnectionLimits } from '../http2/connection-limits.ts'
import { defaultBudgets } from '../http2/flood-guard.ts'
import type { Http2ClientCall } from './client-call.ts'
import { connectSocket } from './connector.ts'

const KEEPALIVE_TIMEOUT = 30_000
/** Silence is looked for so many times in the time that it may last. */
const LOOKS = 4

const limits: ConnectionLimits = {
  streamWindow: 1024 * 1024,
  connectionWindow: 16 * 1024 * 1024,
  unreservedBytes: 256 * 1024 * 1024,
  reservedBytes: 128 * 1024 * 1024,
  maxHeaderListBytes: 64 * 1024,
  maxHeaderFields: 200,
  // Heads of calls wait for no window: a server that is slow for a moment may have many thousands of them before it.
  maxWaitingBytes: 64 * 1024 * 1024,
  // What callers of ours have to send is theirs to bound.
  maxQueuedBytes: Number.POSITIVE_INFINITY,
  patience: 20_000,
  readPatience: 60_000,
  budgets: defaultBudgets,
}

export interface LinkTarget {
  readonly endpoint: Endpoint
  /** What calls name the server. */
  readonly authority: string
  readonly tls: ConnectionOptions | undefined
  /** For the whole of connecting, ms. */
  readonly connectTimeout: number
  /** Ms; 0: never. */
  readonly keepalive: number
}

export interface LinkOwner {
  onStanding(link: Link): void
  /** It never stood. Told later, not by the constructor. */
  onFailed(link: Link, cause: string): void
  /** It stood, and is over. */
  onOver(link: Link, reason: string): void
  /** It takes no new calls any more. */
  onDraining(link: Link): void
  /** It may take another call. */
  onRoom(link: Link): void
  /** The server asks for fewer of them. */
  onTooManyPings(): void
}

/**
 *   connecting ──socket──▶ greeting ──SETTINGS──▶ standing ──▶ over
 *       └──────────────────────┴──────failed───────────────────▲
 */
type LinkState =
  | { readonly name: 'connecting'; readonly stop: () => void }
  | { readonly name: 'greeting'; readonly connection: ClientConnection }
  | { readonly name: 'standing'; readonly connection: ClientConnection }
  | { readonly name: 'over' }

/** One connection of a channel, from the attempt to make it on. */
export class Link implements ClientConnectionHandler {
  readonly endpoint: Endpoint
  readonly authority: string
  /** Calls that were given to it. */
  begun = 0
  readonly #target: LinkTarget
  readonly #owner: LinkOwner
  readonly #clock: Clock
  /** The deadline of connecting, later the next look for silence. */
  #timer: Timer
  #state: LinkState
  #seen = 0
  /** Looks at which nothing had come since the one before. */
  #quiet = 0
  #pinging = false

  constructor(target: LinkTarget, owner: LinkOwner, clock: Clock) {
    this.endpoint = target.endpoint
    this.authority = target.authority
    this.#target = target
    this.#owner = owner
    this.#clock = clock
    const { connectTimeout } = target
    this.#timer = clock.setTimer(() => this.#fail(`${this.endpoint.text} did not complete a connection within ${connectTimeout} ms`), connectTimeout)
    const stop = connectSocket(target, {
      onFailed: (cause) => this.#fail(cause),
      onConnected: (socket) => {
        // The connection stands when the server has said its settings, which tell how many calls it takes.
        const connection = new ClientConnection(socket, clock, limits, this)
        connection.onEvent = ({ name, code, reason }) => {
          // How gRPC's servers say it (gRPC, keepalive).
          if (name === 'goaway' && code === 'ENHANCE_YOUR_CALM' && reason === 'too_many_pings') owner.onTooManyPings()
        }
        this.#state = { name: 'greeting', connection }
        connection.begin()
      },
      onBytes: (bytes, stop) => {
        const state = this.#state
        if (state.name === 'standing' || state.name === 'greeting') state.connection.read(bytes, stop)
      },
    })
    this.#state = { name: 'connecting', stop }
  }

  /** New calls may be given to it, now or when others have ended. */
  get usable(): boolean {
    return this.#state.name === 'standing' && this.#state.connection.state === 'open'
  }

  get hasRoom(): boolean {
    return this.#state.name === 'standing' && this.#state.connection.hasRoom
  }

  get openStreams(): number {
    return this.#state.name === 'standing' ? this.#state.connection.openStreams : 0
  }

  /** {@link hasRoom} has to be true. */
  begin(call: Http2ClientCall): void {
    if (this.#state.name !== 'standing') return
    const { connection } = this.#state
    this.begun += 1
    // What has been silent while nobody used it may be dead without knowing.
    if (this.#quiet >= LOOKS) this.#ping(connection)
    call.begin(connection)
  }

  /** Gives it up; the owner is told only when it stood. */
  close(reason: string): void {
    const left = this.#state
    if (left.name === 'connecting') {
      this.#end()
      left.stop()
    } else if (left.name !== 'over') left.connection.close(reason)
  }

  onSettings(): void {
    if (this.#state.name === 'greeting') {
      const { connection } = this.#state
      this.#state = { name: 'standing', connection }
      this.#timer.cancel()
      this.#look(connection)
      this.#owner.onStanding(this)
    } else this.#owner.onRoom(this)
  }

  onDraining(): void {
    this.#owner.onDraining(this)
  }

  onRoom(): void {
    this.#owner.onRoom(this)
  }

  onClosed(reason: string): void {
    const left = this.#state.name
    if (left === 'over') return
    this.#end()
    if (left === 'standing') this.#owner.onOver(this, reason)
    else this.#owner.onFailed(this, `${this.endpoint.text}: ${reason}`)
  }

  #fail(cause: string): void {
    const left = this.#state
    if (left.name !== 'connecting' && left.name !== 'greeting') return
    this.#end()
    if (left.name === 'connecting') left.stop()
    else left.connection.close(cause)
    this.#owner.onFailed(this, cause)
  }

  #end(): void {
    this.#timer.cancel()
    this.#state = { name: 'over' }
  }

  /** Looks now and then whether anything came, and pings a server that is silent while it has calls. */
  #look(connection: ClientConnection): void {
    const { keepalive } = this.#target
    if (keepalive === 0) return
    this.#timer = this.#clock.setTimer(() => {
      const { bytesRead } = connection
      this.#quiet = bytesRead === this.#seen ? this.#quiet + 1 : 0
      this.#seen = bytesRead
      if (this.#quiet >= LOOKS && connection.openStreams > 0) this.#ping(connection)
      this.#look(connection)
    }, keepalive / LOOKS)
  }

  #ping(connection: ClientConnection): void {
    if (this.#pinging) return
    this.#pinging = true
    connection.ping(KEEPALIVE_TIMEOUT, (alive) => {
      this.#pinging = false
      if (!alive) connection.close(`${this.endpoint.text} did not answer a PING within ${KEEPALIVE_TIMEOUT} ms`)
    })
  }
}
