import type { Metadata, ServerInterceptingCallInterface } from '@grpc/grpc-js'
import { systemClock } from '../clock.ts'
import type { MessageBytes, RpcStatus } from '../contract.ts'
import { HandledCall, type Registration } from '../handled-call.ts'
import { byteLengthOf } from '../message-bytes.ts'
import { rpcCodeNumber } from '../rpc-error.ts'
import type { ErrorReport } from '../server-options.ts'
import { LONGEST_TIMEOUT } from '../timeout.ts'
import { HIGH_WATER, LOW_WATER } from './buffers.ts'
import { MetadataReader, metadataOf } from './metadata.ts'
import { peerOf } from './peer.ts'

/** What the server wants to know of its calls. */
export interface CallRegistry {
  readonly encrypted: boolean
  /** What the server listens on. */
  readonly host: string
  readonly onError: ErrorReport
  add(call: GrpcServerCall): void
  delete(call: GrpcServerCall): void
}

/**
 * One call on the message level of grpc-js, below its Node streams: those would cost more than the call itself and add buffers of their own.
 */
export class GrpcServerCall extends HandledCall<unknown> {
  readonly #call: ServerInterceptingCallInterface
  readonly #registry: CallRegistry
  #headed = false
  #queued = 0
  #choked = false
  #paused = false
  /** A read was asked for and has not been answered. */
  #reading = false
  #pumping = false

  constructor(call: ServerInterceptingCallInterface, registration: Registration<unknown>, metadata: Metadata, registry: CallRegistry) {
    super(
      registration,
      { headers: new MetadataReader(metadata), peer: peerOf(call, registry.encrypted, registry.host), remaining: remainingOf(call) },
      registry.onError,
    )
    this.#call = call
    this.#registry = registry
    registry.add(this)
  }

  override arrived(): void {
    super.arrived()
    this.#read()
  }

  override received(message: Uint8Array): void {
    this.#reading = false
    super.received(message)
    this.#read()
  }

  /**
   * A connection that breaks looks to grpc-js like the end of the request. Its next read notices, and reports the cancellation in the tick that follows;
   * only after that an end is an end.
   */
  override halfClosed(): void {
    this.#call.startRead()
    process.nextTick(() => super.halfClosed())
  }

  override lost(): void {
    this.#registry.delete(this)
    super.lost()
  }

  /** Ends the call because the server closes; its handler sees it cancelled. */
  shutDown(): void {
    if (!this.open) return
    this.#call.sendStatus({ code: rpcCodeNumber('UNAVAILABLE'), details: 'the server is closing' })
    this.lost()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#read()
  }

  /** grpc-js sends empty metadata by itself where there is none. */
  #head(): void {
    const headers = this.responseHeaders
    if (headers === undefined || this.#headed) return
    this.#headed = true
    this.#call.sendMetadata(metadataOf(headers))
  }

  protected write(message: MessageBytes): boolean {
    this.#head()
    const length = byteLengthOf(message)
    this.#queued += length
    if (this.#queued >= HIGH_WATER) this.#choked = true
    this.#call.sendMessage(message, () => this.#written(length))
    return !this.#choked
  }

  protected finish(status: RpcStatus, trailers: readonly (readonly [name: string, value: string])[]): void {
    this.#registry.delete(this)
    this.#head()
    this.#call.sendStatus({ code: rpcCodeNumber(status.code), details: status.message, metadata: metadataOf(trailers) })
  }

  #written(length: number): void {
    this.#queued -= length
    if (!this.#choked || this.#queued >= LOW_WATER) return
    this.#choked = false
    this.drained()
  }

  /** Asks for messages in a loop: grpc-js hands over what it has buffered from within startRead, which must not nest for each message. */
  #read(): void {
    if (this.#pumping) return
    this.#pumping = true
    while (this.open && !this.#paused && !this.#reading) {
      this.#reading = true
      this.#call.startRead()
    }
    this.#pumping = false
  }
}

function remainingOf(call: ServerInterceptingCallInterface): number | undefined {
  const deadline = Number(call.getDeadline())
  return deadline === Number.POSITIVE_INFINITY ? undefined : Math.min(Math.max(0, deadline - systemClock.now()), LONGEST_TIMEOUT)
}
