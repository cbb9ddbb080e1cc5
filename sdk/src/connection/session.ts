import {
  decodeNotifyClientTerminationResponse,
  encodeNotifyClientTerminationRequest,
  messagingService,
  type SettingsInit,
} from '@feathermq/protocol/client'
import type { Timer } from '../clock.ts'
import { pause } from '../deferred.ts'
import { type EndpointList, endpointKey } from '../endpoints.ts'
import { clientError, FeatherMQError } from '../errors.ts'
import type { ServerHealth } from '../health.ts'
import type { ReceivedFields } from '../message/received.ts'
import type { Runtime } from '../runtime.ts'
import type { Verification } from './commands.ts'
import { Endpoint } from './endpoint.ts'
import { EndpointHealth } from './endpoint-health.ts'
import { Heartbeat } from './heartbeat.ts'
import { CallHeaders, nextClientId } from './identity.ts'
import { explainUnreachable } from './probe.ts'
import { processReport } from './process-report.ts'
import { Reach } from './reach.ts'
import { resource } from './resource.ts'
import { queryRoute, type Route, type RouteContext } from './route.ts'
import { RouteCache } from './route-cache.ts'
import { Rpc } from './rpc.ts'
import { type PushedSettings, type Role, settingsOf } from './settings.ts'
import { TelemetryStream } from './telemetry-stream.ts'

/** As Java: a route is asked for three times before the start fails. */
const LOOKUP_ATTEMPTS = 3
const LOOKUP_PAUSE = 200
/** As Java: on top of the request timeout. */
const SETTINGS_TOLERANCE = 3_000
const SYNC_INTERVAL = 300_000
/** How long a stock server keeps an auto-renewed message invisible without its consumer. */
export const LEASE = 60_000

export interface SessionOwner {
  /** The server pushed settings: its first answer, or any time later. */
  onSettings(settings: PushedSettings, endpoint: Endpoint): void
  /** Nothing was heard of the endpoint for longer than a lease. */
  onOutOfReach(endpoint: Endpoint): void
  /** A telemetry stream went up or down, or its endpoint is not used any more. */
  onLink?(endpoint: Endpoint, state: 'up' | 'down' | 'gone'): void
  /** Runs the handler for a message and tells how that went, without settling anything; absent where there is no handler. Never rejects. */
  verify?: ((message: ReceivedFields) => Promise<Verification>) | undefined
  /** A transaction that nobody ended; absent where there are none. */
  onOrphan?(message: ReceivedFields, transactionId: string, endpoint: Endpoint): void
  /** What this producer or consumer is doing, one line each, for a server that asks. */
  report(): readonly string[]
}

interface Link {
  readonly endpoint: Endpoint
  readonly stream: TelemetryStream
  /** Look-ups that wait for this link; it stays while there are any. */
  waiting: number
}

/**
 * What one producer or consumer is to the cluster: an id, settings on a telemetry stream to every endpoint of its routes, heartbeats, routes. Nothing
 * connects before the first {@link route}; from then on everything is kept up and made again until {@link close}.
 */
export class Session implements RouteContext {
  readonly rpc: Rpc
  readonly namespace: string
  readonly accessPoint: Endpoint
  readonly role: Role
  /** Which endpoints to keep away from while there are others. */
  readonly health: EndpointHealth<Endpoint>
  readonly #runtime: Runtime
  readonly #owner: SessionOwner
  readonly #topics = new Set<string>()
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #links = new Map<string, Link>()
  readonly #routes: RouteCache
  readonly #heartbeat: Heartbeat
  readonly #reach: Reach
  #sync: Timer | undefined
  #closed = false

  constructor(runtime: Runtime, role: Role, owner: SessionOwner) {
    const { config, channels, upkeep, random } = runtime
    this.#runtime = runtime
    this.health = new EndpointHealth(upkeep, random)
    this.role = role
    this.#owner = owner
    this.namespace = config.namespace
    this.accessPoint = new Endpoint(config.accessPoint)
    this.#endpoints.set(this.accessPoint.key, this.accessPoint)
    const headers = new CallHeaders(nextClientId(config.clientId, config.clock), config.namespace, runtime.credentials, config.clock)
    this.#reach = new Reach(config.clock, LEASE, (endpoint) => owner.onOutOfReach(endpoint))
    this.rpc = new Rpc(channels, headers, config.requestTimeout, config.logger, {
      onContact: (endpoint) => this.#reach.contact(endpoint),
      onTransportFailure: (endpoint, address, operation, failure) => {
        // A stream that failed waits before it tries the next address; only a stream that was left behind follows at once.
        if (failure.code !== 'NO_ANSWER' && endpoint.turnFrom(address) && operation !== 'Telemetry') this.#links.get(endpoint.key)?.stream.reopen()
      },
    })
    this.#routes = new RouteCache({
      clock: upkeep,
      logger: config.logger,
      clientId: headers.clientId,
      query: (topic) => queryRoute(this, topic),
      prepare: (route) => this.#prepare(route),
      onChange: (routes) => this.#reconcile(routes),
    })
    this.#heartbeat = new Heartbeat(this.rpc, role, config.namespace, upkeep, {
      endpoints: () => [...this.#links.values()].map(({ endpoint }) => endpoint),
      onHealthy: (endpoint) => this.health.seen(endpoint),
      onUnknown: (endpoint) => this.#links.get(endpoint.key)?.stream.sync(),
      onDead: (endpoint) => this.#reconnect(endpoint),
    })
  }

  get clientId(): string {
    return this.rpc.headers.clientId
  }

  /** Every server that a telemetry stream belongs to. */
  servers(): readonly ServerHealth[] {
    return [...this.#links.values()].map(({ endpoint, stream }) => ({
      endpoint: endpoint.address,
      connected: stream.state === 'live',
      avoided: !this.health.isUsable(endpoint),
    }))
  }

  endpointOf(list: EndpointList): Endpoint {
    const key = endpointKey(list.addresses)
    const known = this.#endpoints.get(key)
    if (known !== undefined) return known
    const endpoint = new Endpoint(list)
    this.#endpoints.set(key, endpoint)
    return endpoint
  }

  /** The route if it is known and usable at once. */
  peekRoute(topic: string): Route | undefined {
    return this.#routes.peek(topic)
  }

  /**
   * The route of a topic; looks it up, and opens the telemetry streams of its endpoints, when it is asked for the first time. Bounded: at most three
   * look-ups of one request timeout each, then request timeout + 3 s for the settings.
   *
   * @throws {FeatherMQError} what the server says of the topic, or what stands between it and us.
   */
  async route(topic: string): Promise<Route> {
    const known = this.#routes.peek(topic)
    if (known !== undefined) return known
    if (this.#closed) throw clientError('CLIENT_CLOSED', `the route of ${topic} cannot be looked up: the client is closed`)
    if (!this.#topics.has(topic)) {
      this.#topics.add(topic)
      if (this.role.kind === 'producer') for (const { stream } of this.#links.values()) stream.sync()
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#routes.get(topic)
      } catch (error) {
        const again = error instanceof FeatherMQError && error.retryable && error.code !== 'SETTINGS_TIMEOUT'
        if (this.#closed || !again || attempt >= LOOKUP_ATTEMPTS) throw await this.#explained(error)
        await pause(this.#runtime.upkeep, LOOKUP_PAUSE * attempt, { hold: true })
      }
    }
  }

  /** Declares topics ahead, so that settings name them from the start. */
  declare(topics: Iterable<string>): void {
    for (const topic of topics) this.#topics.add(topic)
  }

  /** The topic is not used any more: its route is let go, and endpoints that only it led to. */
  forget(topic: string): void {
    this.#topics.delete(topic)
    this.#routes.forget(topic)
  }

  /** Tells every endpoint the settings again, because they changed. */
  sync(): void {
    for (const { stream } of this.#links.values()) stream.sync()
  }

  /** Says goodbye to every endpoint (failures ignored, bounded by the request timeout), ends the streams (bounded by a second) and lets go of everything. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#heartbeat.stop()
    this.#sync?.cancel()
    this.#routes.close()
    await Promise.allSettled(
      [...this.#links.values()].filter(({ stream }) => stream.state === 'live').map(({ endpoint }) => this.#farewell(endpoint)),
    )
    await Promise.all([...this.#links.keys()].map((key) => this.#unlink(key)))
    this.#reach.close()
  }

  #settings(): SettingsInit {
    const { config } = this.#runtime
    return settingsOf(this.role, {
      namespace: config.namespace,
      accessPoint: config.accessPoint,
      requestTimeout: config.requestTimeout,
      topics: [...this.#topics],
    })
  }

  async #prepare(route: Route): Promise<void> {
    // The look-up may have taken longer than the client lived: what it opened now nobody would close.
    if (this.#closed) throw clientError('CLIENT_CLOSED', `the client was closed while the route of ${route.topic} was looked up`)
    const patience = this.#runtime.config.requestTimeout + SETTINGS_TOLERANCE
    await Promise.all(
      route.endpoints.map(async (endpoint) => {
        const link = this.#link(endpoint)
        link.waiting += 1
        try {
          await link.stream.live(patience)
        } finally {
          link.waiting -= 1
          if (link.stream.state !== 'live' && link.waiting === 0 && !this.#isRouted(endpoint)) void this.#unlink(endpoint.key)
        }
      }),
    )
  }

  #isRouted(endpoint: Endpoint): boolean {
    for (const topic of this.#topics) if (this.#routes.peek(topic)?.endpoints.some(({ key }) => key === endpoint.key)) return true
    return false
  }

  #link(endpoint: Endpoint): Link {
    const known = this.#links.get(endpoint.key)
    if (known !== undefined) return known
    const { config, upkeep, random, telemetry } = this.#runtime
    let lost = false
    const owner = {
      settings: () => this.#settings(),
      onSettings: (settings: PushedSettings) => {
        if (settings.metric !== undefined) telemetry.wanted(this.clientId, endpoint.address, settings.metric)
        this.#owner.onSettings(settings, endpoint)
      },
      onLive: () => {
        this.health.seen(endpoint)
        this.#reach.regained(endpoint)
        this.#owner.onLink?.(endpoint, 'up')
        telemetry.connected(this.clientId, endpoint.address, lost)
        lost = false
        config.logger.debug({ event: 'telemetry-live', clientId: this.clientId, endpoint: endpoint.address }, 'the telemetry stream is up')
      },
      onLost: (_: Endpoint, cause: FeatherMQError) => {
        this.#reach.missing(endpoint)
        this.#owner.onLink?.(endpoint, 'down')
        telemetry.disconnected(this.clientId, endpoint.address, cause)
        lost = true
        config.logger.warn(
          { event: 'telemetry-lost', clientId: this.clientId, endpoint: endpoint.address, code: cause.code, err: cause },
          `the telemetry stream to ${endpoint.address} is down and will be opened again`,
        )
      },
      onReconnect: () => this.#reconnect(endpoint),
      onVerify: async (message: ReceivedFields): Promise<Verification> =>
        (await this.#owner.verify?.(message)) ?? { code: 'NOT_IMPLEMENTED', message: 'this client has no handler to run' },
      onOrphan: (message: ReceivedFields, transactionId: string) => this.#owner.onOrphan?.(message, transactionId, endpoint),
      abilities: () => ({
        verify: this.#owner.verify !== undefined,
        recover: this.#owner.onOrphan !== undefined,
        report: () => this.#report(),
      }),
    }
    const stream = new TelemetryStream(endpoint, this.rpc, owner, { clock: upkeep, random, logger: config.logger })
    const link = { endpoint, stream, waiting: 0 }
    this.#links.set(endpoint.key, link)
    this.#endpoints.set(endpoint.key, endpoint)
    this.#runtime.channels.retain(endpoint.addresses)
    this.#heartbeat.start()
    this.#sync ??= this.#armSync()
    return link
  }

  async #unlink(key: string): Promise<void> {
    const link = this.#links.get(key)
    if (link === undefined) return
    this.#links.delete(key)
    this.health.forget(link.endpoint)
    this.#reach.forget(link.endpoint)
    this.#owner.onLink?.(link.endpoint, 'gone')
    if (link.endpoint !== this.accessPoint) this.#endpoints.delete(key)
    await link.stream.close()
    this.#runtime.channels.release(link.endpoint.addresses)
  }

  #reconcile(routes: readonly Route[]): void {
    if (this.#closed) return
    const wanted = new Map(routes.flatMap(({ endpoints }) => endpoints.map((endpoint) => [endpoint.key, endpoint])))
    for (const [key, link] of this.#links) if (!wanted.has(key) && link.waiting === 0) void this.#unlink(key)
    // A new route is used also when one of its endpoints could not be made ready.
    for (const endpoint of wanted.values()) this.#link(endpoint).stream.open()
  }

  #reconnect(endpoint: Endpoint): void {
    this.#runtime.config.logger.info({ event: 'reconnect', clientId: this.clientId, endpoint: endpoint.address }, 'making the connection anew')
    this.#runtime.channels.reset(endpoint.address)
    this.#links.get(endpoint.key)?.stream.reopen()
  }

  #armSync(): Timer {
    return this.#runtime.upkeep.setTimer(() => {
      this.sync()
      this.#sync = this.#armSync()
    }, SYNC_INTERVAL)
  }

  async #farewell(endpoint: Endpoint): Promise<void> {
    const group = this.role.kind === 'producer' ? undefined : resource(this.namespace, this.role.group)
    const request = encodeNotifyClientTerminationRequest({ group })
    await this.rpc.unary(endpoint, messagingService.notifyClientTermination, request, decodeNotifyClientTerminationResponse)
  }

  /** Where "cannot connect" may mean several things, a look at the socket tells them apart. */
  async #explained(error: unknown): Promise<unknown> {
    const { channels, upkeep } = this.#runtime
    if (!(error instanceof FeatherMQError) || channels.transport === 'in-memory') return error
    return await explainUnreachable(error, channels.encrypted, upkeep)
  }

  #report(): string {
    const { config } = this.#runtime
    return [
      `client ${this.clientId}, ${this.role.kind}, time ${new Date(config.clock.now()).toISOString()}`,
      ...[...this.#links.values()].map(({ endpoint, stream }) => `telemetry to ${endpoint.address}: ${stream.state}`),
      ...this.#owner.report(),
      ...processReport(),
    ].join('\n')
  }
}
