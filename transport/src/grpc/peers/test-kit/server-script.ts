import type { ClientScript, Rules } from './client-script.ts'
import type { Answering, AnsweringHandler } from './ends.ts'
import { custom, difference } from './fields.ts'
import { bytesOf, partsOf } from './material.ts'
import { type CallPlan, PLAN_HEADER } from './plan.ts'
import { Once, repeated, Signal, turns } from './turns.ts'

/** Answers calls as their plans say, and writes down whatever is not as the plans say. One for all methods of a server. */
export class ServerScript implements AnsweringHandler {
  readonly #plans: readonly CallPlan[]
  readonly #clients: readonly ClientScript[]
  readonly #rules: Rules
  readonly #problems: string[]
  readonly #calls = new Map<Answering, Answer>()
  readonly #seen = new Set<number>()

  constructor(plans: readonly CallPlan[], clients: readonly ClientScript[], rules: Rules, problems: string[]) {
    this.#plans = plans
    this.#clients = clients
    this.#rules = rules
    this.#problems = problems
  }

  /** Every call that has arrived is over for its handler. */
  async settled(): Promise<void> {
    for (const answer of this.#calls.values()) await answer.settled
  }

  /** Calls that arrived and are not over, and what they wait for. */
  get standing(): string[] {
    return [...this.#calls.values()].flatMap((answer) => answer.standing ?? [])
  }

  onStart(call: Answering): void {
    const index = Number(call.headers.get(PLAN_HEADER))
    const plan = this.#plans[index]
    const client = this.#clients[index]
    if (plan === undefined || client === undefined) {
      this.#problems.push(`a call came with ${PLAN_HEADER}: ${call.headers.get(PLAN_HEADER)}`)
      return
    }
    if (this.#seen.has(index)) this.#problems.push(`call ${index} came twice`)
    this.#seen.add(index)
    const answer = new Answer(call, plan, this.#rules, client, (text) => this.#problems.push(`call ${index} at its server: ${text}`))
    this.#calls.set(call, answer)
    answer.begin(index)
  }

  onMessage(call: Answering, message: Uint8Array): void {
    this.#calls.get(call)?.onMessage(message)
  }

  onHalfClose(call: Answering): void {
    this.#calls.get(call)?.onHalfClose()
  }

  onCancel(call: Answering): void {
    this.#calls.get(call)?.onCancel()
  }

  onDrain(call: Answering): void {
    this.#calls.get(call)?.onDrain()
  }
}

class Answer {
  readonly #call: Answering
  readonly #plan: CallPlan
  readonly #rules: Rules
  readonly #client: ClientScript
  readonly #problem: (text: string) => void
  readonly #over = new Once()
  readonly #drain = new Signal()
  readonly #single: boolean
  #phase: 'open' | 'ended' | 'cancelled' = 'open'
  #received = 0
  #halfClosed = false
  #answering = false
  #answered = false
  #paused = false

  constructor(call: Answering, plan: CallPlan, rules: Rules, client: ClientScript, problem: (text: string) => void) {
    this.#call = call
    this.#plan = plan
    this.#rules = rules
    this.#client = client
    this.#problem = problem
    this.#single = plan.kind === 'unary' || plan.kind === 'server-stream'
  }

  get settled(): Promise<void> {
    return this.#over.done
  }

  get standing(): string | undefined {
    if (this.#phase !== 'open') return undefined
    const counts = `received ${this.#received} of ${this.#plan.requests.length}, half-closed ${this.#halfClosed}`
    const answers = `answering ${this.#answering}, answered ${this.#answered} (${this.#plan.answersOn}), paused ${this.#paused}`
    return `call ${this.#call.headers.get(PLAN_HEADER)} at its server: ${counts}, ${answers}`
  }

  begin(index: number): void {
    const { headers, responseHeaders, trailers, answersOn, reset } = this.#plan
    const sent = [[PLAN_HEADER, String(index)] as const, ...headers]
    const wrong = difference(sent, custom(this.#call.headers.entries()), this.#rules.comparison, this.#rules.sendsHeaders)
    if (wrong !== undefined) this.#problem(`headers: ${wrong}`)
    for (const [name, value] of responseHeaders) this.#call.setHeader(name, value)
    for (const [name, value] of trailers) this.#call.setTrailer(name, value)
    if (reset?.after === 0 && this.#reset()) return
    void this.#pause(repeated(this.#plan.server.pauses, 0))
    if (answersOn === 'start') this.#answer()
  }

  onMessage(message: Uint8Array): void {
    if (this.#phase !== 'open') this.#problem(`a message came when the call was ${this.#phase}`)
    if (this.#paused) this.#problem('a message came while the call was paused')
    if (this.#halfClosed) this.#problem('a message came after the end of the request')
    const planned = this.#plan.requests[this.#received]
    if (planned === undefined || Buffer.compare(bytesOf(planned), message) !== 0) {
      this.#problem(
        `request ${this.#received} of ${this.#plan.requests.length} has ${message.length} bytes and is not the planned one of ${planned?.length}`,
      )
    }
    this.#received += 1
    if (this.#single) {
      // The contract hands over a single request at the end of the stream, and tells nothing more.
      this.onHalfClose()
      return
    }
    if (this.#plan.answersOn === 'message') this.#answer()
    if (this.#phase === 'open') void this.#pause(repeated(this.#plan.server.pauses, this.#received))
  }

  onHalfClose(): void {
    if (this.#single && this.#halfClosed) return
    if (this.#phase !== 'open') this.#problem(`the request ended when the call was ${this.#phase}`)
    if (this.#halfClosed) this.#problem('the request ended twice')
    this.#halfClosed = true
    const { requests } = this.#plan
    if (this.#received !== requests.length && !this.#client.cancelled) this.#problem(`${this.#received} of ${requests.length} requests came`)
    if (this.#answered) this.#end()
    else this.#answer()
  }

  onDrain(): void {
    if (this.#phase !== 'open') this.#problem(`it was told to go on when the call was ${this.#phase}`)
    this.#drain.fire()
  }

  onCancel(): void {
    if (this.#phase !== 'open') this.#problem(`it was cancelled when the call was ${this.#phase}`)
    if (!this.#client.cancelled) this.#problem('it was cancelled, and its client had not cancelled')
    this.#phase = 'cancelled'
    this.#over.fulfil()
  }

  #answer(): void {
    if (this.#answering) return
    this.#answering = true
    void this.#write().catch((error: unknown) => this.#problem(`answering failed: ${error}`))
  }

  async #write(): Promise<void> {
    const { responses, server, hasty, reset } = this.#plan
    for (const [at, response] of responses.entries()) {
      if (this.#phase !== 'open') return
      const more = this.#call.send(partsOf(response))
      if (reset?.after === at + 1 && this.#reset()) return
      if (!more && server.polite) await Promise.race([this.#drain.wait(), this.#over.done])
      const gap = repeated(server.gaps, at)
      if (gap > 0) await turns(gap)
    }
    this.#answered = true
    if (this.#halfClosed || hasty) this.#end()
  }

  #reset(): boolean {
    const { reset } = this.#plan
    if (reset === undefined || !this.#rules.serverCanReset || this.#call.reset === undefined || this.#phase !== 'open') return false
    this.#phase = 'ended'
    this.#call.reset(reset.code)
    this.#over.fulfil()
    return true
  }

  #end(): void {
    if (this.#phase !== 'open') return
    this.#phase = 'ended'
    this.#call.end(this.#plan.status)
    this.#over.fulfil()
  }

  async #pause(kind: number): Promise<void> {
    if (kind === 0) return
    this.#call.pause()
    this.#paused = true
    if (kind > 1) await turns(kind - 1)
    this.#paused = false
    this.#call.resume()
  }
}
