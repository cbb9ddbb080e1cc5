import type { Code } from '@feathermq/protocol'
import { headerNames } from '@feathermq/protocol'
import type { HeaderReader, RpcCode } from '@feathermq/transport'
import { type Duration, toMs } from '../duration.ts'
import { type FaultedRpc, shapes } from './faulted-rpc.ts'

/** Which calls a fault is for. */
export interface FaultedCalls {
  /** `*`: all of them. */
  readonly rpc: FaultedRpc | '*'
  /** Requests about this topic alone. */
  readonly topic?: string | undefined
  /** Requests about this consumer group alone. */
  readonly group?: string | undefined
  /** Requests of this client alone. */
  readonly clientId?: string | undefined
  /** As many of these calls pass before the fault begins. Default 0. */
  readonly after?: number | undefined
  /** It is over after so many calls. Default: it stays until it is removed. */
  readonly times?: number | undefined
}

type Effect<Own> = Own & { readonly [Other in Exclude<'status' | 'rpcStatus' | 'dropStream' | 'loseReply', keyof Own>]?: undefined }

/** What happens to a call: at most one of these, after the latency. */
export type FaultEffect =
  /** The call is refused by this code in its answer, and has no effect. */
  | Effect<{ readonly status: Code | { readonly code: Code; readonly message: string } }>
  /** The call fails with this status of gRPC, and has no effect. */
  | Effect<{ readonly rpcStatus: Exclude<RpcCode, 'OK'> | { readonly code: Exclude<RpcCode, 'OK'>; readonly message: string } }>
  /** The call ends as if its connection broke, with UNAVAILABLE: `before` it has an effect, or `after` it, so that nothing of the answer arrives. */
  | Effect<{ readonly dropStream: 'before' | 'after' }>
  /** The call has its effect, and no answer ever arrives: the client waits until its deadline. */
  | Effect<{ readonly loseReply: true }>
  /** Latency alone. */
  | Effect<object>

/** A fault as a test asks for it. */
export type FaultOptions = FaultedCalls & {
  /** The broker does not look at the call for so long, by its clock. */ readonly latency?: Duration | undefined
} & FaultEffect

/** A fault that is in place. */
export interface Fault extends Disposable {
  /** Calls that it was put into. */
  readonly hits: number
  /** Resolves when the first call is hit. */
  readonly reached: Promise<void>
  /** Calls that come from now on are spared; those that wait for their latency go on waiting. Idempotent. */
  remove(): void
}

export class PlacedFault implements Fault {
  readonly options: FaultOptions
  readonly latency: number
  readonly reached: Promise<void>
  readonly #onRemove: (fault: PlacedFault) => void
  #reach: () => void = () => {}
  #passed = 0
  #hits = 0

  constructor(options: FaultOptions, onRemove: (fault: PlacedFault) => void) {
    const { after = 0, times = Number.POSITIVE_INFINITY } = options
    if (!(after >= 0 && times > 0)) throw new RangeError(`a fault after ${after} calls for ${times} of them never comes`)
    this.options = options
    this.latency = toMs(options.latency ?? 0)
    this.#onRemove = onRemove
    this.reached = new Promise((resolve) => {
      this.#reach = resolve
    })
  }

  get hits(): number {
    return this.#hits
  }

  remove(): void {
    this.#onRemove(this)
  }

  [Symbol.dispose](): void {
    this.remove()
  }

  matches(rpc: FaultedRpc, bytes: Uint8Array, headers: HeaderReader): boolean {
    const { options } = this
    if (options.rpc !== '*' && options.rpc !== rpc) return false
    if (options.clientId !== undefined && headers.get(headerNames.clientId) !== options.clientId) return false
    if (options.topic === undefined && options.group === undefined) return true
    const { topics, group } = shapes[rpc].names(bytes)
    return (options.topic === undefined || topics.includes(options.topic)) && (options.group === undefined || options.group === group)
  }

  /** A call that it is for has come. @returns whether it is hit. */
  take(): boolean {
    if (this.#passed < (this.options.after ?? 0)) {
      this.#passed++
      return false
    }
    this.#hits++
    this.#reach()
    if (this.#hits === this.options.times) this.remove()
    return true
  }
}

/** The faults of a broker in a test. */
export class Faults {
  #placed: readonly PlacedFault[] = []

  /** Puts a fault into calls that come from now on. Of several that are for one call, the first that was added hits it. @throws {RangeError} for a fault that never comes. */
  add(options: FaultOptions): Fault {
    const fault = new PlacedFault(options, (gone) => {
      this.#placed = this.#placed.filter((other) => other !== gone)
    })
    this.#placed = [...this.#placed, fault]
    return fault
  }

  /** Removes all. */
  clear(): void {
    this.#placed = []
  }

  /** The fault that hits this call. */
  hitting(rpc: FaultedRpc, bytes: Uint8Array, headers: HeaderReader): PlacedFault | undefined {
    if (this.#placed.length === 0) return undefined
    return this.#placed.find((fault) => fault.matches(rpc, bytes, headers) && fault.take())
  }
}
