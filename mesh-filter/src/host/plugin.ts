import type { Guest } from './guest.ts'
import { RootContext } from './root.ts'
import type { LogLine } from './services.ts'
import { FilterStream, type HeadersFrame } from './stream.ts'

export interface PluginOptions {
  /** The plugin's configuration; an object becomes JSON. Default: an object without keys. */
  readonly configuration?: string | object | Uint8Array
  /** Default `test`. */
  readonly name?: string
  /** Default the name. */
  readonly rootId?: string
}

/** A configuration of the filter in a VM. */
export class Plugin {
  readonly name: string
  readonly rootId: string
  readonly #configuration: Uint8Array
  #root: RootContext
  #ok = false
  #isClosed = false
  #log: readonly LogLine[] = []

  /** @internal Use `vm.startPlugin()`. */
  constructor(guest: Guest, { name = 'test', rootId = name, configuration = {} }: PluginOptions) {
    this.name = name
    this.rootId = rootId
    this.#configuration = configuration instanceof Uint8Array ? configuration : Buffer.from(asText(configuration))
    this.#root = this.#newRoot(guest)
  }

  #newRoot(guest: Guest): RootContext {
    return new RootContext(guest, this.name, this.rootId, this.#configuration)
  }

  /** @internal */
  start(lines: readonly LogLine[]): this {
    const before = lines.length
    this.#ok = this.#root.start()
    this.#log = lines.slice(before)
    return this
  }

  /** @internal The VM has been loaded again. */
  restart(guest: Guest, lines: readonly LogLine[]): void {
    this.#root = this.#newRoot(guest)
    this.start(lines)
  }

  /** Whether the filter accepted its configuration; Envoy refuses one that it did not accept. */
  get ok(): boolean {
    return this.#ok
  }

  /** What was logged while it started. */
  get log(): readonly LogLine[] {
    return this.#log
  }

  /** Its configuration was withdrawn. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Calls that are not over. */
  get streams(): number {
    return this.#root.streams
  }

  /** ms between ticks; 0 when the filter wants none. */
  get tickPeriod(): number {
    return this.#root.tickPeriod
  }

  /** A client begins a call. @throws when the configuration was refused: Envoy would serve nothing with it. */
  request(frame: HeadersFrame): FilterStream {
    if (this.#isClosed) throw new Error(`Plugin "${this.name}" is closed`)
    if (!this.#ok) throw new Error(`Plugin "${this.name}" was refused: ${this.#log.map(({ message }) => message).join('; ')}`)
    return new FilterStream(this.#root, frame)
  }

  /** `proxy_on_tick`, whether the filter wants ticks or not. */
  tick(): void {
    this.#root.tick()
  }

  /** The configuration is withdrawn. Its root context goes with its last call. */
  close(): void {
    this.#isClosed = true
    this.#root.close()
  }
}

function asText(configuration: string | object): string {
  return typeof configuration === 'string' ? configuration : JSON.stringify(configuration)
}
