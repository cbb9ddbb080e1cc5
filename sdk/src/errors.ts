import { type ClientErrorCode, type ErrorEntry, errorCatalogue } from './error-catalogue.ts'

/** The status of a RocketMQ server (protocol `Status`). */
export interface ServerStatus {
  /** The number, e.g. 40402. */
  readonly code: number
  /** Its name, e.g. `TOPIC_NOT_FOUND`; `CODE_<number>` for a number that this client does not know. */
  readonly name: string
  /** The server's own words; may be empty. */
  readonly message: string
}

export interface FeatherMQErrorDetails {
  readonly cause?: unknown
  readonly retryable?: boolean | undefined
  readonly status?: ServerStatus | undefined
  readonly requestId?: string | undefined
  readonly endpoint?: string | undefined
  readonly topic?: string | undefined
  readonly group?: string | undefined
  readonly hint?: string | undefined
}

/**
 * What every call of the client rejects with (aborted signals aside: those reject with the signal's reason).
 *
 * Decide by {@link code}, never by the text. Codes are listed in `errorCatalogue`; those of servers bear the protocol's names.
 */
export class FeatherMQError extends Error {
  override readonly name: string = 'FeatherMQError'
  /** Stable. A key of `errorCatalogue` or a status name of the protocol such as `TOPIC_NOT_FOUND`. */
  readonly code: string
  /** Whether the same call may succeed later without a change to it. */
  readonly retryable: boolean
  /** The server's status where a server refused. */
  readonly status: ServerStatus | undefined
  /** The `x-mq-request-id` of the call; servers log it. */
  readonly requestId: string | undefined
  /** `host:port` that was called. */
  readonly endpoint: string | undefined
  readonly topic: string | undefined
  readonly group: string | undefined
  /** What to do next. */
  readonly hint: string | undefined
  /** Of a failed send: the message may be stored all the same, so sending it again may store it twice, and under another message id. */
  readonly maybeStored: boolean = false

  constructor(code: string, message: string, details: FeatherMQErrorDetails = {}) {
    super(details.hint === undefined ? message : `${message} (${details.hint})`, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    const entry: ErrorEntry | undefined = Object.hasOwn(errorCatalogue, code) ? errorCatalogue[code as ClientErrorCode] : undefined
    this.retryable = details.retryable ?? entry?.retryable ?? false
    this.status = details.status
    this.requestId = details.requestId
    this.endpoint = details.endpoint
    this.topic = details.topic
    this.group = details.group
    this.hint = details.hint
  }
}

const permanentBrand = Symbol.for('feathermq.permanent-error')

/**
 * Thrown by a handler: the message can never be handled, do not deliver it again but move it to the group's dead-letter topic now
 * (ForwardMessageToDeadLetterQueue).
 */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError'

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    Object.defineProperty(this, permanentBrand, { value: true })
  }
}

/** Also for errors that come from another copy of this package. */
export function isPermanentError(value: unknown): value is PermanentError {
  return typeof value === 'object' && value !== null && permanentBrand in value
}

/** The same error, for a send whose message may be stored: only the end of a send knows. */
export function withMaybeStored(error: FeatherMQError): FeatherMQError {
  const marked: { maybeStored: boolean } = error
  marked.maybeStored = true
  return error
}

/** An error of the client's own, with the hint of the catalogue unless a better one is given. */
export function clientError(code: ClientErrorCode, message: string, details: FeatherMQErrorDetails = {}): FeatherMQError {
  return new FeatherMQError(code, message, { hint: errorCatalogue[code].hint, ...details })
}

/** @param wanted what the value should have been, e.g. `a positive number` */
export function invalidOption(path: string, value: unknown, wanted: string): FeatherMQError {
  return new FeatherMQError('INVALID_OPTION', `${path} must be ${wanted}, not ${show(value)}`)
}

/** Total: whatever was thrown becomes text. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : show(error)
}

/** A value for an error text: short, and never with the content of an object, which may be a secret. */
function show(value: unknown): string {
  if (typeof value === 'string') return value.length > 80 ? `'${value.slice(0, 77)}…'` : `'${value}'`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  if (typeof value === 'function') return 'a function'
  return typeof value === 'bigint' ? `${value}n` : String(value)
}
