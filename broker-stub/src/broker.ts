import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import type { Endpoints, EndpointsInit } from '@feathermq/protocol'
import { limits } from '@feathermq/protocol'
import {
  HealthService,
  namedTransport,
  type Server,
  type ServerOptions,
  type ServerTls,
  type Transport,
  type TransportName,
} from '@feathermq/transport'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import type { BrokerContext } from './context.ts'
import { DataDirectory, DataError } from './data/data-directory.ts'
import { Delivery } from './delivery/delivery.ts'
import type { DeliveryLimits } from './delivery/limits.ts'
import { toMs } from './duration.ts'
import type { Files } from './files/files.ts'
import { realFiles } from './files/real-files.ts'
import { Filters } from './filter/filters.ts'
import { orphanedTransaction } from './handlers/orphaned-transaction.ts'
import { pushGroupSettings } from './handlers/telemetry.ts'
import { BrokerLog } from './logging/broker-log.ts'
import { type Logger, silentLogger } from './logging/logger.ts'
import { type BrokerOptions, checkSettings, groupSettings, OptionError, type TlsConfig, toBytes, topicSettings, validateOptions } from './options.ts'
import { RecallHandles } from './recall/recall-handle.ts'
import { Recalls } from './recall/recalls.ts'
import { Clients } from './registry/clients.ts'
import { Counters } from './registry/counters.ts'
import { RegistryError, TopicsAndGroups } from './registry/registry.ts'
import { TimingWheel } from './schedule/timing-wheel.ts'
import { MAX_REQUEST_BYTES, registerHandlers } from './server/grpc-server.ts'
import { HttpServer } from './server/http-server.ts'
import { naming, serverTls } from './server/tls.ts'
import { MemoryStore } from './store/memory-store.ts'
import type { MessageStore } from './store/message-store.ts'
import { Transactions } from './transactions/transactions.ts'

/** What else a broker that is embedded may be given. */
export interface EmbeddedOptions extends Omit<BrokerOptions, 'transport'> {
  /** Instead of the machine's disk; only with `data`. */
  readonly files?: Files | undefined
  /** Bytes of one file of messages, with `data`; what a message may take at most fits into 8 MiB. Default 64 MiB. */
  readonly segmentSize?: number | undefined
  /** By name, or another one such as `inMemoryTransport()` of `@feathermq/transport`. Default `http2`. */
  readonly transport?: Transport | TransportName | undefined
  readonly clock?: Clock | undefined
  readonly limits?: Partial<DeliveryLimits> | undefined
  /** Where changes of state are written down, one line each; pino and its like fit. Default: nowhere. */
  readonly logger?: Logger | undefined
  /** Told about faults that no client sees. Default: the logger; without one `console.error`. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** Where a broker can be reached. */
export interface BrokerAddresses {
  /** `host:port` of gRPC. */
  readonly grpc: string
  /** `host:port` of health, metrics and the admin API. */
  readonly http: string
}

/** How long calls that run may take to end when the broker stops, ms. */
const STOP_GRACE = 2_000

/** `host:port`, IPv6 in brackets. */
const join = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

function split(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) }
}

function endpointsOf(address: string): EndpointsInit {
  const { host, port } = split(address)
  const scheme: Endpoints['scheme'] = isIP(host) === 4 ? 'IPv4' : isIP(host) === 6 ? 'IPv6' : 'DOMAIN_NAME'
  return { scheme, addresses: [{ host, port }] }
}

/** A broker: one process's worth of topics, groups and messages, served over gRPC, observed and administered over HTTP. */
export class Broker {
  readonly name: string
  readonly #options: EmbeddedOptions
  readonly #context: BrokerContext
  readonly #store: MessageStore
  readonly #data: DataDirectory | undefined
  readonly #server: Server
  readonly #http: HttpServer
  readonly #host: string
  readonly #certificate: string | undefined
  #addresses: BrokerAddresses | undefined
  #starting: Promise<BrokerAddresses> | undefined
  #stopping: Promise<void> | undefined

  /**
   * @param data What `options.data` names, opened.
   * @param wheel On which delayed messages of `data` wait.
   * @throws {OptionError}
   */
  constructor(
    options: EmbeddedOptions = {},
    data?: DataDirectory,
    wheel: TimingWheel = new TimingWheel(options.clock ?? systemClock),
    log: BrokerLog = brokerLog(options),
  ) {
    this.#options = options
    this.#data = data
    this.name = options.name ?? 'feathermq'
    this.#host = options.host ?? '127.0.0.1'
    const clock = options.clock ?? systemClock
    log.starting(this.name)
    const counters = new Counters()
    counters.onRefused((rpc, code) => log.refused(rpc, code))
    const state = data?.state
    const registry = new TopicsAndGroups({
      clock,
      // What lasts is not made by a typing mistake.
      autoCreate: options.autoCreate ?? data === undefined,
      restored: state?.registry,
      onChange: (change) => {
        state?.registryChanged(change)
        log.registryChanged(change)
      },
    })
    log.knows(registry.groups())
    this.#store = data?.store ?? new MemoryStore({ clock, wheel }, options.maxMemory === undefined ? undefined : toBytes(options.maxMemory))
    const delivery = new Delivery({
      clock,
      wheel,
      store: this.#store,
      registry,
      brokerName: this.name,
      bootEpoch: state?.identity.epoch ?? Math.floor(clock.now() / 1000),
      key: state?.identity.key,
      limits: options.limits,
      journal: state?.journal,
      restored: state?.delivery,
      topicsDurable: () => state?.topicsDurable(),
      trouble: () => state?.trouble,
      onDeadLetter: (event) => log.deadLettered(event),
    })
    const clients = new Clients({
      clock,
      onLost: (clientId) => delivery.clientLost(clientId),
      onGone: (client, reason) => log.clientLost(client, reason),
    })
    const transactions = new Transactions({
      clock,
      wheel,
      kept: this.#store.kept,
      topic: (name) => registry.topic(name),
      command: (message, transactionId) => orphanedTransaction(message, transactionId, this.addresses.grpc),
      checks: checkSettings(options.transactions),
      onGivenUp: (event) => log.transactionGivenUp(event),
      onEnded: (event) => {
        state?.transactionEnded(event)
        counters.countEnded(event.topic, event.resolution, event.after)
      },
      ended: state?.transactions.ended,
    })
    this.#context = {
      name: this.name,
      durable: data !== undefined,
      clock,
      registry,
      clients,
      delivery,
      transactions,
      recalls: new Recalls(clock, this.#store.kept, new RecallHandles(this.name, state?.identity.key ?? randomBytes(8))),
      filters: new Filters(),
      counters,
      log,
      health: new HealthService(),
      advertised: () => ({ endpoints: endpointsOf(options.advertise ?? this.addresses.grpc), always: options.advertise !== undefined }),
      room: () => this.#store.room ?? Number.POSITIVE_INFINITY,
      halves: (topicId) => this.#store.kept.halves(topicId),
      saved: async () => state?.sync(),
      storeHost: () => this.addresses.grpc,
    }
    registry.onGroupChanged((group) => {
      delivery.groupChanged(group)
      pushGroupSettings(this.#context, group.name)
    })
    named('topics', () => {
      for (const [name, topic] of Object.entries(options.topics ?? {})) {
        // A topic of before a restart stays what it is.
        if (registry.topic(name) === undefined) registry.createTopic(name, topicSettings(topic), 'config')
      }
    })
    named('groups', () => {
      for (const [name, group] of Object.entries(options.groups ?? {})) registry.putGroup(name, groupSettings(group), 'config')
    })

    delivery.restore()
    state?.begin({ registry, delivery, transactions })
    data?.keepFor(delivery)
    // Who held something before a restart has as long to come back as after a lost connection.
    for (const clientId of delivery.renewedClients) clients.expect(clientId)

    const onError = errorListener(options, log)
    const transport = transportOf(options.transport)
    const serverOptions: ServerOptions = {
      maxReceiveMessageBytes: MAX_REQUEST_BYTES,
      maxConcurrentStreams: 10_000,
      onConnectionEvent: (event) => {
        if (event.name !== 'connection-refused') return
        counters.countRefusedConnection(event.code)
        log.connectionRefused(event)
      },
      onError: (error: unknown) => onError(error),
    }
    const { tls } = options
    const material = tls === undefined ? undefined : this.#material(tls)
    if (tls?.selfSigned === true) this.#certificate = String(material?.certificate)
    const create = (): Server => transport.createServer({ ...serverOptions, tls: material })
    this.#server = tls === undefined ? create() : naming(tls, create)
    registerHandlers(this.#server, this.#context, options.maxDelay === undefined ? limits.delay : toMs(options.maxDelay))
    this.#http = new HttpServer(this.#context, this.#store, this.#host, onError)
  }

  /** Once started. */
  get addresses(): BrokerAddresses {
    if (this.#addresses === undefined) throw new Error('the broker is not started')
    return this.#addresses
  }

  /** PEM of the certificate that the broker made for itself (`tls.selfSigned`): what clients trust as their `ca`. */
  get certificate(): string | undefined {
    return this.#certificate
  }

  /**
   * Reads the files of `tls` again, for connections that are made from now on. Does nothing where there are none.
   *
   * @throws {OptionError} that names the file that cannot be used; the certificate stays as it is.
   */
  reloadTls(): void {
    const { tls } = this.#options
    if (tls === undefined || tls.selfSigned === true) return
    const material = this.#material(tls)
    naming(tls, () => this.#server.setTls(material))
  }

  /** By real time, as those who check it do. */
  #material(tls: TlsConfig): ServerTls {
    const { advertise } = this.#options
    return serverTls(tls, advertise === undefined ? [this.#host] : [this.#host, split(advertise).host], systemClock.now())
  }

  /** What tests and tools look at. */
  get context(): BrokerContext {
    return this.#context
  }

  /** Opens both ports. Idempotent until it is stopped. @throws {OptionError} that names the port and what to do when one is taken. */
  start(): Promise<BrokerAddresses> {
    if (this.#stopping !== undefined) return Promise.reject(new Error('the broker was stopped; make another one'))
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<BrokerAddresses> {
    const grpc = await this.#server.listen(this.#host, this.#options.port ?? 8081).catch((error: unknown) => {
      throw portError(error, 'gRPC', this.#host, this.#options.port ?? 8081, '--port')
    })
    try {
      const http = await this.#http.listen(this.#host, this.#options.httpPort ?? 8082)
      this.#addresses = { grpc: join(this.#host, grpc.port), http: join(this.#host, http) }
      this.#context.log.listening(this.#addresses)
      return this.#addresses
    } catch (error) {
      await this.#server.close()
      throw portError(error, 'HTTP', this.#host, this.#options.httpPort ?? 8082, '--http-port')
    }
  }

  /** Answers waiting receives, lets running calls end, closes both ports. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    // A port that is just being opened has to be open before it can be closed.
    await this.#starting?.catch(() => undefined)
    // One that never served anybody has said nothing so far.
    const served = this.#addresses !== undefined
    if (served) this.#context.log.stopping()
    // Whoever balances load by either of the two health checks goes elsewhere from now on.
    this.#context.health.shutDown()
    this.#context.delivery.close()
    this.#context.transactions.close()
    this.#context.clients.close()
    await this.#server.close(STOP_GRACE)
    await this.#http.close()
    if (this.#data === undefined) await this.#store.close()
    else await this.#data.close()
    if (served) this.#context.log.stopped()
  }
}

/** What the registry refuses, as an error about the key of the options that asks for it. @throws {OptionError} */
function named(key: keyof BrokerOptions, make: () => void): void {
  try {
    make()
  } catch (cause) {
    if (cause instanceof RegistryError) throw new OptionError(`options: ${key}: ${cause.message}`, { cause })
    throw cause
  }
}

function portError(error: unknown, what: string, host: string, port: number, flag: string): Error {
  const text = error instanceof Error ? error.message : String(error)
  const code = /EADDRINUSE|EACCES|EADDRNOTAVAIL|ENOTFOUND/.exec(`${(error as { code?: unknown }).code} ${text}`)?.[0]
  const fix = {
    EADDRINUSE: `something else listens there; choose another port with ${flag}, or ${flag} 0 for a free one`,
    EACCES: `this user may not open it; choose a port above 1023 with ${flag}`,
    EADDRNOTAVAIL: 'this machine has no such address; choose another with --host',
    ENOTFOUND: 'there is no such host; choose another with --host',
  }
  const advice = code === undefined ? text : fix[code as keyof typeof fix]
  return new OptionError(`cannot open the ${what} port ${join(host, port)}: ${advice}`)
}

/** Without a logger nothing is written down. */
const brokerLog = ({ logger = silentLogger, clock = systemClock }: EmbeddedOptions): BrokerLog => new BrokerLog(logger, clock)

function errorListener({ onError, logger }: EmbeddedOptions, log: BrokerLog): (error: unknown) => void {
  if (onError !== undefined) return onError
  return logger === undefined ? (error) => console.error(error) : (error) => log.fault(error)
}

function transportOf(given: Transport | TransportName | undefined): Transport {
  return given === undefined || typeof given === 'string' ? namedTransport(given ?? 'http2') : given
}

/** @throws {OptionError} */
function checked(options: EmbeddedOptions): EmbeddedOptions {
  const { transport, clock, limits: bounds, logger, onError, files, segmentSize, ...plain } = options
  validateOptions(JSON.parse(JSON.stringify(typeof transport === 'string' ? { ...plain, transport } : plain)), 'options')
  return options
}

/** Checks the options and makes a broker of them that keeps messages in memory. @throws {OptionError} */
export function createBroker(options: EmbeddedOptions = {}): Broker {
  const { data } = checked(options)
  if (data !== undefined) throw new OptionError('options: data: a data directory takes a moment to open; use openBroker')
  return new Broker(options)
}

/**
 * Checks the options and makes a broker of them, with what its data directory holds if it has one.
 *
 * @throws {OptionError} also when the data directory is in use or cannot be opened.
 */
export async function openBroker(options: EmbeddedOptions = {}): Promise<Broker> {
  const { data: folder, clock = systemClock, files = realFiles, flush, retention, segmentSize } = checked(options)
  if (folder === undefined) return new Broker(options)
  const wheel = new TimingWheel(clock)
  const log = brokerLog(options)
  const onError = options.onError ?? (options.logger === undefined ? console.error : undefined)
  const data = await DataDirectory.open({
    files,
    folder,
    clock,
    wheel,
    segmentSize,
    flush: flush === undefined || flush === 'commit' || flush === 'os' ? flush : { interval: toMs(flush) },
    retention: {
      time: retention?.time === undefined ? undefined : toMs(retention.time),
      size: retention?.size === undefined ? undefined : toBytes(retention.size),
    },
    onEvent: (event) => {
      log.data(event)
      if (event.kind === 'state-failure') onError?.(event.error)
      else if (event.kind === 'state-damage') onError?.(new Error(event.text))
    },
  }).catch((error: unknown) => {
    throw error instanceof DataError ? new OptionError(error.message, { cause: error }) : error
  })
  try {
    return new Broker(options, data, wheel, log)
  } catch (error) {
    await data.close()
    throw error
  }
}
