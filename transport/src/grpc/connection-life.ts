import type { Clock, Timer } from '../clock.ts'
import type { Peer } from '../contract.ts'
import type { ServerConnection } from '../http2/server-connection.ts'

/** Silence after which a connection is pinged, ms: a client that vanished must not hold its long polls for ever. */
const KEEPALIVE = 120_000
export const KEEPALIVE_TIMEOUT = 30_000
/** How long a client may take to answer the PING that follows the first GOAWAY, ms. */
const DRAIN_PATIENCE = 1_000
/** Of the age, so that clients which came together do not come back together. */
const JITTER = 0.1

export interface LifeLimits {
  /** Ms; 0: never. */
  readonly maxConnectionIdle: number
  /** Ms; 0: never. */
  readonly maxConnectionAge: number
  readonly maxConnectionAgeGrace: number
}

export interface LifeHandler {
  /** No answer to a PING. */
  onDead(life: ConnectionLife): void
  /** The time of its calls is over: they are to be ended. */
  onGraceOver(life: ConnectionLife): void
}

/**
 *   serving ──too old, too long without a call, or the server closes──▶ leaving ──PING answered──▶ draining ──no more calls──▶ closed
 *
 * Draining takes two GOAWAYs (RFC 9113, 6.8): the first asks for no more calls, and those that were on their way when it came are still served; the second
 * says which was the last.
 */
type Stage = 'serving' | 'leaving' | 'draining'

/** How long one connection of a server lives, and how it ends in peace. */
export class ConnectionLife {
  readonly connection: ServerConnection
  readonly peer: Peer
  readonly #clock: Clock
  readonly #limits: LifeLimits
  readonly #handler: LifeHandler
  readonly #timers: { keepalive?: Timer; idle?: Timer; age?: Timer } = {}
  /** Monotonic ms; of meaning while there is no stream. */
  #idleSince: number
  #stage: Stage = 'serving'
  #why = ''

  /** @param random 0 to 1. */
  constructor(connection: ServerConnection, peer: Peer, limits: LifeLimits, handler: LifeHandler, clock: Clock, random: () => number) {
    this.connection = connection
    this.peer = peer
    this.#clock = clock
    this.#limits = limits
    this.#handler = handler
    this.#idleSince = clock.monotonic()
    this.#keepAlive(0)
    const { maxConnectionAge, maxConnectionIdle } = limits
    if (maxConnectionIdle > 0) this.#watchIdle(maxConnectionIdle)
    if (maxConnectionAge > 0) this.#timers.age = clock.setTimer(() => this.#tooOld(), maxConnectionAge * (1 - JITTER + 2 * JITTER * random()))
  }

  /** Drains the connection. */
  retire(why: string): void {
    if (this.#stage !== 'serving') return
    this.#stage = 'leaving'
    this.#why = why
    const { connection } = this
    // Who has not said its settings has no calls either.
    if (connection.state === 'greeting') {
      connection.close(why)
      return
    }
    connection.announceDrain()
    connection.ping(DRAIN_PATIENCE, () => {
      if (connection.state === 'closed') return
      this.#stage = 'draining'
      connection.drain()
      this.streamEnded()
    })
  }

  streamEnded(): void {
    if (this.connection.openStreams > 0) return
    this.#idleSince = this.#clock.monotonic()
    if (this.#stage === 'draining') this.connection.close(this.#why)
  }

  /** The connection is over. */
  end(): void {
    for (const timer of Object.values(this.#timers)) timer.cancel()
  }

  #tooOld(): void {
    this.retire('the connection is too old')
    this.#timers.age = this.#clock.setTimer(() => this.#handler.onGraceOver(this), this.#limits.maxConnectionAgeGrace)
  }

  #watchIdle(delay: number): void {
    this.#timers.idle = this.#clock.setTimer(() => {
      const { maxConnectionIdle } = this.#limits
      const left = this.connection.openStreams > 0 ? maxConnectionIdle : this.#idleSince + maxConnectionIdle - this.#clock.monotonic()
      if (left > 0) this.#watchIdle(left)
      else this.retire('the connection had no calls for too long')
    }, delay)
  }

  /** Pings a connection that has been silent. */
  #keepAlive(seen: number): void {
    this.#timers.keepalive = this.#clock.setTimer(() => {
      const { connection } = this
      const { bytesRead } = connection
      if (bytesRead === seen) {
        connection.ping(KEEPALIVE_TIMEOUT, (alive) => {
          if (!alive && connection.state !== 'closed') this.#handler.onDead(this)
        })
      }
      this.#keepAlive(bytesRead)
    }, KEEPALIVE)
  }
}
