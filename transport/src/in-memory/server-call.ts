import type { Timer } from '../clock.ts'
import type { MessageBytes, RpcStatus } from '../contract.ts'
import { type ArrivedCall, HandledCall, type Registration } from '../handled-call.ts'
import { HeaderList } from '../headers.ts'
import type { MemoryClientCall } from './client-call.ts'
import type { Network } from './network.ts'
import type { MemoryServer } from './server.ts'

/** What borrowed bytes become once the borrower has returned. */
export const POISON = 0xdb

export class MemoryServerCall extends HandledCall<unknown> {
  readonly #client: MemoryClientCall
  readonly #network: Network
  readonly #limit: number
  #deadline: Timer | undefined

  constructor(network: Network, server: MemoryServer, registration: Registration<unknown>, arrived: ArrivedCall, client: MemoryClientCall) {
    super(registration, arrived, server.limits.onError)
    this.#network = network
    this.#limit = server.limits.maxReceiveMessageBytes
    this.#client = client
    if (arrived.remaining !== undefined) this.#deadline = network.clock.setTimer(() => this.lost(), arrived.remaining)
  }

  override received(message: Uint8Array): void {
    if (message.byteLength > this.#limit) {
      this.refuse({ code: 'RESOURCE_EXHAUSTED', message: `the request has ${message.byteLength} bytes, ${this.#limit} are accepted` })
      return
    }
    super.received(message)
  }

  override lost(): void {
    this.#deadline?.cancel()
    super.lost()
  }

  pause(): void {
    this.#client.requests.pause()
  }

  resume(): void {
    this.#client.requests.resume()
  }

  #head(): void {
    if (this.responseHeaders !== undefined) this.#client.announce(new HeaderList(this.responseHeaders))
  }

  protected write(message: MessageBytes): boolean {
    this.#head()
    return this.#client.responses.write(message)
  }

  protected finish(status: RpcStatus, trailers: readonly (readonly [name: string, value: string])[]): void {
    this.#deadline?.cancel()
    this.#head()
    this.#client.requests.close()
    this.#client.responses.end(() => this.#client.finish(status, new HeaderList(trailers)))
  }

  protected override release(message: Uint8Array): void {
    if (this.#network.poison) message.fill(POISON)
  }
}
