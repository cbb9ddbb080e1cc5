import type { Settings, TelemetryCommandInit } from '@feathermq/protocol'
import type { Clock, Timer } from '../clock.ts'

/** An open Telemetry stream. */
export interface TelemetryLink {
  send(command: TelemetryCommandInit): void
  /** Ends the stream; the broker stops. */
  end(): void
}

/**
 * Whether a client lives.
 *
 * - `connected`: its Telemetry stream is open.
 * - `lost`: the stream ended; any call, or a new stream, within ten seconds saves it.
 * - `calling`: it has no stream; its calls are its sign of life, for thirty seconds each.
 */
export type Liveness =
  | { readonly name: 'connected'; readonly link: TelemetryLink }
  | { readonly name: 'lost'; readonly timer: Timer }
  | { readonly name: 'calling'; readonly timer: Timer }

/** What a broker knows of a client. */
export interface Client {
  readonly id: string
  readonly address: string
  readonly language: string
  readonly version: string
  settings: Settings | undefined
  liveness: Liveness
  lastCall: number
  /** Bytes of its messages that wait for the disk. */
  unwritten: number
}

/** Why a client is gone: it said so; nobody heard of it for ten seconds after its stream ended, or for thirty; others needed its place. */
export type LostReason = 'goodbye' | 'stream-ended' | 'silent' | 'no-room'

export interface ClientsOptions {
  readonly clock: Clock
  /** Told once when a client is gone, so that what the broker renewed for it can come back. */
  readonly onLost: (clientId: string) => void
  /** Told as well, with why. */
  readonly onGone?: ((client: Client, reason: LostReason) => void) | undefined
  /** Clients kept at once; the one that was silent longest makes room. Default 100,000. */
  readonly maxClients?: number | undefined
}

const LOST_GRACE = 10_000
const CALL_GRACE = 30_000

/** The clients of a broker, by the id that they send with each call. The id is the key, not the connection: meshes share connections. */
export class Clients {
  readonly #options: ClientsOptions
  readonly #clients = new Map<string, Client>()
  /** Clients of before a restart that hold something. */
  readonly #expected = new Map<string, Timer>()
  /** Streams of clients that said goodbye and did not end them. */
  readonly #leftOpen = new Set<TelemetryLink>()

  constructor(options: ClientsOptions) {
    this.#options = options
  }

  all(): readonly Client[] {
    return [...this.#clients.values()]
  }

  get(id: string): Client | undefined {
    return this.#clients.get(id)
  }

  /** The client held something before a restart: it is lost unless it comes back within ten seconds. */
  expect(id: string): void {
    const { clock, onLost } = this.#options
    const gone = (): void => {
      this.#expected.delete(id)
      onLost(id)
    }
    this.#expected.set(id, clock.setTimer(gone, LOST_GRACE))
  }

  #came(id: string): void {
    this.#expected.get(id)?.cancel()
    this.#expected.delete(id)
  }

  /** A call of this client arrived. */
  called(id: string, about: { readonly address: string; readonly language: string; readonly version: string }): Client {
    const now = this.#options.clock.monotonic()
    const known = this.#clients.get(id)
    if (this.#expected.size > 0) this.#came(id)
    if (known !== undefined) {
      known.lastCall = now
      // A client that lost its stream and goes on calling lives; from now on its calls count.
      if (known.liveness.name === 'lost') this.#transition(known, this.#calling(id))
      return known
    }
    this.#makeRoom()
    const client: Client = { id, ...about, settings: undefined, liveness: this.#calling(id), lastCall: now, unwritten: 0 }
    this.#clients.set(id, client)
    return client
  }

  connected(client: Client, link: TelemetryLink): void {
    const before = client.liveness
    this.#clients.set(client.id, client)
    this.#transition(client, { name: 'connected', link })
    // A client that reconnects may open the new stream before the old one is known to be dead.
    if (before.name === 'connected' && before.link !== link) before.link.end()
  }

  disconnected(client: Client, link: TelemetryLink): void {
    this.#leftOpen.delete(link)
    if (client.liveness.name !== 'connected' || client.liveness.link !== link) return
    // It said goodbye over another call, and whoever has its id now is somebody else.
    if (this.#clients.get(client.id) !== client) return
    this.#transition(client, { name: 'lost', timer: this.#options.clock.setTimer(() => this.#lose(client.id, 'stream-ended'), LOST_GRACE) })
  }

  /** The client said goodbye. */
  terminated(id: string): void {
    this.#lose(id, 'goodbye')
  }

  close(): void {
    for (const client of this.#clients.values()) {
      const { liveness } = client
      if (liveness.name === 'connected') liveness.link.end()
      else liveness.timer.cancel()
    }
    this.#clients.clear()
    for (const link of this.#leftOpen) link.end()
    this.#leftOpen.clear()
    for (const timer of this.#expected.values()) timer.cancel()
    this.#expected.clear()
  }

  #calling(id: string): Liveness {
    return { name: 'calling', timer: this.#options.clock.setTimer(() => this.#silent(id), CALL_GRACE) }
  }

  /** Thirty seconds without a stream: lost unless a call came meanwhile. */
  #silent(id: string): void {
    const client = this.#clients.get(id)
    if (client === undefined || client.liveness.name !== 'calling') return
    const left = client.lastCall + CALL_GRACE - this.#options.clock.monotonic()
    if (left <= 0) this.#lose(id, 'silent')
    else client.liveness = { name: 'calling', timer: this.#options.clock.setTimer(() => this.#silent(id), left) }
  }

  #lose(id: string, reason: LostReason): void {
    const client = this.#clients.get(id)
    if (client === undefined) return
    if (client.liveness.name === 'connected') this.#leftOpen.add(client.liveness.link)
    else client.liveness.timer.cancel()
    this.#clients.delete(id)
    this.#options.onLost(id)
    this.#options.onGone?.(client, reason)
  }

  #transition(client: Client, next: Liveness): void {
    if (client.liveness.name !== 'connected') client.liveness.timer.cancel()
    client.liveness = next
  }

  #makeRoom(): void {
    if (this.#clients.size < (this.#options.maxClients ?? 100_000)) return
    const oldest = [...this.#clients.values()].filter(({ liveness }) => liveness.name !== 'connected').sort((a, b) => a.lastCall - b.lastCall)[0]
    if (oldest !== undefined) this.#lose(oldest.id, 'no-room')
  }
}
