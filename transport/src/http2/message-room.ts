import type { Clock } from '../clock.ts'
import { Patience } from './patience.ts'
import { UnpackBudget } from './unpack-budget.ts'

export interface RoomLimits {
  /** What a stream may send without being asked to, bytes: messages up to this need no reservation. */
  readonly streamWindow: number
  /** For that part of all messages, bytes. */
  readonly unreservedBytes: number
  /** For the rest of those that are longer, bytes; a single message may be longer than this. */
  readonly reservedBytes: number
  /** How long those who have a reservation may leave others waiting, ms. */
  readonly patience: number
}

/** A stream with a message that is not whole. */
export interface RoomUser {
  /** The rest of the message may come, so many bytes. */
  onRoom(rest: number): void
  /** Others have waited for too long. */
  onEvicted(): void
}

interface Claim {
  readonly unreserved: number
  /** What comes after {@link unreserved}. */
  readonly rest: number
  state: 'waiting' | 'reserved'
}

/**
 * Room for the messages of one connection that are not whole, or not handed over. Without it a peer could begin the longest message on each of its
 * streams (RFC 9113, 10.5); the windows alone do not help, since whoever puts messages together has to give back what it has taken, or a long one never ends.
 *
 * So each stream may send a window's worth, up to a bound beyond which calls are refused. For what comes after that, messages need a reservation, and take
 * turns when there is none left: the oldest first, and always one, so that this ends. Who has one and does not go on loses its call in the end.
 */
export class MessageRoom {
  /** For the same messages. */
  readonly unpacking: UnpackBudget
  readonly #limits: RoomLimits
  readonly #claims = new Map<RoomUser, Claim>()
  /** In the order in which they came. */
  readonly #waiting = new Set<RoomUser>()
  readonly #patience: Patience
  #unreserved = 0
  #reserved = 0
  #changes = 0

  constructor(clock: Clock, limits: RoomLimits) {
    this.#limits = limits
    this.unpacking = new UnpackBudget(clock)
    this.#patience = new Patience(
      clock,
      limits.patience,
      () => (this.#waiting.size === 0 ? -1 : this.#changes),
      () => this.#evict(),
    )
  }

  /** Bytes that may be there at most, given what is promised. */
  get bytes(): number {
    return this.#unreserved + this.#reserved
  }

  /** Messages that wait for room. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * A message of that length has begun; its user has no other. `waiting`: no more of it may come than the window allows, until {@link RoomUser.onRoom}.
   *
   * @returns otherwise what may come beyond the window, bytes; `refused` when there is no room for anything.
   */
  claim(user: RoomUser, length: number): number | 'waiting' | 'refused' {
    const unreserved = Math.min(length, this.#limits.streamWindow)
    if (this.#unreserved + unreserved > this.#limits.unreservedBytes) return 'refused'
    const claim: Claim = { unreserved, rest: length - unreserved, state: 'waiting' }
    this.#claims.set(user, claim)
    this.#unreserved += unreserved
    if (claim.rest === 0 || (this.#waiting.size === 0 && this.#fits(claim))) return this.#reserve(claim)
    this.#waiting.add(user)
    this.#patience.watch()
    return 'waiting'
  }

  /** A message is there, and stays for a while. False when there is no room for it. */
  keep(user: RoomUser, length: number): boolean {
    if (this.#unreserved + length > this.#limits.unreservedBytes) return false
    this.#claims.set(user, { unreserved: length, rest: 0, state: 'reserved' })
    this.#unreserved += length
    return true
  }

  /** The message is out of the way, or will never be whole. */
  free(user: RoomUser): void {
    const claim = this.#claims.get(user)
    if (claim === undefined) return
    this.#claims.delete(user)
    this.#unreserved -= claim.unreserved
    if (claim.state === 'waiting') {
      this.#waiting.delete(user)
      return
    }
    this.#reserved -= claim.rest
    if (claim.rest > 0) this.#serve()
  }

  close(): void {
    this.#patience.cancel()
    this.#claims.clear()
    this.#waiting.clear()
    this.#unreserved = 0
    this.#reserved = 0
  }

  #fits({ rest }: Claim): boolean {
    return this.#reserved === 0 || this.#reserved + rest <= this.#limits.reservedBytes
  }

  #reserve(claim: Claim): number {
    claim.state = 'reserved'
    this.#reserved += claim.rest
    return claim.rest
  }

  #serve(): void {
    this.#changes += 1
    for (const user of this.#waiting) {
      const claim = this.#claims.get(user)
      if (claim !== undefined && !this.#fits(claim)) return
      this.#waiting.delete(user)
      if (claim !== undefined) user.onRoom(this.#reserve(claim))
    }
  }

  #evict(): void {
    for (const [user, { state, rest }] of this.#claims) {
      if (state === 'waiting' || rest === 0) continue
      this.free(user)
      user.onEvicted()
      break
    }
    this.#patience.watch()
  }
}
