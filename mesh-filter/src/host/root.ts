import type { Context, RootCalls } from './context.ts'
import type { Guest } from './guest.ts'
import type { HeaderMap } from './header-map.ts'
import { encodeProperty } from './properties.ts'

/** A plugin's root context: one per configuration and VM. */
export class RootContext implements Context, RootCalls {
  readonly id: number
  readonly guest: Guest
  readonly name: string
  readonly rootId: string
  readonly root: RootContext = this
  readonly stream: undefined = undefined
  readonly isLogging: boolean = false
  readonly #configuration: Uint8Array
  visibleConfiguration: Uint8Array | undefined
  /** 0: no ticks. */
  tickPeriod = 0
  #streams = 0
  #life: 'alive' | 'closing' | 'pending' | 'gone' = 'alive'

  constructor(guest: Guest, name: string, rootId: string, configuration: Uint8Array) {
    this.guest = guest
    this.name = name
    this.rootId = rootId
    this.#configuration = configuration
    this.id = guest.nextContextId()
    guest.contexts.set(this.id, this)
  }

  get streams(): number {
    return this.#streams
  }

  /** False when the filter refuses to start or refuses the configuration, or crashes over it. */
  start(): boolean {
    const { guest, id } = this
    guest.notify('proxy_on_context_create', this, id, 0)
    if (guest.failure !== undefined || guest.notify('proxy_on_vm_start', this, id, guest.vmConfiguration.length) === 0) return false
    this.visibleConfiguration = this.#configuration
    const isAccepted = guest.notify('proxy_on_configure', this, id, this.#configuration.length) !== 0
    this.visibleConfiguration = undefined
    return isAccepted && guest.failure === undefined
  }

  tick(): void {
    this.guest.notify('proxy_on_tick', this, this.id)
  }

  streamOpened(): void {
    this.#streams++
  }

  streamClosed(): void {
    this.#streams--
    if (this.#life === 'closing') this.close()
  }

  /** The configuration is withdrawn. Envoy keeps the root context until its last stream is gone. */
  close(): void {
    if (this.#life !== 'alive' && this.#life !== 'closing') return
    this.#life = 'closing'
    if (this.#streams > 0) return
    if (this.guest.notify('proxy_on_done', this, this.id) === 0) this.#life = 'pending'
    else this.#delete()
  }

  done(): boolean {
    if (this.#life !== 'pending') return false
    this.guest.afterCall(() => this.#delete())
    return true
  }

  #delete(): void {
    this.#life = 'gone'
    this.tickPeriod = 0
    this.guest.notify('proxy_on_delete', this, this.id)
    this.guest.contexts.delete(this.id)
  }

  setTickPeriod(ms: number): void {
    this.tickPeriod = ms
  }

  /** `plugin_name` and its like, then what the test gave. */
  property(path: readonly string[]): Uint8Array | undefined {
    const key = path.join('.')
    if (key === 'plugin_name') return encodeProperty(this.name)
    if (key === 'plugin_root_id') return encodeProperty(this.rootId)
    if (key === 'plugin_vm_id') return encodeProperty(this.guest.vmId)
    const given = this.guest.services.properties.get(key)
    return given === undefined ? undefined : encodeProperty(given)
  }

  readableMap(): HeaderMap | undefined {
    return undefined
  }

  writableMap(): HeaderMap | undefined {
    return undefined
  }

  mapChanged(): 'effective' {
    return 'effective'
  }

  body(): undefined {
    return undefined
  }
}
