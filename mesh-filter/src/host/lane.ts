// One direction of a stream, between the codec and what lies behind the filter: Envoy's filter manager (filter_manager.cc,
// ActiveStreamFilterBase) for a chain of this one filter, together with what its Wasm context remembers of the direction.
import { BodyBuffer } from './body-buffer.ts'
import type { Decision } from './decision.ts'
import { HeaderMap } from './header-map.ts'
import { Output } from './output.ts'

/** The filter at work in one direction. */
export interface LaneFilter {
  headers(count: number, end: boolean): Decision
  body(size: number, end: boolean): Decision
  trailers(count: number): Decision
  /** More is kept than Envoy keeps. */
  tooLarge(): void
}

/**
 * - `on`: frames pass, after the filter has seen them.
 * - `stopped`: what the filter has seen waits; new frames still reach it.
 * - `all-stopped`: new frames wait before the filter.
 */
type Iteration = 'on' | 'stopped' | 'all-stopped'

export class Lane {
  readonly output: Output = new Output()
  /** Undefined until they have come. */
  headers: HeaderMap | undefined
  trailers: HeaderMap | undefined
  /** Bytes of body that have come. */
  received = 0
  /** The end of the stream has come. */
  ended = false
  /** The client has been answered otherwise, or is gone: nothing passes any more. */
  aborted = false
  seesHeaders = false
  seesTrailers = false
  readonly #filter: LaneFilter
  readonly #limit: number
  readonly #kept: BodyBuffer = new BodyBuffer()
  readonly #chunk: BodyBuffer = new BodyBuffer()
  #iteration: Iteration = 'on'
  // Envoy keeps an empty body too: it stands for the end of the stream.
  #hasKept = false
  #isUnlimited = false
  #accumulates = false
  #seen: BodyBuffer | undefined
  #hasAddedTrailers = false

  constructor(filter: LaneFilter, limit: number) {
    this.#filter = filter
    this.#limit = limit
  }

  /** What waits: the headers (`held`), everything that comes (`stalled`), the rest of a body (`body-held`), or nothing. */
  get waiting(): 'held' | 'stalled' | 'body-held' | 'nothing' {
    if (this.aborted || this.#iteration === 'on') return 'nothing'
    if (this.#iteration === 'all-stopped') return 'stalled'
    return this.output.headers === undefined ? 'held' : 'body-held'
  }

  /** Bytes that are kept. */
  get keptBytes(): number {
    return this.#kept.length
  }

  /** The body that the filter can see now: all that is kept, or the chunk of the present callback. */
  get visibleBody(): BodyBuffer | undefined {
    return this.#accumulates ? this.#kept : this.#seen
  }

  /** In the callback for the last bytes of a body a filter may add trailers that there were none of. */
  addTrailers(): HeaderMap | undefined {
    if (this.trailers !== undefined || this.#seen === undefined || !this.ended) return undefined
    this.trailers = new HeaderMap()
    this.seesTrailers = true
    this.#hasAddedTrailers = true
    return this.trailers
  }

  receiveHeaders(headers: HeaderMap, end: boolean): void {
    this.headers = headers
    this.ended = end
    this.seesHeaders = true
    const decision = this.#filter.headers(headers.size, end)
    if (decision === 'continue') {
      this.seesHeaders = false
      if (!this.aborted) this.#passHeaders()
    } else if (decision === 'stop-iteration') this.#iteration = 'stopped'
    else {
      this.#iteration = 'all-stopped'
      this.#isUnlimited = decision === 'stop-all-and-watermark'
    }
  }

  receiveBody(chunk: Uint8Array, end: boolean): void {
    this.received += chunk.length
    if (end) this.ended = true
    if (this.aborted) return
    this.#chunk.replace(chunk)
    if (this.#iteration === 'all-stopped') this.#keep(this.#isUnlimited)
    else this.#offerBody(end)
  }

  receiveTrailers(trailers: HeaderMap): void {
    this.trailers = trailers
    this.ended = true
    if (!this.aborted && this.#iteration !== 'all-stopped') this.#offerTrailers()
  }

  /** The filter has asked to go on, outside of the callback that stopped. False when nothing is stopped. */
  resume(): boolean {
    if (this.aborted) return true
    if (this.#iteration === 'on') return false
    this.#continue()
    return true
  }

  /** A filter that continues a stream loses sight of it (Context::continueStream). */
  blind(): void {
    this.seesHeaders = false
    this.seesTrailers = false
    this.#seen = undefined
  }

  #offerBody(end: boolean): void {
    if (this.#accumulates) {
      this.#keep(false)
      if (this.aborted) return
    }
    const visible = this.#accumulates ? this.#kept : this.#chunk
    this.#seen = visible
    const decision = this.#filter.body(visible.length, end)
    // After "watermark" and "no buffer" Envoy's own pointer to the chunk dangles; here nothing can be seen then.
    this.#seen = undefined
    this.#accumulates = decision === 'stop-and-buffer'
    if (this.aborted) return
    if (decision === 'continue') {
      if (this.#iteration === 'on' && !this.#hasKept) {
        this.#passBody(this.#chunk.take())
        if (this.#hasAddedTrailers && this.trailers !== undefined) this.#passTrailers(this.trailers)
      } else {
        this.#keep(true)
        this.#continue()
      }
      return
    }
    this.#iteration = 'stopped'
    if (decision === 'stop-no-buffer') this.#hasKept ||= this.ended
    else this.#keep(decision === 'stop-and-watermark')
  }

  #offerTrailers(): void {
    const { trailers } = this
    if (trailers === undefined) return
    this.seesTrailers = true
    const decision = this.#filter.trailers(trailers.size)
    if (decision === 'continue') this.seesTrailers = false
    if (this.aborted) return
    if (decision !== 'continue') this.#iteration = 'stopped'
    else if (this.#iteration === 'on') this.#passTrailers(trailers)
    else this.#continue()
  }

  #keep(unlimited: boolean): void {
    this.#kept.append(this.#chunk.take())
    this.#hasKept = true
    if (!unlimited && this.#kept.length > this.#limit) this.#filter.tooLarge()
  }

  #continue(): void {
    const startsHere = this.#iteration === 'all-stopped'
    const { trailers } = this
    this.#iteration = 'on'
    this.#accumulates = false
    if (this.output.headers === undefined) this.#passHeaders()
    if (this.#hasKept) {
      this.#hasKept = false
      const body = this.#kept.take()
      if (startsHere) {
        this.#chunk.replace(body)
        this.#offerBody(this.ended && trailers === undefined)
      } else this.#passBody(body)
    }
    if (trailers === undefined || this.aborted) return
    if (startsHere) this.#offerTrailers()
    else this.#passTrailers(trailers)
  }

  #passHeaders(): void {
    this.output.headers = this.headers?.toList()
    this.output.ended = this.ended && !this.#hasKept && this.trailers === undefined
  }

  #passBody(body: Uint8Array): void {
    this.output.addChunk(body, this.ended && this.trailers === undefined)
  }

  #passTrailers(trailers: HeaderMap): void {
    this.output.trailers = trailers.toList()
    this.output.ended = true
  }
}
