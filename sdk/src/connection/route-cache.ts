import type { Clock, Timer } from '../clock.ts'
import { describe } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { type Route, sameRoute } from './route.ts'

const FIRST_REFRESH = 10_000
const REFRESH = 30_000

export interface RouteCacheOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly clientId: string
  query(topic: string): Promise<Route>
  /** Makes the endpoints of a route usable; the route is handed out only afterwards. */
  prepare(route: Route): Promise<void>
  /** Called when some route changed, with all that are known. */
  onChange(routes: readonly Route[]): void
}

/**
 * The routes that one producer or consumer uses: looked up once, shared by all who ask meanwhile, refreshed in the background. A refresh that brings
 * nothing new changes nothing, and one that fails leaves the old route in use.
 */
export class RouteCache {
  readonly #options: RouteCacheOptions
  readonly #routes = new Map<string, Route>()
  readonly #pending = new Map<string, Promise<Route>>()
  #timer: Timer | undefined
  #closed = false

  constructor(options: RouteCacheOptions) {
    this.#options = options
  }

  /** Known at once, or undefined. */
  peek(topic: string): Route | undefined {
    return this.#routes.get(topic)
  }

  get(topic: string): Promise<Route> {
    const known = this.#routes.get(topic)
    if (known !== undefined) return Promise.resolve(known)
    const pending = this.#pending.get(topic)
    if (pending !== undefined) return pending
    const lookup = this.#fetch(topic).finally(() => this.#pending.delete(topic))
    this.#pending.set(topic, lookup)
    return lookup
  }

  /** Nobody uses the route any more. */
  forget(topic: string): void {
    if (this.#routes.delete(topic)) this.#options.onChange([...this.#routes.values()])
  }

  /** Asks again for all topics now. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#routes.keys()].map((topic) => this.#renew(topic)))
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  async #fetch(topic: string): Promise<Route> {
    const route = await this.#options.query(topic)
    await this.#options.prepare(route)
    if (this.#closed) return route
    this.#routes.set(topic, route)
    this.#options.onChange([...this.#routes.values()])
    this.#timer ??= this.#arm(FIRST_REFRESH)
    return route
  }

  async #renew(topic: string): Promise<void> {
    try {
      const route = await this.#options.query(topic)
      const old = this.#routes.get(topic)
      if (this.#closed || old === undefined || sameRoute(old, route)) return
      await this.#options.prepare(route).catch(() => {
        // An endpoint that cannot be reached yet is used all the same: sends go elsewhere, streams are opened again for ever.
      })
      if (this.#closed || !this.#routes.has(topic)) return
      this.#routes.set(topic, route)
      this.#options.onChange([...this.#routes.values()])
    } catch (error) {
      const { logger, clientId } = this.#options
      logger.debug({ event: 'route-refresh-failed', clientId, topic, err: error }, `the route of ${topic} stays as it was: ${describe(error)}`)
    }
  }

  #arm(delay: number): Timer {
    return this.#options.clock.setTimer(() => {
      void this.refresh().then(() => {
        if (!this.#closed) this.#timer = this.#arm(REFRESH)
      })
    }, delay)
  }
}
