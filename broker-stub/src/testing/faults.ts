import type { Code } from '@feathermq/protocol'
import { headerNames } from '@feathermq/protocol'
import type { HeaderReader, RpcCode } from '@feathermq/transport'
import { type Duration, toMs } from '../duration.ts'
import { type FaultedRpc, shapes } from './faulted-rpc.ts'

/** When a fault begins, and when it is over. */
export interface FaultSpan {
  /** As many of what it is for pass before it begins. Default 0. */
  readonly after?: number | undefined
  /** It is over after so many. Default: it stays until it is removed. */
  readonly times?: number | undefined
  /** What is hit waits for so long first, by the broker's clock. */
  readonly latency?: Duration | undefined
}

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
}

type Effect<Own> = Own & { readonly [Other in Exclude<'status' | 'rpcStatus' | 'dropStream' | 'loseReply', keyof Own>]?: undefined }

/** What happens to a call: at most one of these, after the latency. Until then the broker does not look at it. */
export type CallFaultEffect =
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

/** A fault in calls. */
export type CallFault = FaultedCalls & FaultSpan & CallFaultEffect & { readonly disk?: undefined }

/** What a broker asks of its disk. */
export type DiskOperation = 'list' | 'create' | 'open' | 'rename' | 'remove' | 'read' | 'write' | 'sync' | 'truncate'

/** A fault of the disk, of a broker with `data`. */
export interface DiskFault extends FaultSpan {
  readonly rpc?: undefined
  /** `*`: all of them. A full disk fails `create`, for files get their room when they are made. */
  readonly disk: DiskOperation | '*'
  /** Files whose path has this in it alone. */
  readonly path?: string | undefined
  /** The error of the system. Without one the operation goes well, after the latency. */
  readonly fail?: 'EIO' | 'ENOSPC' | 'EROFS' | 'EACCES' | 'EMFILE' | undefined
}

/** A fault as a test asks for it: in calls, or of the disk. */
export type FaultOptions = CallFault | DiskFault

/** A fault that is in place. */
export interface Fault extends Disposable {
  /** What it was put into. */
  readonly hits: number
  /** Resolves with the first hit. */
  readonly reached: Promise<void>
  /** What comes from now on is spared; what waits for its latency goes on waiting. Idempotent. */
  remove(): void
}

export class PlacedFault<Options extends FaultSpan> implements Fault {
  readonly options: Options
  readonly latency: number
  readonly reached: Promise<void>
  readonly #onRemove: (fault: PlacedFault<Options>) => void
  #reach: () => void = () => {}
  #passed = 0
  #hits = 0

  constructor(options: Options, onRemove: (fault: PlacedFault<Options>) => void) {
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

  /** Something that it is for has come. @returns whether it is hit. */
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
  readonly #withDisk: boolean
  #calls: readonly PlacedFault<CallFault>[] = []
  #disk: readonly PlacedFault<DiskFault>[] = []

  /** @param withDisk Whether the broker has one. */
  constructor(withDisk: boolean) {
    this.#withDisk = withDisk
  }

  /**
   * Puts a fault into what comes from now on. Of several that are for one call, or one operation of the disk, the first that was added hits it.
   * @throws {RangeError} for a fault that never comes.
   */
  add(options: FaultOptions): Fault {
    if (options.disk === undefined) {
      const fault = new PlacedFault<CallFault>(options, (gone) => {
        this.#calls = this.#calls.filter((other) => other !== gone)
      })
      this.#calls = [...this.#calls, fault]
      return fault
    }
    if (!this.#withDisk) throw new RangeError('a broker without "data" has no disk that could fail')
    const fault = new PlacedFault<DiskFault>(options, (gone) => {
      this.#disk = this.#disk.filter((other) => other !== gone)
    })
    this.#disk = [...this.#disk, fault]
    return fault
  }

  /** Removes all. */
  clear(): void {
    this.#calls = []
    this.#disk = []
  }

  /** The fault that hits this call. */
  hitting(rpc: FaultedRpc, bytes: Uint8Array, headers: HeaderReader): PlacedFault<CallFault> | undefined {
    if (this.#calls.length === 0) return undefined
    return this.#calls.find((fault) => matches(fault.options, rpc, bytes, headers) && fault.take())
  }

  /** The fault that hits this operation of the disk. */
  hittingDisk(operation: DiskOperation, path: string): PlacedFault<DiskFault> | undefined {
    if (this.#disk.length === 0) return undefined
    return this.#disk.find((fault) => {
      const { disk, path: part = '' } = fault.options
      return (disk === '*' || disk === operation) && path.includes(part) && fault.take()
    })
  }
}

function matches(options: CallFault, rpc: FaultedRpc, bytes: Uint8Array, headers: HeaderReader): boolean {
  if (options.rpc !== '*' && options.rpc !== rpc) return false
  if (options.clientId !== undefined && headers.get(headerNames.clientId) !== options.clientId) return false
  if (options.topic === undefined && options.group === undefined) return true
  const { topics, group } = shapes[rpc].names(bytes)
  return (options.topic === undefined || topics.includes(options.topic)) && (options.group === undefined || options.group === group)
}
