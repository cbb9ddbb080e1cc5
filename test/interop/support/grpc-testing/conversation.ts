import type { CallOptions, Channel, ClientCall, ClientCallHandler, HeaderReader, Method, RpcStatus } from '@feathermq/transport'

export interface End {
  readonly status: RpcStatus
  readonly headers: HeaderReader | undefined
  readonly trailers: HeaderReader
}

/** One call with promises: what is said and what is answered, in turn. */
export class Conversation implements ClientCallHandler {
  readonly ended: Promise<End>
  readonly #call: ClientCall
  readonly #answers: Uint8Array[] = []
  /** Who waits for an answer, for the end or for the peer to read on; each looks again at everything that happens. */
  readonly #looks = new Set<() => void>()
  #headers: HeaderReader | undefined
  #end: End | undefined
  #drains = 0

  constructor(channel: Channel, method: Method, options?: CallOptions) {
    this.ended = this.#until(() => this.#end)
    this.#call = channel.start(method, this, options)
  }

  /** Resolves when the peer reads fast enough for another message, or the call has ended. */
  async send(message: Uint8Array): Promise<void> {
    const before = this.#drains
    if (!this.#call.send(message)) await this.#until(() => (this.#drains > before || this.#end !== undefined ? true : undefined))
  }

  halfClose(): void {
    this.#call.halfClose()
  }

  cancel(): void {
    this.#call.cancel()
  }

  /** The next answer. @throws an Error when the call ends without one. */
  async next(): Promise<Uint8Array> {
    const answer = await this.#until(() => this.#answers.shift() ?? this.#end)
    if (answer instanceof Uint8Array) return answer
    throw new Error(`the call ended with ${answer.status.code} ("${answer.status.message}") instead of an answer`)
  }

  /** Answers that nobody took. */
  get rest(): readonly Uint8Array[] {
    return this.#answers
  }

  onHeaders(headers: HeaderReader): void {
    this.#headers = headers
  }

  onMessage(message: Uint8Array): void {
    this.#answers.push(Uint8Array.from(message))
    this.#look()
  }

  onDrain(): void {
    this.#drains += 1
    this.#look()
  }

  onEnd(status: RpcStatus, trailers: HeaderReader): void {
    this.#end = { status, headers: this.#headers, trailers }
    this.#look()
  }

  #look(): void {
    for (const look of this.#looks) look()
  }

  #until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const found = find()
        if (found === undefined) return
        this.#looks.delete(look)
        resolve(found)
      }
      this.#looks.add(look)
      look()
    })
  }
}
