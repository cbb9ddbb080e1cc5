import {
  decodeTelemetryCommand,
  encodeTelemetryCommand,
  messagingService,
  type SettingsInit,
  type TelemetryCommand,
  type TelemetryCommandInit,
} from '@feathermq/protocol/client'
import type { ClientCall } from '@feathermq/transport'
import type { Clock, Timer } from '../clock.ts'
import { type Deferred, deferred, within } from '../deferred.ts'
import { clientError, describe, type FeatherMQError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { ReceivedFields } from '../message/received.ts'
import { backoffDelay, jittered } from '../retry/backoff.ts'
import { type Abilities, serverRequest, type Verification, verified } from './commands.ts'
import type { Endpoint } from './endpoint.ts'
import { isTransportFailure, statusFailure } from './failure.ts'
import type { Rpc } from './rpc.ts'
import { type PushedSettings, pushedSettings } from './settings.ts'

/** A broker gives auto-renewed messages back when a stream stays away for 10 s, so no pause may come near to that. */
const REOPEN = { kind: 'exponential', initial: 1_000, max: 5_000, multiplier: 1.5 } as const
/** An opened stream whose settings are not answered is as good as none. */
const SETTINGS_PATIENCE = 10_000
const FAREWELL = 1_000

/**
 * The life of one telemetry stream:
 *
 *     idle ──open──▶ opening ──settings──▶ live ──lost──▶ waiting ──timer──▶ opening …
 *     any ──close──▶ closed
 *
 * Each state owns what must be released when it is left; {@link TelemetryStream.#transition} releases it. No other place assigns the state.
 */
type State =
  | { readonly name: 'idle' }
  | { readonly name: 'opening'; readonly call: ClientCall; readonly patience: Timer; readonly attempt: number }
  | { readonly name: 'live'; readonly call: ClientCall }
  | { readonly name: 'waiting'; readonly retry: Timer; readonly attempt: number; readonly cause: FeatherMQError }
  | { readonly name: 'closed' }

export interface TelemetryOwner {
  settings(): SettingsInit
  onSettings(settings: PushedSettings, endpoint: Endpoint): void
  onLive(endpoint: Endpoint): void
  /** The stream went away; it is opened again by itself. */
  onLost(endpoint: Endpoint, cause: FeatherMQError): void
  /** The server wants the connection made anew. */
  onReconnect(endpoint: Endpoint): void
  /** The server wants to know how the handler does with a message. Never rejects. */
  onVerify(message: ReceivedFields): Promise<Verification>
  /** The server wants to know what became of a transaction. */
  onOrphan(message: ReceivedFields, transactionId: string, endpoint: Endpoint): void
  abilities(): Abilities
}

/** The stream on which one endpoint learns what this client is, and pushes settings and commands. Opened again for ever once it has been opened. */
export class TelemetryStream {
  readonly #endpoint: Endpoint
  readonly #rpc: Rpc
  readonly #owner: TelemetryOwner
  readonly #clock: Clock
  readonly #random: () => number
  readonly #logger: Logger
  #state: State = { name: 'idle' }
  readonly #waiters = new Set<Deferred<void>>()
  #onFarewell: () => void = () => {}

  constructor(endpoint: Endpoint, rpc: Rpc, owner: TelemetryOwner, tools: { clock: Clock; random: () => number; logger: Logger }) {
    this.#endpoint = endpoint
    this.#rpc = rpc
    this.#owner = owner
    this.#clock = tools.clock
    this.#random = tools.random
    this.#logger = tools.logger
  }

  get state(): State['name'] {
    return this.#state.name
  }

  open(): void {
    if (this.#state.name === 'idle') this.#begin(0)
  }

  /**
   * Resolves once the server has answered with settings; at once while the stream lives.
   *
   * @throws {FeatherMQError} when it is refused, cannot be opened, or nothing comes within `patience` ms.
   */
  async live(patience: number): Promise<void> {
    if (this.#state.name === 'live') return
    if (this.#state.name === 'closed') throw clientError('CLIENT_CLOSED', `the client was closed while waiting for settings of ${this.#endpoint.key}`)
    const waiter = deferred<void>()
    this.#waiters.add(waiter)
    if (this.#state.name === 'waiting') this.reopen()
    else this.open()
    try {
      await within(this.#clock, waiter.promise, patience, () => this.#tooLate(patience))
    } finally {
      this.#waiters.delete(waiter)
    }
  }

  /** Tells the server the settings once more, because they changed or to be sure. */
  sync(): void {
    const state = this.#state
    if (state.name === 'live' || state.name === 'opening') state.call.send(this.#greeting())
  }

  /** Opens the stream anew at once, e.g. on another connection. */
  reopen(): void {
    if (this.#state.name !== 'closed' && this.#state.name !== 'idle') this.#begin(0)
  }

  /** Ends the sending side and resolves when the server has ended the other, or after a second. Nothing is opened any more. */
  async close(): Promise<void> {
    const live = this.#state.name === 'live' ? this.#state.call : undefined
    this.#transition({ name: 'closed' })
    const error = clientError('CLIENT_CLOSED', `the client was closed while waiting for settings of ${this.#endpoint.key}`)
    for (const waiter of this.#waiters) waiter.reject(error)
    if (live === undefined) return
    live.halfClose()
    await new Promise<void>((resolve) => {
      const timer = this.#clock.setTimer(resolve, FAREWELL, true)
      this.#onFarewell = () => {
        timer.cancel()
        resolve()
      }
    })
    live.cancel()
  }

  #begin(attempt: number): void {
    const patience = this.#clock.setTimer(() => this.#silent(), SETTINGS_PATIENCE)
    // Events of an earlier call must not touch the state that a later one owns.
    const own = { call: undefined as ClientCall | undefined }
    own.call = this.#rpc.bidi(this.#endpoint, messagingService.telemetry, {
      onMessage: (bytes) => {
        if (this.#owns(own.call)) this.#received(bytes)
      },
      onEnd: (failure) => {
        if (this.#state.name === 'closed') this.#onFarewell()
        else if (this.#owns(own.call)) this.#lost(failure ?? clientError('UNREACHABLE', `${this.#endpoint.address} ended the telemetry stream`))
      },
    })
    this.#transition({ name: 'opening', call: own.call, patience, attempt })
    own.call.send(this.#greeting())
  }

  #owns(call: ClientCall | undefined): boolean {
    const state = this.#state
    return call !== undefined && (state.name === 'opening' || state.name === 'live') && state.call === call
  }

  #greeting(): Uint8Array {
    return encodeTelemetryCommand({ command: { case: 'settings', value: this.#owner.settings() } })
  }

  /** Nothing that a server sends may throw out of the transport's callback. */
  #received(bytes: Uint8Array): void {
    let command: TelemetryCommand
    try {
      // The one copy: what is borrowed does not outlive this call, but a handler may work on the message that came.
      command = decodeTelemetryCommand(Uint8Array.from(bytes))
    } catch (cause) {
      this.#lost(
        clientError('BAD_RESPONSE', `${this.#endpoint.address} sent a telemetry command that cannot be decoded: ${describe(cause)}`, { cause }),
      )
      return
    }
    const context = this.#rpc.contextOf(this.#endpoint, 'Telemetry')
    if (command.status !== undefined) {
      const refused = statusFailure(command.status, context)
      if (refused !== undefined) {
        this.#lost(refused)
        return
      }
    }
    if (command.command?.case === 'settings') {
      this.#owner.onSettings(pushedSettings(command.command.value), this.#endpoint)
      if (this.#state.name === 'opening') this.#transition({ name: 'live', call: this.#state.call })
      return
    }
    this.#serve(command)
  }

  #serve(command: TelemetryCommand): void {
    const request = serverRequest(command, this.#owner.abilities())
    switch (request.kind) {
      case 'answer':
        this.#answer(request.command)
        break
      case 'verify':
        // The stream may be another one by then; the server finds its question by the nonce.
        void this.#owner.onVerify(request.message).then((result) => this.#answer(verified(request.nonce, result)))
        break
      case 'recover':
        this.#owner.onOrphan(request.message, request.transactionId, this.#endpoint)
        break
      case 'reconnect':
        this.#owner.onReconnect(this.#endpoint)
        break
      case 'ignore':
        this.#logger.debug({ event: 'command-ignored', endpoint: this.#endpoint.address, command: command.command?.case }, request.why)
        break
    }
  }

  #answer(command: TelemetryCommandInit): void {
    if (this.#state.name === 'opening' || this.#state.name === 'live') this.#state.call.send(encodeTelemetryCommand(command))
  }

  #silent(): void {
    if (this.#state.name === 'opening') this.#lost(this.#tooLate(SETTINGS_PATIENCE))
  }

  #lost(cause: FeatherMQError): void {
    const left = this.#state
    if (left.name !== 'opening' && left.name !== 'live') return
    if (this.#rpc.fallBackIfRefused(cause.message, this.#rpc.contextOf(this.#endpoint, 'Telemetry'))) {
      this.#begin(0)
      return
    }
    const attempt = left.name === 'opening' ? left.attempt + 1 : 0
    const delay = jittered(backoffDelay(REOPEN, attempt + 1), this.#random)
    const retry = this.#clock.setTimer(() => this.#begin(attempt), delay)
    this.#transition({ name: 'waiting', retry, attempt, cause })
    for (const waiter of this.#waiters) waiter.reject(refusal(cause))
    this.#owner.onLost(this.#endpoint, cause)
  }

  #tooLate(patience: number): FeatherMQError {
    const state = this.#state
    const cause = state.name === 'waiting' ? state.cause : undefined
    return clientError('SETTINGS_TIMEOUT', `${this.#endpoint.address} did not answer the telemetry stream with settings within ${patience} ms`, {
      endpoint: this.#endpoint.address,
      cause,
    })
  }

  #transition(next: State): void {
    const left = this.#state
    if (left.name === 'closed') return // final: a late event of a dead call must not revive the stream
    this.#state = next
    switch (left.name) {
      case 'opening':
        left.patience.cancel()
        if (next.name !== 'live') left.call.cancel()
        break
      case 'live':
        if (next.name !== 'closed') left.call.cancel()
        break
      case 'waiting':
        left.retry.cancel()
        break
    }
    if (next.name !== 'live') return
    for (const waiter of this.#waiters) waiter.resolve()
    this.#owner.onLive(this.#endpoint)
  }
}

/** A stream that ended with a status of its own was refused; what concerns the way to the server keeps its code. */
function refusal(cause: FeatherMQError): FeatherMQError {
  const refused = cause.code === 'CALL_FAILED' || (!isTransportFailure(cause) && cause.status === undefined && cause.code !== 'BAD_RESPONSE')
  if (!refused || cause.code === 'SETTINGS_TIMEOUT') return cause
  return clientError('SETTINGS_REFUSED', cause.message, { cause, requestId: cause.requestId, endpoint: cause.endpoint })
}
