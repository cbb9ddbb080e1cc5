import type { ConnectionOptions } from 'node:tls'
import { backoffDelay } from '../backoff.ts'
import { type ChannelLimits, channelLimits, type Endpoint, formatAddress } from '../channel-options.ts'
import { type Clock, systemClock, type Timer } from '../clock.ts'
import type { CallOptions, Channel, ChannelOptions, ChannelState, ClientCall, ClientCallHandler, HeaderTemplate, Method } from '../contract.ts'
import { headerTemplate } from '../headers.ts'
import { Hold } from '../hold.ts'
import type { PreparedFields } from '../http2/stream.ts'
import { StateListeners } from '../state-listeners.ts'
import { LONGEST_TIMEOUT } from '../timeout.ts'
import { type CallOwner, Http2ClientCall, requestHead } from './client-call.ts'
import { tlsOptions } from './connector.ts'
import { Deadlines } from './deadlines.ts'
import { Link, type LinkOwner } from './link.ts'
import { Roll } from './roll.ts'

const BACKOFF = { initial: 200, max: 5_000 }
/** Beyond so many connections, which a server with a low limit of streams may bring about, calls wait for their turn. */
const MOST_LINKS = 16
/** Paths whose heads are kept. A service has a dozen or two. */
const MOST_HEADS = 64

/**
 * What a channel does about connecting; connections that stand are beside it.
 *
 *   none ──▶ connecting ──one stands──▶ none
 *                │  ▲
 *             all failed, back-off over
 *                ▼  │
 *              waiting
 */
type Attempt =
  | { readonly name: 'none' }
  | { readonly name: 'connecting'; readonly round: number; readonly link: Link; readonly causes: readonly string[] }
  | { readonly name: 'waiting'; readonly retry: Timer; readonly cause: string }
  | { readonly name: 'closed' }

/** Calls to one server over as many connections as its limit of streams asks for, which is one (gRPC, connectivity semantics). */
export class Http2Channel implements Channel, CallOwner, LinkOwner {
  readonly address: string
  readonly maxReceiveMessageBytes: number
  readonly deadlines: Deadlines
  /** What the server is called by the call that begins just now: its address, which is known when one of several has answered. */
  #authority: string
  readonly #scheme: string
  readonly #limits: ChannelLimits
  readonly #tls: ConnectionOptions | undefined
  readonly #clock: Clock
  readonly #random: () => number
  readonly #links = new Set<Link>()
  /** The one that was there first, which is nearly always the only one. */
  #firstLink: Link | undefined
  /** By path. */
  readonly #heads = new Map<string, PreparedFields>()
  readonly #calls = new Roll<Http2ClientCall>()
  /** Calls that have no stream yet, oldest first. */
  readonly #pending = new Set<Http2ClientCall>()
  readonly #listeners = new StateListeners()
  readonly #hold = new Hold()
  #attempt: Attempt = { name: 'none' }
  #state: ChannelState = 'idle'
  #keepalive: number
  /** Connections in succession that stood and were over before a call was given to them. */
  #fruitless = 0

  /** @param clock for tests, as is `random`. */
  constructor(options: ChannelOptions, clock: Clock = systemClock, random: () => number = Math.random) {
    this.#clock = clock
    this.#random = random
    this.deadlines = new Deadlines(clock)
    this.#limits = channelLimits(options)
    this.#keepalive = this.#limits.keepalive
    this.#tls = options.tls === undefined ? undefined : tlsOptions(options.tls)
    this.address = options.address
    this.#authority = this.#authorityOf(this.#limits.endpoints[0])
    this.#scheme = options.tls === undefined ? 'http' : 'https'
    this.maxReceiveMessageBytes = this.#limits.maxReceiveMessageBytes
  }

  get state(): ChannelState {
    return this.#state
  }

  template(headers: readonly (readonly [name: string, value: string])[]): HeaderTemplate {
    return headerTemplate(headers)
  }

  start(method: Method, handler: ClientCallHandler, options: CallOptions = {}): ClientCall {
    const call = new Http2ClientCall(this, method, handler, options)
    this.#calls.add(call)
    if (options.background !== true) this.#hold.acquire()
    if (call.expired) call.timeOut()
    else this.#route(call)
    return call
  }

  onState(listener: (state: ChannelState) => void): () => void {
    return this.#listeners.add(listener)
  }

  close(): void {
    const left = this.#attempt
    if (left.name === 'closed') return
    this.#try({ name: 'closed' })
    if (left.name === 'connecting') left.link.close('the channel was closed')
    for (const call of this.#calls.all()) call.abandon({ code: 'CANCELLED', message: `the channel to ${this.address} was closed` })
    for (const link of [...this.#links]) link.close('the channel was closed')
    this.deadlines.close()
  }

  // ── calls ──

  headOf(path: string): PreparedFields {
    const known = this.#heads.get(path)
    if (known !== undefined) return known
    if (this.#heads.size >= MOST_HEADS) this.#heads.clear()
    const head = requestHead(this.#scheme, path, this.#authority)
    this.#heads.set(path, head)
    return head
  }

  onCallEnd(call: Http2ClientCall): void {
    this.#calls.delete(call)
    if (this.#pending.size > 0) this.#pending.delete(call)
  }

  /** Not before: who makes one call after the other holds the process all the while. */
  onCallTold(call: Http2ClientCall): void {
    if (call.options.background !== true) this.#hold.release()
  }

  onRefused(call: Http2ClientCall): void {
    queueMicrotask(() => {
      if (!call.over) this.#route(call)
    })
  }

  #route(call: Http2ClientCall): void {
    if (this.#attempt.name === 'closed') {
      call.abandon({ code: 'CANCELLED', message: `the channel to ${this.address} is closed` })
      return
    }
    const link = this.#withRoom()
    if (link !== undefined) {
      this.#begin(call, link)
      return
    }
    call.late = true
    this.#pending.add(call)
    this.#takePending()
  }

  #begin(call: Http2ClientCall, link: Link): void {
    if (this.#authority !== link.authority) {
      this.#authority = link.authority
      this.#heads.clear()
    }
    link.begin(call)
  }

  #withRoom(): Link | undefined {
    if (this.#firstLink?.hasRoom) return this.#firstLink
    for (const link of this.#links) if (link.hasRoom) return link
    return undefined
  }

  /** Begins what waits, as far as there is room, and sees to it that there will be for the rest. */
  #takePending(): void {
    if (this.#pending.size === 0) return
    for (const call of this.#pending) {
      const link = this.#withRoom()
      if (link === undefined) break
      this.#pending.delete(call)
      this.#begin(call, link)
    }
    if (this.#pending.size === 0) return
    const usable = [...this.#links].filter((link) => link.usable)
    if (this.#attempt.name === 'waiting' && usable.length === 0) {
      const { cause } = this.#attempt
      for (const call of this.#pending) if (call.options.waitForReady !== true) call.abandon({ code: 'UNAVAILABLE', message: cause })
      return
    }
    // A server that takes no calls at all on one connection takes none on a second.
    const full = usable.length < MOST_LINKS && usable.every((link) => link.openStreams > 0)
    if (this.#attempt.name === 'none' && full) this.#connect(0, [])
  }

  // ── connections ──

  /** Tries the addresses in turn, first the one that others of our connections go to. @param causes why those before failed. */
  #connect(round: number, causes: readonly string[]): void {
    const { endpoints, connectTimeout } = this.#limits
    const [standing] = this.#links
    const first = standing === undefined ? 0 : endpoints.indexOf(standing.endpoint)
    const endpoint = endpoints[(first + causes.length) % endpoints.length] ?? endpoints[0]
    const target = { endpoint, authority: this.#authorityOf(endpoint), tls: this.#tls, connectTimeout, keepalive: this.#keepalive }
    const link = new Link(target, this, this.#clock)
    this.#try({ name: 'connecting', round, link, causes })
  }

  onStanding(link: Link): void {
    this.#links.add(link)
    this.#firstLink ??= link
    this.#try({ name: 'none' })
    this.#takePending()
  }

  onFailed(link: Link, cause: string): void {
    if (this.#attempt.name !== 'connecting' || this.#attempt.link !== link) return
    const causes = [...this.#attempt.causes, cause]
    if (causes.length < this.#limits.endpoints.length) this.#connect(this.#attempt.round, causes)
    else this.#wait(this.#attempt.round, causes.join('; '))
  }

  onOver(link: Link, reason: string): void {
    this.#links.delete(link)
    if (this.#firstLink === link) this.#firstLink = this.#links.values().next().value
    if (link.begun > 0) this.#fruitless = 0
    else if (this.#attempt.name === 'none' && this.#pending.size > 0) {
      // It was of no use to the calls that wait; the next one might be no better, at once.
      this.#wait(this.#fruitless, `${link.endpoint.text}: ${reason}`)
      this.#fruitless += 1
      return
    }
    this.#tell()
    this.#takePending()
  }

  onDraining(): void {
    this.#tell()
  }

  onRoom(): void {
    this.#takePending()
  }

  onTooManyPings(): void {
    this.#keepalive = Math.min(this.#keepalive * 2, LONGEST_TIMEOUT)
  }

  #wait(round: number, cause: string): void {
    const retry = this.#clock.setTimer(() => this.#connect(round + 1, []), backoffDelay(BACKOFF, round, this.#random))
    this.#try({ name: 'waiting', retry, cause })
    this.#takePending()
  }

  #authorityOf({ text, port, path }: Endpoint): string {
    const name = this.#tls?.servername
    if (path !== undefined) return name ?? 'localhost'
    return name === undefined ? text : formatAddress(name, port)
  }

  #try(next: Attempt): void {
    const left = this.#attempt
    if (left.name === 'closed') return
    this.#attempt = next
    if (left.name === 'waiting') left.retry.cancel()
    this.#tell()
  }

  #tell(): void {
    const attempt = this.#attempt.name
    const ready = [...this.#links].some((link) => link.usable)
    const state = attempt === 'closed' ? 'closed' : ready ? 'ready' : attempt === 'none' ? 'idle' : attempt
    if (state === this.#state) return
    this.#state = state
    this.#listeners.tell(state)
  }
}
