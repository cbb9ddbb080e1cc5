import { Guest, type LoadedModule } from './guest.ts'
import { importsFor } from './imports.ts'
import { Plugin, type PluginOptions } from './plugin.ts'
import type { HostServices, LogLine } from './services.ts'

/** One VM: an Envoy has one of them per worker thread and `vm_id`. */
export class WasmVm {
  readonly id: string
  readonly #module: LoadedModule
  readonly #services: HostServices
  readonly #configuration: Uint8Array
  readonly #lines: readonly LogLine[]
  readonly #plugins: Plugin[] = []
  #guest: Guest

  /** @internal Use `host.startVm()`. */
  constructor(module: LoadedModule, services: HostServices, lines: readonly LogLine[], id: string, configuration: Uint8Array) {
    this.id = id
    this.#module = module
    this.#services = services
    this.#lines = lines
    this.#configuration = configuration
    this.#guest = this.#load()
  }

  #load(): Guest {
    return new Guest(this.#module, this.#services, this.id, this.#configuration, importsFor)
  }

  /** Why the VM is dead; undefined while it lives. A dead VM answers every call with 503 (gRPC 14), as `FAIL_CLOSED` does. */
  get failure(): string | undefined {
    return this.#guest.failure
  }

  /** Bytes of linear memory. */
  get memoryBytes(): number {
    return this.#guest.memoryBytes
  }

  /** How often the memory has grown since the VM was loaded. */
  get memoryGrowths(): number {
    return this.#guest.memoryGrowths
  }

  /** Calls of the filter to its host since the VM was loaded. */
  get hostCalls(): number {
    return this.#guest.hostCalls
  }

  /** Bytes that were copied in these calls, into the filter's memory and out of it: bodies, headers, names, values. */
  get bytesCopied(): number {
    return this.#guest.bytesCopied
  }

  /** Contexts that exist now, without the VM's own: plugins and calls. */
  get contexts(): number {
    return this.#guest.contexts.size - 1
  }

  /** Metric ids that were handed out. Envoy never takes one back. */
  get metricIds(): number {
    return this.#guest.metricIds.count
  }

  /** Several plugins share the VM and all its globals. */
  startPlugin(options: PluginOptions = {}): Plugin {
    const plugin = new Plugin(this.#guest, options).start(this.#lines)
    if (plugin.ok) this.#plugins.push(plugin)
    return plugin
  }

  /** Ticks once each plugin that has asked for ticks; the answer is their number. The clock is the host's own matter. */
  tick(): number {
    const wanting = this.#plugins.filter(({ tickPeriod }) => tickPeriod > 0)
    for (const plugin of wanting) plugin.tick()
    return wanting.length
  }

  /** What `FAIL_RELOAD` does after its pause: a fresh instance with the same plugins. Calls of the old one stay dead. */
  reload(): void {
    this.#guest = this.#load()
    for (const plugin of this.#plugins) if (!plugin.isClosed) plugin.restart(this.#guest, this.#lines)
  }
}
