import { readFileSync } from 'node:fs'
import { type TransportName, transportNames } from '@feathermq/transport'
import { Ajv, type ErrorObject } from 'ajv'
import { parse } from 'yaml'
import { type Duration, toMs } from './duration.ts'
import { type GroupSettings, servedTypes, type TopicSettings } from './registry/registry.ts'
import type { RetryPolicy, StartPosition } from './registry/types.ts'
import { type CheckSettings, defaultChecks, MOST_CHECKS } from './transactions/check-plan.ts'

/** A group as a configuration names it. */
export interface GroupConfig {
  readonly ordered?: boolean | undefined
  /** Deliveries in all, 1 to 1,000. Default 17. */
  readonly maxAttempts?: number | undefined
  /** A list of waits, or `{ initial, max, multiplier }`. Default the eighteen steps of a stock server. */
  readonly retry?: readonly Duration[] | { readonly initial: Duration; readonly max: Duration; readonly multiplier: number } | undefined
  /** Where it begins in a topic that it has not read: `first`, `last` (behind the last message) or an ISO 8601 time. Default: as a stock server. */
  readonly start?: string | undefined
  /** Nothing is handed out. Default false. */
  readonly paused?: boolean | undefined
}

/** A topic as a configuration names it. */
export interface TopicConfig {
  readonly types?: readonly ('NORMAL' | 'FIFO' | 'DELAY' | 'TRANSACTION' | 'PRIORITY')[] | undefined
  /** 1 to 256. Default 4. */
  readonly queues?: number | undefined
}

/** TLS as a configuration names it: files, or a certificate that is made when the broker starts. */
export interface TlsConfig {
  /** Certificate chain and private key, PEM files. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Instead of files: a new certificate, which clients do not trust unless they are given it or told to trust anyone. */
  readonly selfSigned?: boolean | undefined
  /** Take plaintext on the same port as well; the transport `http2` can. Default: true with `selfSigned`, else false. */
  readonly alsoPlaintext?: boolean | undefined
}

export interface RetentionConfig {
  /** Default 72 h. */
  readonly time?: Duration | undefined
  /** Bytes on disk, or `10GiB`. Default no bound. */
  readonly size?: number | string | undefined
}

/** Checks of transactions as a configuration names them. */
export interface TransactionsConfig {
  /** When a producer is asked first, where the message does not say. Default 6 s. */
  readonly firstCheck?: Duration | undefined
  /** How long after that again. Default 30 s. */
  readonly checkInterval?: Duration | undefined
  /** How often at most, 1 to 60; then the transaction is rolled back. Default 15. */
  readonly maxChecks?: number | undefined
}

/** Options of a broker; a configuration file (JSON or YAML) has the same keys. */
export interface BrokerOptions {
  /** Name in routes and receipt handles: letters, digits, `_`, `-` and `.`. Default `feathermq`. */
  readonly name?: string | undefined
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** gRPC port; 0 takes a free one. Default 8081. */
  readonly port?: number | undefined
  /** Port of health, metrics and the admin API; 0 takes a free one. Default 8082. */
  readonly httpPort?: number | undefined
  /** `host:port` that clients are told to dial, instead of what they dialled. */
  readonly advertise?: string | undefined
  /** Make topics and groups when they are first used. Default true. */
  readonly autoCreate?: boolean | undefined
  /** Memory for messages, bytes or `512MiB`. Default 512 MiB. */
  readonly maxMemory?: number | string | undefined
  /** Directory in which messages, topics and groups outlive the process; made when it is not there. Default none: all is in memory. */
  readonly data?: string | undefined
  /**
   * What makes a message durable, with `data`: `commit`, that it is on disk before its sender is told so; `os`, that the system has it; a duration, the
   * same, and it is on disk that much later. Default `commit`.
   */
  readonly flush?: 'commit' | 'os' | Duration | undefined
  /** How long and how much is kept, with `data`; what is delayed, in flight or waits in order stays whatever these say. */
  readonly retention?: RetentionConfig | undefined
  /** Farthest delivery time from now. Default 1 day, as a stock cluster's front. */
  readonly maxDelay?: Duration | undefined
  /** When producers are asked about transactions that nobody ends. */
  readonly transactions?: TransactionsConfig | undefined
  /** Plaintext when absent. */
  readonly tls?: TlsConfig | undefined
  /** What carries gRPC: `http2`, our own, or `grpc-js`, which needs the package `@grpc/grpc-js`. Default `http2`. */
  readonly transport?: TransportName | undefined
  readonly topics?: Readonly<Record<string, TopicConfig>> | undefined
  readonly groups?: Readonly<Record<string, GroupConfig>> | undefined
}

/** A moment in a text: ISO 8601 with its zone. */
export const timePattern = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d)'

/** A JSON schema of an object. */
export interface ObjectSchema {
  readonly type: 'object'
  readonly additionalProperties: false
  readonly properties: Readonly<Record<string, object>>
}

/** No `anyOf` below: of alternatives that all fail, Ajv can say no more than that they do. Each keyword minds values of its own type alone. */
const duration: object = {
  type: ['number', 'string'],
  minimum: 0,
  pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$',
  description: 'milliseconds, 0 or more, or a number with ms, s, m, h or d, e.g. "30s"',
}
const noFile = { not: {}, description: 'left out where selfSigned is true' }
const port = { type: 'integer', minimum: 0, maximum: 65_535, description: 'a port, 0 to 65535' }

export const topicSchema: ObjectSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    types: { type: 'array', items: { enum: servedTypes }, minItems: 1, uniqueItems: true },
    queues: { type: 'integer', minimum: 1, maximum: 256, description: 'a whole number, 1 to 256' },
  },
}

export const groupSchema: ObjectSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ordered: { type: 'boolean' },
    maxAttempts: { type: 'integer', minimum: 1, maximum: 1_000, description: 'a whole number, 1 to 1000' },
    retry: {
      type: ['array', 'object'],
      items: duration,
      minItems: 1,
      maxItems: 100,
      additionalProperties: false,
      required: ['initial', 'max', 'multiplier'],
      properties: { initial: duration, max: duration, multiplier: { type: 'number', minimum: 1, description: 'a number, 1 or more' } },
      description: 'a list of waits, or initial, max and multiplier',
    },
    start: {
      type: 'string',
      pattern: `^(default|first|last|${timePattern})$`,
      description: '"first", "last" or a time such as "2026-01-31T09:30:00Z"',
    },
    paused: { type: 'boolean' },
  },
}

const size = {
  type: ['integer', 'string'],
  minimum: 1,
  pattern: '^(?=.*[1-9])\\d+(\\.\\d+)?\\s*([KMG]i?)?B?$',
  description: 'bytes, 1 or more, or a number with K, M or G, e.g. "512MiB"',
}

const optionsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[a-zA-Z0-9_.-]{1,64}$', description: '1 to 64 letters, digits, "_", "-" or "."' },
    host: { type: 'string', minLength: 1 },
    port,
    httpPort: port,
    advertise: {
      type: 'string',
      pattern: '^(\\[[\\da-fA-F:.]+\\]|[^:/\\s\\[\\]]+):([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])$',
      description: 'host:port, IPv6 in brackets',
    },
    autoCreate: { type: 'boolean' },
    maxMemory: size,
    data: { type: 'string', minLength: 1, description: 'a directory' },
    flush: {
      type: ['number', 'string'],
      minimum: 1,
      pattern: '^(commit|os|\\d+(\\.\\d+)?(ms|s|m|h|d))$',
      description: 'commit, os, or a duration of 1 ms or more, e.g. "100ms"',
    },
    retention: { type: 'object', additionalProperties: false, properties: { time: duration, size } },
    maxDelay: duration,
    transactions: {
      type: 'object',
      additionalProperties: false,
      properties: {
        firstCheck: duration,
        checkInterval: duration,
        maxChecks: { type: 'integer', minimum: 1, maximum: MOST_CHECKS, description: `a whole number, 1 to ${MOST_CHECKS}` },
      },
    },
    tls: {
      type: 'object',
      additionalProperties: false,
      properties: { cert: { type: 'string' }, key: { type: 'string' }, selfSigned: { type: 'boolean' }, alsoPlaintext: { type: 'boolean' } },
      if: { required: ['selfSigned'], properties: { selfSigned: { const: true } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { cert: noFile, key: noFile } },
      else: { required: ['cert', 'key'] },
    },
    transport: { enum: transportNames },
    topics: { type: 'object', additionalProperties: topicSchema },
    groups: { type: 'object', additionalProperties: groupSchema },
  },
}

/** An option that is not what it should be; `message` names it and where it came from. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
}

const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true })

/** `/groups/billing/maxAttempts` → `groups.billing.maxAttempts`. */
function dotted(pointer: string): string {
  const parts = pointer.slice(1).split('/')
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.')
}

const MISFITS: ReadonlySet<string> = new Set(['type', 'pattern', 'minimum', 'maximum', 'not'])

function explain(error: ErrorObject): string {
  const at = dotted(error.instancePath)
  const params = error.params as Readonly<Record<string, unknown>>
  if (error.keyword === 'additionalProperties') return `${at === '' ? '' : `${at}.`}${params['additionalProperty']}: unknown key`
  return `${at === '' ? '(top level)' : at}: ${complaint(error)}`
}

function complaint({ keyword, params, parentSchema, message }: ErrorObject): string {
  const wanted: unknown = parentSchema?.['description']
  if (typeof wanted === 'string' && MISFITS.has(keyword)) return `must be ${wanted}`
  if (keyword === 'enum') return `must be one of ${(params as { allowedValues: readonly string[] }).allowedValues.join(', ')}`
  return message ?? 'is not right'
}

/** A check of plain data by a schema; answers one sentence per problem. */
export function schemaCheck(schema: object): (value: unknown) => readonly string[] {
  const validate = ajv.compile(schema)
  return (value) => {
    // That of the two sides of an `if` the one did not fit says less than what did not fit within it.
    return validate(value) ? [] : (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').map(explain)
  }
}

const checkOptions = schemaCheck(optionsSchema)

/** @throws {OptionError} naming every key that is unknown or wrong. */
export function validateOptions(options: unknown, source: string): BrokerOptions {
  const problems = checkOptions(options)
  if (problems.length > 0) throw new OptionError(`${source}: ${problems.join('; ')}`)
  return options as BrokerOptions
}

/** @throws {OptionError} when the file cannot be read, is neither JSON nor YAML, or holds an unknown or wrong key. */
export function readOptionsFile(path: string): BrokerOptions {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new OptionError(`the configuration file ${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
  let data: unknown
  try {
    data = parse(text) ?? {}
  } catch (error) {
    throw new OptionError(`the configuration file ${path} is neither JSON nor YAML: ${error instanceof Error ? error.message : error}`)
  }
  return validateOptions(data, path)
}

const SIZES: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }

/** `512MiB`, `512M` or a number → bytes. @throws {OptionError} */
export function toBytes(size: number | string): number {
  if (typeof size === 'number') return size
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMG])i?)?B?$/.exec(size)
  if (match === null) throw new OptionError(`"${size}" is no size: write a number and KiB, MiB or GiB`)
  return Math.floor(Number(match[1]) * (SIZES[match[2] ?? ''] ?? 1))
}

export function topicSettings(config: TopicConfig): TopicSettings {
  return { types: config.types, queues: config.queues }
}

export function checkSettings({ firstCheck, checkInterval, maxChecks }: TransactionsConfig = {}): CheckSettings {
  const { first, every, most } = defaultChecks
  return {
    first: firstCheck === undefined ? first : toMs(firstCheck),
    every: checkInterval === undefined ? every : toMs(checkInterval),
    most: maxChecks ?? most,
  }
}

export function groupSettings({ ordered, maxAttempts, retry, start, paused }: GroupConfig): GroupSettings {
  return {
    ordered,
    maxAttempts,
    retry: retry === undefined ? undefined : retryPolicy(retry),
    start: start === undefined ? undefined : startPosition(start),
    paused,
  }
}

function startPosition(start: string): StartPosition {
  if (start === 'default' || start === 'first' || start === 'last') return start
  const at = Date.parse(start)
  if (Number.isNaN(at)) throw new OptionError(`"${start}" is no time`)
  return { at }
}

function retryPolicy(retry: NonNullable<GroupConfig['retry']>): RetryPolicy {
  if ('initial' in retry) return { kind: 'exponential', initial: toMs(retry.initial), max: toMs(retry.max), multiplier: retry.multiplier }
  return { kind: 'customized', next: retry.map(toMs) }
}
