// What Envoy's Wasm filter does for one stream (extensions/common/wasm/context.cc): it asks the filter about every frame, and
// does what the filter asks of it.
import type { BodyBuffer } from './body-buffer.ts'
import { map } from './codes.ts'
import type { Answer, Context, StreamCalls } from './context.ts'
import { bodyDecisions, type Decision, headersDecisions, trailersDecisions } from './decision.ts'
import type { Guest } from './guest.ts'
import { HeaderMap } from './header-map.ts'
import { Lane, type LaneFilter } from './lane.ts'
import { grpcStatusOf, isGrpc, type LocalReply, replyMessage } from './local-reply.ts'
import { encodeProperty, requestProperty } from './properties.ts'
import type { RootContext } from './root.ts'

function ownAnswer(httpStatus: number, grpcStatus: number | undefined, details: string, body: string): Answer {
  return { httpStatus, grpcStatus, details, body: Buffer.from(body), headers: new HeaderMap() }
}

const failed = ownAnswer(503, 14, 'wasm_fail_stream', '')
const requestTooLarge = ownAnswer(413, undefined, 'request_payload_too_large', 'Payload Too Large')
const responseTooLarge = ownAnswer(500, undefined, 'response_payload_too_large', 'Internal Server Error')

export class StreamContext implements Context, StreamCalls {
  readonly id: number
  readonly root: RootContext
  readonly stream: StreamContext = this
  readonly request: Lane
  readonly response: Lane
  readonly filterState: Map<string, string> = new Map()
  /** Of the last callback for a frame. */
  decision: Decision | undefined
  localReply: LocalReply | undefined
  isLogging = false
  isReset = false
  routeCacheClears = 0
  readonly #guest: Guest
  #isCreated = false
  #hasFailed = false
  #isClosing = false

  constructor(root: RootContext) {
    const { guest } = root
    this.root = root
    this.#guest = guest
    this.id = guest.nextContextId()
    guest.contexts.set(this.id, this)
    root.streamOpened()
    const { bufferLimit } = guest.services
    this.request = new Lane(this.#requestFilter(), bufferLimit)
    this.response = new Lane(this.#responseFilter(), bufferLimit)
  }

  #requestFilter(): LaneFilter {
    return {
      headers: (count, end) => this.#askAboutHeaders('proxy_on_request_headers', count, end),
      body: (size, end) => this.#ask('proxy_on_request_body', bodyDecisions, size, end ? 1 : 0),
      trailers: (count) => this.#ask('proxy_on_request_trailers', trailersDecisions, count, 0),
      tooLarge: () => this.#reply(requestTooLarge),
    }
  }

  // Once its own failure was the answer, Envoy asks the filter no more.
  #responseFilter(): LaneFilter {
    return {
      headers: (count, end) => (this.#hasFailed ? 'continue' : this.#askAboutHeaders('proxy_on_response_headers', count, end)),
      body: (size, end) => (this.#hasFailed ? 'continue' : this.#ask('proxy_on_response_body', bodyDecisions, size, end ? 1 : 0)),
      trailers: (count) => (this.#hasFailed ? 'continue' : this.#ask('proxy_on_response_trailers', trailersDecisions, count, 0)),
      tooLarge: () => this.#reply(responseTooLarge),
    }
  }

  #askAboutHeaders(name: string, count: number, end: boolean): Decision {
    this.#create()
    const decision = this.#ask(name, headersDecisions, count, end ? 1 : 0)
    // Without allow_on_headers_stop_iteration "wait with the headers" is taken for "wait with everything".
    if (decision !== 'stop-iteration' || this.#guest.services.allowOnHeadersStopIteration) return decision
    this.decision = 'stop-all-and-watermark'
    return this.decision
  }

  #ask(name: string, decisions: readonly Decision[], a: number, b: number): Decision {
    const guest = this.#guest
    const stop = decisions.at(-1) ?? 'continue'
    if (guest.failure !== undefined) {
      this.#fail()
      return stop
    }
    const callback = guest.callbacks[name]
    if (callback === undefined) return 'continue'
    const answer = guest.call(callback, name, this, this.id, a, b)
    this.decision = stop
    if (guest.failure !== undefined) this.#fail()
    else if (!guest.stopNextIteration) {
      const decision = decisions[answer]
      if (decision === undefined || (decision === 'continue' && answer !== 0)) {
        guest.faultIn('argument', name, this.id, `the callback answered ${answer}, which Envoy takes for "${decision ?? stop}"`)
      }
      this.decision = decision ?? stop
    }
    const decided = this.decision
    guest.callEnded()
    this.decision = decided
    return decided
  }

  #create(): void {
    if (this.#isCreated) return
    this.#isCreated = true
    this.#guest.notify('proxy_on_context_create', this, this.id, this.root.id)
  }

  /** The last words about a stream: what can be logged, that it is done, that its context goes. */
  close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#create()
    this.isLogging = true
    this.#guest.notify('proxy_on_log', this, this.id)
    this.isLogging = false
    this.#guest.notify('proxy_on_done', this, this.id)
    this.#guest.notify('proxy_on_delete', this, this.id)
    this.#guest.contexts.delete(this.id)
    this.root.streamClosed()
  }

  breakOff(): void {
    this.isReset = true
    this.request.aborted = true
    this.response.aborted = true
    this.#resetUpstream()
    if (!this.response.output.ended) this.response.output.isReset = true
  }

  /** In Envoy a call is over with its response: what is still to come of the request reaches nobody (ConnectionManagerImpl::doEndStream). */
  frameDone(): void {
    const { request, response } = this
    if (!response.output.ended || request.ended || request.aborted) return
    request.aborted = true
    this.#resetUpstream()
  }

  /** Upstream gets a reset unless its part is over. */
  #resetUpstream(): void {
    const { output } = this.request
    if (output.headers !== undefined && !(output.ended && this.response.ended)) output.isReset = true
  }

  #fail(): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    if (!this.isReset) this.#reply(failed)
  }

  answer(answer: Answer): void {
    if (this.localReply === undefined && !this.isReset && !this.#isClosing && !this.response.output.ended) this.#reply(answer)
    else this.#guest.faultIn('order', 'proxy_send_local_response', this.id, 'the call is over or answered already, so nobody gets this answer')
  }

  #reply(answer: Answer): void {
    const { request, response } = this
    const way = response.headers === undefined ? 'filters' : response.output.headers === undefined ? 'direct' : 'reset'
    const { httpStatus, details, body } = answer
    this.localReply = { httpStatus, grpcStatus: isGrpc(request.headers) ? grpcStatusOf(answer) : undefined, details, body, way }
    this.#resetUpstream()
    request.aborted = true
    if (way === 'filters') {
      this.#send(answer)
      return
    }
    response.aborted = true
    if (way === 'reset') response.output.isReset = true
    else {
      const message = replyMessage(answer, isGrpc(request.headers))
      response.headers = message.headers
      response.output.headers = message.headers.toList()
      response.output.addChunk(message.body ?? Buffer.alloc(0), true)
    }
  }

  #send(answer: Answer): void {
    const { headers, body } = replyMessage(answer, isGrpc(this.request.headers))
    const { decision } = this
    this.response.receiveHeaders(headers, body === undefined)
    if (body !== undefined) this.response.receiveBody(body, true)
    this.decision = decision
  }

  resume(direction: 'request' | 'response'): void {
    const lane = this[direction]
    // Of both directions it is the request that Envoy loses sight of.
    this.request.blind()
    this.#guest.afterCall(() => {
      if (lane.resume()) return
      this.#guest.faultIn('order', 'proxy_continue_stream', this.id, `the ${direction} is not stopped; a callback that wants to go on answers 0`)
    })
  }

  clearRouteCache(): void {
    this.routeCacheClears++
  }

  setProperty(path: string, value: string): void {
    this.filterState.set(path, value)
  }

  readableMap(type: number): HeaderMap | undefined {
    const { request, response } = this
    switch (type) {
      case map.requestHeaders:
        return this.isLogging || request.seesHeaders ? request.headers : undefined
      case map.requestTrailers:
        return !this.isLogging && request.seesTrailers ? request.trailers : undefined
      case map.responseHeaders:
        return this.isLogging || response.seesHeaders ? response.headers : undefined
      case map.responseTrailers:
        return this.isLogging || response.seesTrailers ? response.trailers : undefined
      default:
        return undefined
    }
  }

  writableMap(type: number): HeaderMap | undefined {
    const { request, response } = this
    switch (type) {
      case map.requestHeaders:
        return request.seesHeaders ? request.headers : undefined
      case map.requestTrailers:
        return request.seesTrailers ? request.trailers : request.addTrailers()
      case map.responseHeaders:
        return response.seesHeaders ? response.headers : undefined
      case map.responseTrailers:
        return response.seesTrailers ? response.trailers : response.addTrailers()
      default:
        return undefined
    }
  }

  mapChanged(type: number): 'effective' | 'too-late' {
    if (type === map.requestHeaders) this.routeCacheClears++
    const { output } = type === map.requestHeaders || type === map.requestTrailers ? this.request : this.response
    const passed = type === map.requestHeaders || type === map.responseHeaders ? output.headers : output.trailers
    return passed === undefined ? 'effective' : 'too-late'
  }

  body(direction: 'request' | 'response'): BodyBuffer | undefined {
    return this[direction].visibleBody
  }

  property(path: readonly string[]): Uint8Array | undefined {
    const [first = '', ...rest] = path
    const { received } = this.request
    const ours =
      first === 'request'
        ? requestProperty(rest, { headers: this.readableMap(map.requestHeaders), received })
        : rest.length === 0
          ? this.filterState.get(first)
          : undefined
    return ours === undefined ? this.root.property(path) : typeof ours === 'string' ? Buffer.from(ours, 'latin1') : encodeProperty(ours)
  }
}
