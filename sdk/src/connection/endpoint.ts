import { type Address, type EndpointList, endpointKey, formatAddress } from '../endpoints.ts'

/**
 * One server as a route names it: one or more addresses that share its state. Calls go to one of them until it fails, then to the next, so that the
 * telemetry stream and the calls that need its settings stay together.
 */
export class Endpoint {
  /** Names the endpoint whatever the order of its addresses. */
  readonly key: string
  readonly list: EndpointList
  readonly #addresses: readonly string[]
  #current = 0

  constructor(list: EndpointList) {
    this.list = list
    this.key = endpointKey(list.addresses)
    this.#addresses = list.addresses.map((address: Address) => formatAddress(address))
  }

  /** `host:port` that calls go to now. */
  get address(): string {
    return this.#addresses[this.#current] ?? this.key
  }

  get addresses(): readonly string[] {
    return this.#addresses
  }

  /** Turns to the next address if `failed` is the current one; true if that is another. */
  turnFrom(failed: string): boolean {
    if (this.#addresses.length < 2 || failed !== this.address) return false
    this.#current = (this.#current + 1) % this.#addresses.length
    return true
  }
}
