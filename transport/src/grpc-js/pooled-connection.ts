import type { ConnectionOptions } from 'node:tls'
import type * as Grpc from '@grpc/grpc-js'
import { backoffDelay } from '../backoff.ts'
import { type ChannelLimits, formatAddress } from '../channel-options.ts'
import { systemClock, type Timer } from '../clock.ts'
import type { ChannelState } from '../contract.ts'
import type { GrpcClientCall } from './client-call.ts'
import { type ObservedCredentials, observedCredentials } from './credentials.ts'
import { loadGrpc } from './load.ts'

const BACKOFF = { initial: 200, max: 5_000 }
const KEEPALIVE_TIMEOUT = 30_000
/** Window of the connection and of each stream, bytes. Streams of replies cost 22 % less CPU at the server and 13 % less here than with 64 KiB. */
const FLOW_CONTROL_WINDOW = 4 * 1024 * 1024

/** A channel of grpc-js and what it connects with. */
interface Line {
  readonly address: string
  readonly channel: Grpc.ChannelInterface
  readonly credentials: ObservedCredentials
}

type State =
  | { readonly name: 'idle'; readonly line: Line | undefined }
  | { readonly name: 'connecting'; readonly line: Line; readonly timeout: Timer }
  | { readonly name: 'ready'; readonly line: Line }
  /** With a line, grpc-js itself tries again and tells the cause; without, the attempt took too long and was given up. */
  | { readonly name: 'waiting'; readonly line: Line | undefined; readonly retry: Timer; readonly cause: string }
  | { readonly name: 'closed' }

/**
 * One connection of a channel, made by a channel of grpc-js of its own. Calls wait here until it stands, because those that wait in grpc-js hold the
 * process, and because grpc-js knows no limit for a connection attempt.
 */
export class PooledConnection {
  /** Calls that were given to this connection and have not ended. */
  load = 0
  readonly #grpc: typeof Grpc = loadGrpc()
  readonly #limits: ChannelLimits
  readonly #tls: ConnectionOptions | undefined
  readonly #onState: () => void
  readonly #pending = new Set<GrpcClientCall>()
  #timeouts = 0
  /** Which address comes next, and how many were tried in vain since there was a pause. */
  #next = 0
  #tried = 0
  #state: State = { name: 'idle', line: undefined }

  constructor(limits: ChannelLimits, tls: ConnectionOptions | undefined, onState: () => void) {
    this.#limits = limits
    this.#tls = tls
    this.#onState = onState
  }

  get state(): ChannelState {
    return this.#state.name
  }

  carry(call: GrpcClientCall): void {
    const state = this.#state
    switch (state.name) {
      case 'ready':
        if (state.line.channel.getConnectivityState(false) === this.#grpc.connectivityState.READY) call.begin(state.line.channel)
        else {
          this.#observe(state.line)
          this.carry(call)
        }
        break
      case 'idle':
        this.#pending.add(call)
        this.#connect(state.line ?? this.#newLine())
        break
      case 'connecting':
        this.#pending.add(call)
        break
      case 'waiting':
        if (call.options.waitForReady === true) this.#pending.add(call)
        else if (state.line !== undefined) call.begin(state.line.channel)
        else call.abandon({ code: 'UNAVAILABLE', message: state.cause })
        break
      case 'closed':
        call.abandon({ code: 'CANCELLED', message: 'the channel is closed' })
        break
    }
  }

  forget(call: GrpcClientCall): void {
    this.#pending.delete(call)
  }

  close(): void {
    const line = this.#line()
    this.#transition({ name: 'closed' })
    line?.channel.close()
  }

  #connect(line: Line): void {
    const timeout = systemClock.setTimer(() => this.#giveUp(), this.#limits.connectTimeout)
    this.#transition({ name: 'connecting', line, timeout })
    line.channel.getConnectivityState(true)
  }

  /** Called for a new line, and again each time its watcher was used up: one per channel at a time. A channel that is closed calls its last one. */
  #watch(line: Line): void {
    const seen = line.channel.getConnectivityState(false)
    if (seen !== this.#grpc.connectivityState.SHUTDOWN) line.channel.watchConnectivityState(seen, Number.POSITIVE_INFINITY, () => this.#changed(line))
  }

  #changed(line: Line): void {
    if (this.#line() !== line) return
    this.#observe(line)
    if (this.#line() === line) this.#watch(line)
  }

  #observe(line: Line): void {
    switch (line.channel.getConnectivityState(false)) {
      case this.#grpc.connectivityState.READY:
        this.#timeouts = 0
        this.#tried = 0
        this.#transition({ name: 'ready', line })
        this.#reroute()
        break
      case this.#grpc.connectivityState.TRANSIENT_FAILURE:
        if (this.#goOn()) abandon(line)
        else this.#wait(line)
        break
      case this.#grpc.connectivityState.IDLE:
        this.#transition({ name: 'idle', line })
        if (this.#pending.size > 0) this.#connect(line)
        break
      default:
        if (this.#state.name === 'ready') this.#connect(line)
        break
    }
  }

  /** Tries the next address, where there is one that was not tried since the last pause. */
  #goOn(): boolean {
    if (this.#state.name === 'waiting' || this.#tried + 1 >= this.#limits.endpoints.length) return false
    this.#tried += 1
    this.#connect(this.#newLine())
    return true
  }

  #wait(line: Line): void {
    if (this.#state.name === 'waiting') return
    this.#tried = 0
    // grpc-js tries again by itself but would wait for an unanswered attempt as long as the system does, so it gets only so much time. It knows one address.
    const several = this.#limits.endpoints.length > 1
    const delay = several ? backoffDelay(BACKOFF, this.#timeouts, Math.random) : BACKOFF.max + this.#limits.connectTimeout
    if (several) this.#timeouts += 1
    const retry = systemClock.setTimer(() => this.#renew(), delay)
    this.#transition({ name: 'waiting', line, retry, cause: 'not connected' })
    this.#reroute()
  }

  #giveUp(): void {
    const { connectTimeout } = this.#limits
    const line = this.#line()
    if (line !== undefined && this.#goOn()) {
      abandon(line)
      return
    }
    this.#tried = 0
    const retry = systemClock.setTimer(() => this.#renew(), backoffDelay(BACKOFF, this.#timeouts, Math.random))
    this.#timeouts += 1
    const cause = `${line?.address} did not complete a connection within ${connectTimeout} ms`
    this.#transition({ name: 'waiting', line: undefined, retry, cause })
    if (line !== undefined) abandon(line)
    this.#reroute()
  }

  #renew(): void {
    const old = this.#line()
    this.#connect(this.#newLine())
    if (old !== undefined) abandon(old)
  }

  /** Takes up the calls that waited; those which may wait longer come back. */
  #reroute(): void {
    const calls = [...this.#pending]
    this.#pending.clear()
    for (const call of calls) this.carry(call)
  }

  #newLine(): Line {
    const { endpoints, keepalive, maxReceiveMessageBytes } = this.#limits
    const { text, host: named, port, path } = endpoints[this.#next % endpoints.length] ?? endpoints[0]
    this.#next += 1
    const host = path === undefined ? named : 'localhost'
    const serverName = this.#tls?.servername
    const credentials = observedCredentials(host, this.#tls)
    const channel = new this.#grpc.Channel(path === undefined ? `dns:${text}` : `unix:${path}`, credentials, {
      'grpc.enable_channelz': 0,
      'grpc.enable_retries': 0,
      // No message may count as sent before it is: it is the only back-pressure there is.
      'grpc.per_rpc_retry_buffer_size': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': BACKOFF.initial,
      'grpc.max_reconnect_backoff_ms': BACKOFF.max,
      'grpc.max_send_message_length': -1,
      'grpc.max_receive_message_length': maxReceiveMessageBytes,
      'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW,
      ...(serverName === undefined ? {} : { 'grpc.default_authority': formatAddress(serverName, port) }),
      ...(keepalive === 0 ? {} : { 'grpc.keepalive_time_ms': keepalive, 'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT }),
      ...(isLoopback(host) ? { 'grpc.enable_http_proxy': 0 } : {}),
    })
    const line = { address: text, channel, credentials }
    this.#watch(line)
    return line
  }

  #line(): Line | undefined {
    return this.#state.name === 'closed' ? undefined : this.#state.line
  }

  #transition(next: State): void {
    const left = this.#state
    if (left.name === 'closed') return
    this.#state = next
    if (left.name === 'connecting') left.timeout.cancel()
    if (left.name === 'waiting') left.retry.cancel()
    if (left.name !== next.name) this.#onState()
  }
}

function abandon(line: Line): void {
  line.channel.close()
  line.credentials.drop()
}

/** A proxy of the environment (`http_proxy`), which grpc-js honours, cannot know what this machine calls itself. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}
