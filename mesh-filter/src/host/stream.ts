import type { Decision } from './decision.ts'
import { type HeaderList, HeaderMap } from './header-map.ts'
import type { Lane } from './lane.ts'
import type { LocalReply } from './local-reply.ts'
import type { Output } from './output.ts'
import type { RootContext } from './root.ts'
import { StreamContext } from './stream-context.ts'

/** What one frame led to. */
export interface Step {
  /** What the filter decided about it; undefined when it was not asked: everything is stopped, the call is over, or the VM is dead. */
  readonly decision: Decision | undefined
  /** The headers of this direction went on in this step. */
  readonly headersReleased: boolean
  /** Bytes of body of this direction that went on in this step. */
  readonly bytesReleased: number
  /** The end of this direction went on in this step. */
  readonly endReleased: boolean
  /** Set when the proxy itself answered the call in this step. */
  readonly localReply: LocalReply | undefined
}

/**
 * Where a call stands:
 * - `held`: the request headers wait for the filter, which sees the body as it comes.
 * - `stalled`: everything waits, and the filter sees nothing of it.
 * - `open`: the headers went upstream.
 * - `answered`: the proxy itself has answered.
 * - `reset`: the client, the filter or a crash has broken it off.
 * - `closed`: over.
 */
export type StreamState = 'held' | 'stalled' | 'open' | 'answered' | 'reset' | 'closed'

/** The beginning of a request or of a response. */
export interface HeadersFrame {
  readonly headers: HeaderList
  /** There is neither a body nor trailers. Default false. */
  readonly endStream?: boolean
}

/**
 * One call through the filter: a request and the response to it. Each method is one frame, is synchronous, and says what the
 * filter made of the frame. A chunk is kept as it is, not copied: leave it alone until the call is over.
 */
export class FilterStream {
  readonly #context: StreamContext
  #lastStep: Step
  #isClosed = false

  /** @internal Use `plugin.request()`. */
  constructor(root: RootContext, { headers, endStream = false }: HeadersFrame) {
    this.#context = new StreamContext(root)
    const { request } = this.#context
    const map = new HeaderMap(headers)
    this.#lastStep = this.#step(request, () => request.receiveHeaders(map, endStream))
  }

  /** The context id that the filter knows the call by. */
  get id(): number {
    return this.#context.id
  }

  get state(): StreamState {
    const { request, response, localReply, isReset } = this.#context
    if (this.#isClosed) return 'closed'
    if (isReset || response.output.isReset) return 'reset'
    if (localReply !== undefined) return 'answered'
    return request.waiting === 'held' || request.waiting === 'stalled' ? request.waiting : 'open'
  }

  /** What the last frame led to: after `plugin.request()` the request headers. */
  get lastStep(): Step {
    return this.#lastStep
  }

  /** What went upstream. */
  get upstream(): Output {
    return this.#context.request.output
  }

  /** What went back to the client, answers of the proxy included. */
  get client(): Output {
    return this.#context.response.output
  }

  /** The proxy's own answer, whenever it was given. */
  get localReply(): LocalReply | undefined {
    return this.#context.localReply
  }

  /** What access logs show as `%FILTER_STATE(wasm.<name>:PLAIN)%`, by name without `wasm.`; one character per byte. */
  get filterState(): ReadonlyMap<string, string> {
    return this.#context.filterState
  }

  /** How often the route was to be chosen anew: Envoy does so after every change of a request header. */
  get routeCacheClears(): number {
    return this.#context.routeCacheClears
  }

  /** Bytes of request body that wait in the proxy. */
  get heldBytes(): number {
    return this.#context.request.keptBytes
  }

  /** The client sends bytes of the request. */
  body(chunk: Uint8Array, endStream = false): Step {
    const { request } = this.#context
    this.#check(!request.ended, 'the request has ended')
    return this.#step(request, () => request.receiveBody(chunk, endStream))
  }

  /** The client ends the request with trailers. */
  trailers(trailers: HeaderList): Step {
    const { request } = this.#context
    this.#check(!request.ended, 'the request has ended')
    return this.#step(request, () => request.receiveTrailers(new HeaderMap(trailers)))
  }

  /** Upstream begins its response. */
  response({ headers, endStream = false }: HeadersFrame): Step {
    const { response } = this.#context
    this.#check(response.headers === undefined, 'the response has begun')
    this.#check(this.upstream.headers !== undefined, 'nothing has reached upstream')
    const map = new HeaderMap(headers)
    return this.#step(response, () => response.receiveHeaders(map, endStream))
  }

  /** Upstream sends bytes of the response. */
  responseBody(chunk: Uint8Array, endStream = false): Step {
    const { response } = this.#context
    this.#check(response.headers !== undefined, 'the response has not begun')
    this.#check(!response.ended, 'the response has ended')
    return this.#step(response, () => response.receiveBody(chunk, endStream))
  }

  /** Upstream ends its response with trailers. */
  responseTrailers(trailers: HeaderList): Step {
    const { response } = this.#context
    this.#check(response.headers !== undefined, 'the response has not begun')
    this.#check(!response.ended, 'the response has ended')
    return this.#step(response, () => response.receiveTrailers(new HeaderMap(trailers)))
  }

  /** The client gives up. */
  reset(): void {
    this.#check(true, '')
    this.#context.breakOff()
    this.#close()
  }

  /** The call is over: the filter logs it, and its context goes. A call that the filter still holds then is a fault. */
  end(): void {
    this.#check(true, '')
    this.#judge(this.#context.request, 'request')
    this.#judge(this.#context.response, 'response')
    this.#close()
  }

  /** What shows at the end only. */
  #judge(lane: Lane, what: string): void {
    const { guest } = this.#context.root
    if (lane.ended && !lane.output.ended && lane.waiting !== 'nothing') {
      guest.faultIn('stall', 'end of the call', this.id, `the filter has never let the ${what} go (${lane.waiting})`)
    }
    const { ended, bytes } = lane.output
    const promised = lane.output.header('content-length')
    if (ended && promised !== undefined && Number(promised) !== bytes) {
      guest.faultIn('protocol', 'end of the call', this.id, `the ${what} has content-length ${promised} and ${bytes} bytes`)
    }
  }

  #close(): void {
    this.#context.close()
    this.#isClosed = true
  }

  #check(isPossible: boolean, reason: string): void {
    if (this.#isClosed) throw new Error(`Stream ${this.id} is closed`)
    if (!isPossible) throw new Error(`Stream ${this.id}: ${reason}`)
  }

  #step(lane: Lane, frame: () => void): Step {
    const context = this.#context
    const { output } = lane
    const hadHeaders = output.headers !== undefined
    const { bytes, ended } = output
    const { localReply } = context
    context.decision = undefined
    frame()
    context.frameDone()
    const step = {
      decision: context.decision,
      headersReleased: !hadHeaders && output.headers !== undefined,
      bytesReleased: output.bytes - bytes,
      endReleased: !ended && output.ended,
      localReply: context.localReply === localReply ? undefined : context.localReply,
    }
    this.#lastStep = step
    return step
  }
}
