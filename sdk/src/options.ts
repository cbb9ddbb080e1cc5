import type { ChannelTls, Transport, TransportName } from '@feathermq/transport'
import { type ClientTransport, clientTransport } from '@feathermq/transport/client'
import { type Clock, systemClock } from './clock.ts'
import { type Duration, milliseconds } from './duration.ts'
import { type AccessPoint, parseEndpoints } from './endpoints.ts'
import { FeatherMQError, invalidOption } from './errors.ts'
import { defaultLogger, type Logger } from './logger.ts'
import { checkBoolean, checkKeys, checkMethods, checkOptionalText, checkText } from './option-check.ts'
import { checkTelemetry, type TelemetryOptions } from './telemetry/options.ts'

/** Keys that the server knows (RocketMQ ACL). They never appear in logs or errors. */
export interface Credentials {
  readonly accessKey: string
  readonly secretKey: string
  /** For temporary credentials (`x-mq-session-token`). */
  readonly sessionToken?: string | undefined
}

/**
 * Gives the keys of now, e.g. from a vault or a token service. Asked before the first call, then at most once a minute, and when a server refuses what it
 * gave: temporary credentials should hold for at least a minute when they are given. While it fails, calls go on with what it gave before.
 */
export type CredentialsProvider = () => Credentials | Promise<Credentials>

/** How TLS is done. PEM texts; Node's default trust when `ca` is absent. */
export interface TlsOptions {
  readonly ca?: string | Uint8Array | undefined
  /** The client's own certificate, where the server asks for one; with {@link key}. */
  readonly certificate?: string | Uint8Array | undefined
  readonly key?: string | Uint8Array | undefined
  /** The name to verify and to send as SNI instead of the endpoint's host. */
  readonly serverName?: string | undefined
  /** Accepts any certificate: anyone in between can read and change everything. Default false. */
  readonly insecureSkipVerify?: boolean | undefined
}

export interface FeatherMQOptions {
  /**
   * Where the broker or proxy is: `host:port`, `a:1;b:2` (or with commas), `[::1]:8081`, `http://…` for plaintext, `https://…` for TLS.
   * Default: the environment's `FEATHERMQ_ENDPOINTS`; one of both must be there.
   */
  readonly endpoints?: string | undefined
  /** Namespace of all topics and groups (`Resource.resource_namespace`). Default `FEATHERMQ_NAMESPACE`, else none. */
  readonly namespace?: string | undefined
  /** Default `FEATHERMQ_ACCESS_KEY` and `FEATHERMQ_SECRET_KEY`, else calls are not signed. */
  readonly credentials?: Credentials | CredentialsProvider | undefined
  /** TLS with details, or `true` for TLS with Node's defaults. Default: as the scheme of the endpoints says, else plaintext. */
  readonly tls?: boolean | TlsOptions | undefined
  /** Time limit of one call, of which a send may need several. Default 3 s. */
  readonly requestTimeout?: Duration | undefined
  /** Default: warnings and errors to stderr. `silentLogger` turns that off. */
  readonly logger?: Logger | undefined
  /** Time for leases, back-off, intervals and born timestamps; a broker in the same process shares its virtual clock this way. Default: the system's. */
  readonly clock?: Clock | undefined
  /**
   * What the ids of this client's producers and consumers begin with; each adds `@<index>@<start time>`, because servers tell clients apart by id.
   * Default `<host>@<pid>`.
   */
  readonly clientId?: string | undefined
  /**
   * What carries the calls: `http2`, our own, or `grpc-js`, which needs the package `@grpc/grpc-js` (its proxies, its interceptors), or a transport such as
   * `inMemoryTransport()` of `@feathermq/transport`. Default `http2`.
   */
  readonly transport?: Transport | TransportName | undefined
  /** OpenTelemetry. Default: spans as soon as the application has registered a tracer provider. */
  readonly telemetry?: TelemetryOptions | undefined
}

/** The options, checked and complete. */
export interface ClientConfig {
  readonly accessPoint: AccessPoint
  readonly namespace: string
  readonly credentials: Credentials | CredentialsProvider | undefined
  readonly tls: ChannelTls | undefined
  readonly requestTimeout: number
  readonly logger: Logger
  readonly clock: Clock
  readonly clientId: string | undefined
  readonly transport: ClientTransport
  readonly telemetry: TelemetryOptions
}

const clientKeys = [
  'endpoints',
  'namespace',
  'credentials',
  'tls',
  'requestTimeout',
  'logger',
  'clock',
  'clientId',
  'transport',
  'telemetry',
] as const satisfies readonly (keyof FeatherMQOptions)[]

const DEFAULT_REQUEST_TIMEOUT = 3_000

/**
 * Checks the options of a client and fills in the environment's and the defaults. What code says wins over the environment.
 *
 * @throws {FeatherMQError} INVALID_OPTION with the path of the first wrong value; unknown options are refused.
 */
export function clientConfig(options: FeatherMQOptions, env: Readonly<Record<string, string | undefined>>): ClientConfig {
  const given: FeatherMQOptions = checkKeys(options, 'options', clientKeys)
  const accessPoint = accessPointOf(given, env)
  const { logger = defaultLogger, clock = systemClock } = given
  checkMethods(logger, 'options.logger', ['debug', 'info', 'warn', 'error'], 'a logger')
  checkMethods(clock, 'options.clock', ['now', 'monotonic', 'setTimer'], 'a clock')
  return {
    accessPoint,
    namespace: checkNamespace(given.namespace === undefined ? env['FEATHERMQ_NAMESPACE'] : given.namespace),
    credentials: credentialsOf(given.credentials, env),
    tls: tlsOf(given.tls, accessPoint),
    requestTimeout:
      given.requestTimeout === undefined ? DEFAULT_REQUEST_TIMEOUT : milliseconds(given.requestTimeout, 'options.requestTimeout', 1, 3_600_000),
    logger,
    clock,
    clientId: checkHeaderText(checkOptionalText(given.clientId, 'options.clientId'), 'options.clientId'),
    transport: transportOf(given.transport),
    telemetry: checkTelemetry(given.telemetry),
  }
}

function transportOf(given: unknown): ClientTransport {
  if (given === undefined || given === 'http2' || given === 'grpc-js') return clientTransport(given ?? 'http2')
  checkMethods(given, 'options.transport', ['createChannel', 'createServer'], "'http2', 'grpc-js' or a transport")
  return given as Transport
}

function accessPointOf(options: FeatherMQOptions, env: Readonly<Record<string, string | undefined>>): AccessPoint {
  if (options.endpoints !== undefined) return parseEndpoints(options.endpoints, 'options.endpoints')
  const fromEnv = env['FEATHERMQ_ENDPOINTS']
  if (fromEnv !== undefined && fromEnv !== '') return parseEndpoints(fromEnv, 'FEATHERMQ_ENDPOINTS')
  throw invalidOption('options.endpoints', undefined, "given, e.g. '127.0.0.1:8081', here or as FEATHERMQ_ENDPOINTS in the environment")
}

function checkNamespace(value: unknown): string {
  if (value === undefined || value === '') return ''
  const text = checkText(value, 'options.namespace')
  if (!/^[%a-zA-Z0-9_-]+$/.test(text)) throw invalidOption('options.namespace', text, 'made of letters, digits, "_", "-" and "%"')
  return text
}

function credentialsOf(value: unknown, env: Readonly<Record<string, string | undefined>>): Credentials | CredentialsProvider | undefined {
  if (typeof value === 'function') return value as CredentialsProvider
  if (value !== undefined) return checkCredentials(value, 'options.credentials')
  const accessKey = env['FEATHERMQ_ACCESS_KEY']
  const secretKey = env['FEATHERMQ_SECRET_KEY']
  if (!accessKey && !secretKey) return undefined
  return {
    accessKey: checkSecret(accessKey, 'FEATHERMQ_ACCESS_KEY'),
    secretKey: checkSecret(secretKey, 'FEATHERMQ_SECRET_KEY'),
  }
}

/** @throws {FeatherMQError} INVALID_OPTION, which says nothing of the values. */
export function checkCredentials(value: unknown, path: string): Credentials {
  const given = checkKeys(value, path, ['accessKey', 'secretKey', 'sessionToken'])
  const accessKey = checkSecret(given['accessKey'], `${path}.accessKey`)
  const secretKey = checkSecret(given['secretKey'], `${path}.secretKey`)
  const token = given['sessionToken']
  return { accessKey, secretKey, sessionToken: token === undefined ? undefined : checkSecret(token, `${path}.sessionToken`) }
}

/** Says nothing about the value but its kind. */
function checkSecret(value: unknown, path: string): string {
  if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) return value
  throw new FeatherMQError('INVALID_OPTION', `${path} must be printable ASCII text without spaces`)
}

function checkHeaderText(value: string | undefined, path: string): string | undefined {
  if (value !== undefined && !/^[\x21-\x7e]{1,200}$/.test(value))
    throw invalidOption(path, value, 'at most 200 printable ASCII characters without spaces')
  return value
}

function tlsOf(value: unknown, accessPoint: AccessPoint): ChannelTls | undefined {
  if (value === undefined) return accessPoint.tls === true ? {} : undefined
  if (value === false) {
    if (accessPoint.tls === true) throw invalidOption('options.tls', value, 'left out or true: the endpoints begin with https://')
    return undefined
  }
  if (accessPoint.tls === false) throw invalidOption('options.tls', value, 'left out: the endpoints begin with http://, which means plaintext')
  if (value === true) return {}
  const given = checkKeys(value, 'options.tls', ['ca', 'certificate', 'key', 'serverName', 'insecureSkipVerify'])
  const pem = (name: 'ca' | 'certificate' | 'key'): string | Uint8Array | undefined => {
    const material = given[name]
    if (material === undefined || (typeof material === 'string' && material !== '') || material instanceof Uint8Array) return material
    throw invalidOption(`options.tls.${name}`, material, 'PEM text or its bytes')
  }
  const tls = {
    ca: pem('ca'),
    certificate: pem('certificate'),
    key: pem('key'),
    serverName: checkOptionalText(given['serverName'], 'options.tls.serverName'),
    insecureSkipVerify: checkBoolean(given['insecureSkipVerify'], 'options.tls.insecureSkipVerify', false),
  }
  if ((tls.certificate === undefined) !== (tls.key === undefined)) {
    throw invalidOption('options.tls', value, 'given both certificate and key, or none of them')
  }
  return tls
}
