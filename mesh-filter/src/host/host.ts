import { readFile } from 'node:fs/promises'
import { refusal, strangers } from './abi.ts'
import type { Fault } from './faults.ts'
import type { LoadedModule } from './guest.ts'
import { Metrics } from './metrics.ts'
import { type ModuleTypes, readModuleTypes } from './module-types.ts'
import type { HostServices, LogLine, PropertyValue } from './services.ts'
import { SharedData } from './shared-data.ts'
import { WasmVm } from './vm.ts'
import { type WasmModule, webAssembly } from './web-assembly.ts'

export interface WasmHostOptions {
  /** Envoy's `vm_id`: VMs with the same share their data. Default `test`. */
  readonly vmId?: string
  /** Wall time in ms. Default `Date.now`. */
  readonly clock?: () => number
  /** Gets every line as it is logged; `host.log` keeps them all the same. */
  readonly log?: (line: LogLine) => void
  /** Envoy's `allow_on_headers_stop_iteration`. Default true; false plays an Envoy that cannot hold headers. */
  readonly allowOnHeadersStopIteration?: boolean
  /** Properties by path with dots, such as `xds.route_name`. What a call itself tells (`request.path` and so on) comes first. */
  readonly properties?: Readonly<Record<string, PropertyValue>>
  /** Environment variables of the VM. Default none. */
  readonly environment?: Readonly<Record<string, string>>
  /** Most bytes of a body that wait for the filter: in Envoy the stream's HTTP/2 window. Default 1 MiB, as `generateEnvoy()` sets it. */
  readonly bufferLimit?: number
  /**
   * Called whenever a VM has read shared data, before it can write: what other VMs do in here happens between its read and its
   * write, as other workers of Envoy may.
   */
  readonly onSharedRead?: (key: string) => void
  /** Most bytes of memory of a VM. Default 1 GiB, as Envoy's V8. */
  readonly memoryLimit?: number
}

export interface StartVmOptions {
  /** Default the host's. */
  readonly vmId?: string
  /** The VM's own configuration, which is not the plugin's. Default empty. */
  readonly configuration?: string
}

/** Why Envoy would not load a module; the message is Envoy's. */
export class WasmLoadError extends Error {
  override readonly name = 'WasmLoadError'
}

/**
 * Envoy's part in front of a Proxy-Wasm filter (ABI 0.2.1), for tests: it loads the same file, has the same rules, and keeps
 * account of every mistake in `faults`.
 */
export class WasmHost {
  /** The types of what the module imports and exports. */
  readonly module: ModuleTypes
  /** Everything that the filter did wrong. A test of a correct filter asserts that there is none. */
  readonly faults: Fault[] = []
  /** Every line that was logged. */
  readonly log: LogLine[] = []
  /** What the filter counts, over all VMs. */
  readonly metrics: Metrics = new Metrics()
  readonly #module: LoadedModule
  readonly #services: HostServices
  readonly #vmId: string
  readonly #vms: WasmVm[] = []

  private constructor(module: LoadedModule, types: ModuleTypes, options: WasmHostOptions) {
    this.#module = module
    this.module = types
    this.#vmId = options.vmId ?? 'test'
    this.#services = {
      now: options.clock ?? Date.now,
      log: (line) => {
        this.log.push(line)
        options.log?.(line)
      },
      faults: this.faults,
      metrics: this.metrics,
      shared: new SharedData(options.onSharedRead),
      properties: new Map(Object.entries(options.properties ?? {})),
      environment: options.environment ?? {},
      allowOnHeadersStopIteration: options.allowOnHeadersStopIteration ?? true,
      bufferLimit: options.bufferLimit ?? 1_048_576,
      memoryLimit: options.memoryLimit ?? 1_073_741_824,
    }
    for (const name of strangers(types)) {
      this.faults.push({ kind: 'module', call: name, context: 0, message: `the module exports ${name}, which no host ever calls` })
    }
  }

  /** @throws WasmLoadError where Envoy would refuse the module: an import that it does not have, a callback of another type. */
  static async load(source: Uint8Array | string, options: WasmHostOptions = {}): Promise<WasmHost> {
    const bytes = typeof source === 'string' ? await readFile(source) : source
    let code: WasmModule
    try {
      code = new webAssembly.Module(bytes)
    } catch (error) {
      if (!(error instanceof webAssembly.CompileError)) throw error
      throw new WasmLoadError(`Failed to load Wasm bytecode: ${error.message}`, { cause: error })
    }
    const types = readModuleTypes(bytes)
    const reason = refusal(types)
    if (reason !== undefined || types.memory === undefined) throw new WasmLoadError(reason)
    return new WasmHost({ code, memory: types.memory }, types, options)
  }

  /** Keys of shared data that VMs of this id (default the host's) have written. Nothing ever removes one. */
  sharedKeys(vmId: string = this.#vmId): string[] {
    return this.#services.shared.keys(vmId)
  }

  /** Another worker's VM. One that crashed while it started is dead (`vm.failure`). */
  startVm({ vmId = this.#vmId, configuration = '' }: StartVmOptions = {}): WasmVm {
    const vm = new WasmVm(this.#module, this.#services, this.log, vmId, Buffer.from(configuration))
    this.#vms.push(vm)
    return vm
  }

  /** Ticks once, in every VM, each plugin that has asked for ticks; the answer is their number. The clock is your own matter. */
  tick(): number {
    return this.#vms.reduce((sum, vm) => sum + vm.tick(), 0)
  }
}
