import { decodeHeartbeatResponse, encodeHeartbeatRequest, messagingService } from '@feathermq/protocol/client'
import type { Clock, Timer } from '../clock.ts'
import { FeatherMQError } from '../errors.ts'
import type { Endpoint } from './endpoint.ts'
import { isCode, statusFailure } from './failure.ts'
import { resource } from './resource.ts'
import type { Rpc } from './rpc.ts'
import type { Role } from './settings.ts'

const FIRST = 1_000
const INTERVAL = 10_000
/** Silent calls in a row after which a connection counts as dead, though the system still thinks it open. */
const SILENCES = 2
/** A connection is given up at most so often. */
const RESET_INTERVAL = 30_000

export interface HeartbeatOwner {
  endpoints(): readonly Endpoint[]
  /** The server answered: it is well. */
  onHealthy(endpoint: Endpoint): void
  /** The server answered that it does not know this client (any more). */
  onUnknown(endpoint: Endpoint): void
  /** The connection seems half open. */
  onDead(endpoint: Endpoint): void
}

/** Tells every endpoint at intervals that this client lives, and learns by the answers which of them do. */
export class Heartbeat {
  readonly #rpc: Rpc
  readonly #role: Role
  readonly #namespace: string
  readonly #clock: Clock
  readonly #owner: HeartbeatOwner
  readonly #silences = new Map<string, number>()
  readonly #resets = new Map<string, number>()
  #timer: Timer | undefined

  constructor(rpc: Rpc, role: Role, namespace: string, clock: Clock, owner: HeartbeatOwner) {
    this.#rpc = rpc
    this.#role = role
    this.#namespace = namespace
    this.#clock = clock
    this.#owner = owner
  }

  start(): void {
    this.#timer ??= this.#clock.setTimer(() => void this.#round(), FIRST)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  async #round(): Promise<void> {
    await Promise.all(this.#owner.endpoints().map((endpoint) => this.#beat(endpoint)))
    if (this.#timer !== undefined) this.#timer = this.#clock.setTimer(() => void this.#round(), INTERVAL)
  }

  async #beat(endpoint: Endpoint): Promise<void> {
    try {
      const { value, context } = await this.#rpc.unary(endpoint, messagingService.heartbeat, this.#request(), decodeHeartbeatResponse, {
        background: true,
      })
      this.#silences.delete(endpoint.key)
      const failure = statusFailure(value.status, context)
      if (failure === undefined) this.#owner.onHealthy(endpoint)
      else if (isCode(failure, 'UNRECOGNIZED_CLIENT_TYPE')) this.#owner.onUnknown(endpoint)
    } catch (error) {
      if (error instanceof FeatherMQError && error.code === 'NO_ANSWER') this.#silent(endpoint)
      else this.#silences.delete(endpoint.key)
    }
  }

  #silent(endpoint: Endpoint): void {
    const silences = (this.#silences.get(endpoint.key) ?? 0) + 1
    this.#silences.set(endpoint.key, silences)
    const now = this.#clock.monotonic()
    if (silences < SILENCES || now - (this.#resets.get(endpoint.key) ?? Number.NEGATIVE_INFINITY) < RESET_INTERVAL) return
    this.#resets.set(endpoint.key, now)
    this.#silences.delete(endpoint.key)
    this.#owner.onDead(endpoint)
  }

  #request(): Uint8Array {
    switch (this.#role.kind) {
      case 'producer':
        return encodeHeartbeatRequest({ clientType: 'PRODUCER' })
      case 'push-consumer':
        return encodeHeartbeatRequest({ clientType: 'PUSH_CONSUMER', group: resource(this.#namespace, this.#role.group) })
      case 'simple-consumer':
        return encodeHeartbeatRequest({ clientType: 'SIMPLE_CONSUMER', group: resource(this.#namespace, this.#role.group) })
    }
  }
}
