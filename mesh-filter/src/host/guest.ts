import { callbacks } from './abi.ts'
import type { Context } from './context.ts'
import type { FaultKind } from './faults.ts'
import { GuestMemory } from './memory.ts'
import { MetricIds } from './metrics.ts'
import type { HostServices } from './services.ts'
import { type WasmFunction, type WasmImports, type WasmMemory, type WasmModule, webAssembly } from './web-assembly.ts'

/** Ends the filter's code as a trap does. */
class GuestTrap extends Error {}

/** The VM's own context, for what belongs to no plugin: initialisation and allocation. */
const vmContext: Context = {
  id: 0,
  root: undefined,
  stream: undefined,
  isLogging: false,
  readableMap: () => undefined,
  writableMap: () => undefined,
  mapChanged: () => 'effective',
  body: () => undefined,
  property: () => undefined,
}

// What may be called while the module initialises (WasmBase::startVm) and while it allocates (WasmBase::allocMemory);
// everything else traps.
const duringStart = new Set([
  'proxy_log',
  'fd_write',
  'args_sizes_get',
  'args_get',
  'environ_sizes_get',
  'environ_get',
  'fd_prestat_get',
  'fd_prestat_dir_name',
  'clock_time_get',
  'random_get',
])
const duringAllocation = new Set(['proxy_log', 'fd_write', 'clock_time_get'])

/** A module that Envoy would load. */
export interface LoadedModule {
  readonly code: WasmModule
  /** Name of the memory that it exports. */
  readonly memory: string
}

export type CreateImports = (guest: Guest) => WasmImports

/** One instance of the filter, and everything that is said across its boundary. */
export class Guest {
  readonly services: HostServices
  readonly vmId: string
  readonly vmConfiguration: Uint8Array
  readonly contexts: Map<number, Context> = new Map([[0, vmContext]])
  readonly metricIds: MetricIds
  /** Set by `proxy_send_local_response`: whatever the callback returns, the stream stops. */
  stopNextIteration = false
  /** What the filter exports for its host, by name. */
  readonly callbacks: Readonly<Record<string, WasmFunction | undefined>>
  #memory: GuestMemory | undefined
  readonly #allocate: WasmFunction | undefined
  #failure: string | undefined
  #current: Context = vmContext
  #effective: Context | undefined
  #allowed: ReadonlySet<string> | undefined = duringStart
  #call = 'instantiation'
  #nextContextId = 1
  #growths = 0
  #hostCalls = 0
  #afterCall: (() => void)[] = []

  constructor(module: LoadedModule, services: HostServices, vmId: string, vmConfiguration: Uint8Array, createImports: CreateImports) {
    this.services = services
    this.vmId = vmId
    this.vmConfiguration = vmConfiguration
    this.metricIds = new MetricIds(services.metrics)
    this.callbacks = {}
    try {
      const { exports } = new webAssembly.Instance(module.code, createImports(this))
      this.#memory = new GuestMemory(exports[module.memory] as WasmMemory)
      this.callbacks = Object.fromEntries(Object.keys(callbacks).map((name) => [name, exports[name] as WasmFunction | undefined]))
      this.#allocate = this.callbacks['malloc'] ?? this.callbacks['proxy_on_memory_allocate']
    } catch (error) {
      this.#trapped('instantiation', error)
      return
    }
    if (this.callbacks['_initialize'] === undefined) this.notify('_start', vmContext, 0)
    else {
      this.notify('_initialize', vmContext, 0)
      this.notify('main', vmContext, 0)
    }
    this.#allowed = undefined
  }

  /** Why the VM is dead; undefined while it lives. */
  get failure(): string | undefined {
    return this.#failure
  }

  get memory(): GuestMemory {
    // Envoy crashes here: code in a start section runs before the host has seen the memory.
    if (this.#memory === undefined) throw new GuestTrap('called the host before the host has its memory (a wasm start section)')
    return this.#memory
  }

  get memoryBytes(): number {
    return this.#memory?.size ?? 0
  }

  get memoryGrowths(): number {
    return this.#memory?.growths ?? 0
  }

  get hostCalls(): number {
    return this.#hostCalls
  }

  get bytesCopied(): number {
    return this.#memory?.copied ?? 0
  }

  /** For whom the call is that is being answered. */
  get context(): Context {
    return this.#effective ?? this.#current
  }

  /** Until the callback ends, calls are for this context. 0 takes it back. False for a context that does not exist. */
  actAs(id: number): boolean {
    const context = this.contexts.get(id)
    if (context === undefined) return false
    this.#effective = id === 0 ? undefined : context
    return true
  }

  nextContextId(): number {
    while (this.contexts.has(this.#nextContextId)) this.#nextContextId = next(this.#nextContextId)
    const id = this.#nextContextId
    this.#nextContextId = next(id)
    return id
  }

  /** Calls into the filter. A trap kills the VM and answers 0. The caller calls `callEnded` when it has drawn its conclusions. */
  call(callback: WasmFunction, name: string, context: Context, a: number, b: number, c: number): number {
    const { memory } = this
    const current = this.#current
    const effective = this.#effective
    this.#current = context
    this.#effective = undefined
    try {
      const answer = Number(callback(a, b, c) ?? 0) >>> 0
      if (memory.growths !== this.#growths) this.#memoryGrew(name)
      return answer
    } catch (error) {
      this.#trapped(name, error)
      return 0
    } finally {
      this.#current = current
      this.#effective = effective
    }
  }

  /** Calls a callback that decides nothing about a frame. Undefined when the VM is dead or the filter has no such callback. */
  notify(name: string, context: Context, a: number, b = 0): number | undefined {
    const callback = this.#failure === undefined ? this.callbacks[name] : undefined
    if (callback === undefined) return undefined
    const answer = this.call(callback, name, context, a, b, 0)
    this.callEnded()
    return answer
  }

  /** After every callback of a context: what it asked the host to do with streams is done now. */
  callEnded(): void {
    this.stopNextIteration = false
    while (this.#afterCall.length > 0) {
      const actions = this.#afterCall
      this.#afterCall = []
      for (const action of actions) action()
    }
  }

  afterCall(action: () => void): void {
    this.#afterCall.push(action)
  }

  /** Address of `size` new bytes in the filter's memory, or undefined. */
  allocate(size: number): number | undefined {
    if (this.#allocate === undefined || this.#failure !== undefined) return undefined
    const allowed = this.#allowed
    const call = this.#call
    this.#allowed = duringAllocation
    const at = this.call(this.#allocate, 'malloc', vmContext, size, 0, 0)
    this.#allowed = allowed
    this.#call = call
    if (this.#failure !== undefined) return undefined
    if (at !== 0 && this.memory.has(at, size)) return at
    this.fault('memory', `malloc(${size}) answered ${at}, which is ${at === 0 ? 'nothing' : 'outside of the memory'}`)
    return undefined
  }

  /** To be called first by every host function. */
  enter(name: string): void {
    this.#call = name
    this.#hostCalls++
    if (this.#allowed === undefined || this.#allowed.has(name)) return
    this.fault('order', `${name} may not be called while the module ${this.#allowed === duringStart ? 'initialises' : 'allocates'}`)
    throw new GuestTrap('restricted_callback')
  }

  fault(kind: FaultKind, message: string): void {
    this.services.faults.push({ kind, call: this.#call, context: this.context.id, message })
  }

  /** A mistake that shows outside of a host call. */
  faultIn(kind: FaultKind, call: string, context: number, message: string): void {
    this.services.faults.push({ kind, call, context, message })
  }

  #memoryGrew(name: string): void {
    this.#growths = this.memory.growths
    const { memoryLimit } = this.services
    // Envoy's V8 refuses to grow any further; here it is noticed afterwards.
    if (this.memory.size > memoryLimit) this.#trapped(name, new GuestTrap(`the memory has grown beyond ${memoryLimit} bytes`))
  }

  #trapped(name: string, error: unknown): void {
    // An error of this host or of a test's own callback is not the filter's.
    if (!isTrap(error)) throw error
    this.#failure = `Function: ${name} failed: Uncaught ${error.name}: ${error.message}`
    this.services.faults.push({ kind: 'trap', call: name, context: this.#current.id, message: error.message })
    this.services.log({ level: 'error', message: this.#failure, from: 'host' })
  }
}

function isTrap(error: unknown): error is Error {
  const isStackOverflow = error instanceof RangeError && error.message.includes('call stack')
  return error instanceof webAssembly.RuntimeError || error instanceof GuestTrap || isStackOverflow
}

function next(id: number): number {
  return id === 0xffffffff ? 1 : id + 1
}
