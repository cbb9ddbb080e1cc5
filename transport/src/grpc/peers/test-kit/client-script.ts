import type { ClientCall, ClientCallHandler, HeaderReader, RpcStatus } from '../../../contract.ts'
import type { ClientEnd } from './ends.ts'
import { type Comparison, custom, difference } from './fields.ts'
import { bytesOf, partsOf } from './material.ts'
import { type CallPlan, type Cancellation, methodOf, PLAN_HEADER } from './plan.ts'
import { Once, repeated, Signal, turns } from './turns.ts'

/** What both ends of a pair are judged by. */
export interface Rules {
  readonly comparison: Comparison
  readonly sendsHeaders: 'node' | 'other'
  readonly sendsTrailers: 'node' | 'other'
  /** A reset by the server may be part of a plan. */
  readonly serverCanReset: boolean
  /** A client that is told of a failure may leave messages unread that came before it, as grpc-js does. */
  readonly failsEarly: boolean
}

/** What a reset means to a call (gRPC over HTTP/2, Errors). */
const byReset: Readonly<Record<number, string>> = { 1: 'INTERNAL', 2: 'INTERNAL', 8: 'CANCELLED', 11: 'RESOURCE_EXHAUSTED', 12: 'PERMISSION_DENIED' }

/** Makes one call as its plan says, and writes down whatever is not as the plan says. */
export class ClientScript implements ClientCallHandler {
  readonly #plan: CallPlan
  readonly #index: number
  readonly #rules: Rules
  readonly #problems: string[]
  readonly #over = new Once()
  readonly #drain = new Signal()
  #call: ClientCall | undefined
  #heads = 0
  #received = 0
  #sent = 0
  #paused = false
  #ended = false
  #cancelled = false

  constructor(plan: CallPlan, index: number, rules: Rules, problems: string[]) {
    this.#plan = plan
    this.#index = index
    this.#rules = rules
    this.#problems = problems
  }

  /** What it waits for; undefined when it is over. */
  get standing(): string | undefined {
    if (this.#ended) return undefined
    const { requests, responses, cancel } = this.#plan
    const { kind, client } = this.#plan
    const counts = `sent ${this.#sent} of ${requests.length}, received ${this.#received} of ${responses.length}, ${this.#heads} heads`
    return `call ${this.#index} at its client: ${kind}, ${counts}, cancel ${JSON.stringify(cancel)}, cancelled ${this.#cancelled}, paused ${this.#paused}, ${JSON.stringify(client)}`
  }

  get cancelled(): boolean {
    return this.#cancelled
  }

  async run(client: ClientEnd): Promise<void> {
    const { kind, headers, delay } = this.#plan
    await turns(delay)
    const call = client.start(methodOf(kind), this, { headers: [[PLAN_HEADER, String(this.#index)], ...headers] })
    this.#call = call
    this.#cancelOn('start', 0)
    void this.#countTurns()
    await this.#write(call)
    await this.#over.done
  }

  async #write(call: ClientCall): Promise<void> {
    const { requests, client } = this.#plan
    for (const [at, request] of requests.entries()) {
      if (this.#ended || this.#cancelled) return
      const more = call.send(partsOf(request))
      this.#sent += 1
      this.#cancelOn('sent', this.#sent)
      if (!more && client.polite && !this.#ended) await Promise.race([this.#drain.wait(), this.#over.done])
      await turns(repeated(client.gaps, at))
    }
    call.halfClose()
    this.#cancelOn('half-closed', 0)
  }

  async #countTurns(): Promise<void> {
    const { cancel } = this.#plan
    if (cancel?.on !== 'turn') return
    await turns(cancel.count)
    this.#cancelOn('turn', cancel.count)
  }

  #cancelOn(event: Cancellation['on'], count: number): void {
    const { cancel } = this.#plan
    if (cancel === undefined || cancel.on !== event || this.#ended) return
    if (cancel.count !== count && event !== 'start' && event !== 'half-closed' && event !== 'headers') return
    this.#cancelled = true
    this.#call?.cancel()
  }

  onHeaders(headers: HeaderReader): void {
    this.#heads += 1
    this.#expectAlive('headers')
    if (this.#heads > 1) this.#problem('headers came twice')
    if (this.#received > 0) this.#problem('headers came after a message')
    const wrong = difference(this.#plan.responseHeaders, custom(headers.entries()), this.#rules.comparison, this.#rules.sendsTrailers)
    if (wrong !== undefined) this.#problem(`response headers: ${wrong}`)
    this.#cancelOn('headers', 0)
  }

  onMessage(message: Uint8Array): void {
    this.#expectAlive('a message')
    if (this.#paused) this.#problem('a message came while the call was paused')
    if (this.#heads === 0) this.#problem('a message came before the headers')
    const planned = this.#plan.responses[this.#received]
    if (planned === undefined || Buffer.compare(bytesOf(planned), message) !== 0) {
      this.#problem(
        `response ${this.#received} of ${this.#plan.responses.length} has ${message.length} bytes and is not the planned one of ${planned?.length}`,
      )
    }
    this.#received += 1
    this.#cancelOn('received', this.#received)
    void this.#pause(repeated(this.#plan.client.pauses, this.#received))
  }

  onDrain(): void {
    this.#drain.fire()
  }

  onEnd(status: RpcStatus, trailers: HeaderReader): void {
    if (this.#ended) this.#problem('the end came twice')
    this.#ended = true
    this.#judge(status, trailers)
    this.#over.fulfil()
  }

  async #pause(kind: number): Promise<void> {
    const call = this.#call
    if (kind === 0 || call === undefined || this.#ended || this.#cancelled) return
    call.pause()
    this.#paused = true
    if (kind > 1) await turns(kind - 1)
    this.#paused = false
    call.resume()
  }

  #judge(status: RpcStatus, trailers: HeaderReader): void {
    const { responses, reset, responseHeaders } = this.#plan
    if (this.#cancelled) {
      if (status.code !== 'CANCELLED') this.#problem(`cancelled, and ended with ${status.code} ${status.message}`)
      return
    }
    if (reset !== undefined && this.#rules.serverCanReset && reset.after <= responses.length) {
      if (status.code !== byReset[reset.code]) this.#problem(`reset with ${reset.code}, and ended with ${status.code} ${status.message}`)
      return
    }
    const planned = this.#plan.status
    if (status.code !== planned.code || status.message !== planned.message) {
      this.#problem(`ended with ${JSON.stringify(status)} instead of ${JSON.stringify(planned)}`)
    }
    const fewer = this.#rules.failsEarly && planned.code !== 'OK'
    if (this.#received !== responses.length && !fewer) this.#problem(`${this.#received} of ${responses.length} responses came`)
    if (this.#heads === 0 && !fewer && responses.length + responseHeaders.length > 0) this.#problem('no headers came')
    const wrong = difference(this.#plan.trailers, custom(trailers.entries()), this.#rules.comparison, this.#rules.sendsTrailers)
    if (wrong !== undefined) this.#problem(`trailers: ${wrong}`)
  }

  #expectAlive(what: string): void {
    if (this.#ended) this.#problem(`${what} came after the end`)
    if (this.#cancelled) this.#problem(`${what} came after the cancellation`)
  }

  #problem(text: string): void {
    this.#problems.push(`call ${this.#index} at its client: ${text}`)
  }
}
