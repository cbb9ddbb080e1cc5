import type { Clock } from '../clock.ts'
import type { MemoryServer } from './server.ts'
import { Wire } from './wire.ts'

const LAST_PORT = 65_535
/** Where the ports for 0 begin; below may be asked for by number. */
const FIRST_FREE_PORT = 49_152

/** The ports, the clock and the wire that the servers and channels of one in-memory transport share. */
export class Network {
  readonly clock: Clock
  readonly random: () => number
  /** Overwrite borrowed bytes when the borrower has returned. */
  readonly poison: boolean
  readonly wire: Wire = new Wire()
  /** By port, or by the path of `unix:/path`. */
  readonly #listeners = new Map<number | string, MemoryServer>()
  #lastConnection = 0

  constructor(clock: Clock, random: () => number, poison: boolean) {
    this.clock = clock
    this.random = random
    this.poison = poison
  }

  /** @throws an Error with code EADDRINUSE; {RangeError} for no port number. */
  listen(place: number | string, server: MemoryServer): number | string {
    if (typeof place === 'number') return this.#listenAt(place, server)
    if (this.#listeners.has(place)) throw inUse(place)
    this.#listeners.set(place, server)
    return place
  }

  #listenAt(port: number, server: MemoryServer): number {
    if (!Number.isInteger(port) || port < 0 || port > LAST_PORT) throw new RangeError(`port must be 0 to ${LAST_PORT}, not ${port}`)
    const taken = port === 0 ? this.#freePort() : port
    if (taken === undefined || this.#listeners.has(taken)) throw inUse(port)
    this.#listeners.set(taken, server)
    return taken
  }

  unlisten(place: number | string): void {
    this.#listeners.delete(place)
  }

  listener(place: number | string): MemoryServer | undefined {
    return this.#listeners.get(place)
  }

  nextConnectionName(): string {
    this.#lastConnection += 1
    return `in-memory:${this.#lastConnection}`
  }

  #freePort(): number | undefined {
    for (let port = FIRST_FREE_PORT; port <= LAST_PORT; port += 1) if (!this.#listeners.has(port)) return port
    return undefined
  }
}

function inUse(place: number | string): Error {
  return Object.assign(new Error(`in-memory port ${place} is in use already (EADDRINUSE)`), { code: 'EADDRINUSE' })
}
