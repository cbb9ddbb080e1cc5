import { type Code, codeInfo, codeName, codeNumber, type Status } from '@feathermq/protocol/client'
import { RpcError } from '@feathermq/transport/client'
import type { ClientErrorCode } from '../error-catalogue.ts'
import { clientError, FeatherMQError } from '../errors.ts'

/** What a call was about, for its errors. */
export interface CallContext {
  /** The RPC, e.g. `SendMessage`. */
  readonly operation: string
  readonly endpoint?: string | undefined
  readonly requestId?: string | undefined
  readonly topic?: string | undefined
  readonly group?: string | undefined
}

/** The error of a status that is neither OK nor MULTIPLE_RESULTS; undefined for those two. A missing status is no success. */
export function statusFailure(status: Status | undefined, context: CallContext): FeatherMQError | undefined {
  if (status === undefined) {
    return clientError('BAD_RESPONSE', `${subject(context)} was answered without a status${place(context)}`, context)
  }
  const number = codeNumber(status.code)
  if (number === codeNumber('OK') || number === codeNumber('MULTIPLE_RESULTS')) return undefined
  const name = codeName(number)
  const known = typeof name === 'string' ? name : undefined
  const info = codeInfo(number)
  const code = known ?? `CODE_${number}`
  const words = status.message.trim()
  const text = `${subject(context)} was refused${place(context)}: ${code} (${number})${words === '' ? '' : ` "${words}"`}`
  const hint = meshHint(words) ?? (info === undefined || info.hint === '' ? undefined : info.hint)
  return new FeatherMQError(code, text, {
    retryable: known === undefined ? number >= 50_000 : (info?.retryable ?? false),
    status: { code: number, name: code, message: status.message },
    requestId: context.requestId,
    endpoint: context.endpoint,
    topic: context.topic,
    group: context.group,
    hint,
  })
}

/**
 * What to do about a refusal that comes from the mesh filter and not from a broker, which looks the same otherwise. Its texts begin with
 * `mesh: `, and with the section and rule of its configuration where it explains itself.
 */
function meshHint(words: string): string | undefined {
  if (!words.startsWith('mesh: ')) return undefined
  const rule = /^mesh: ([a-z]+\/[^:\s]+): /.exec(words)?.[1]
  const where = rule === undefined ? '"explain" of its configuration makes it say by which rule' : `see ${rule} in its configuration`
  return `Refused by the mesh on the way to the broker: ${where}.`
}

export function isCode(failure: unknown, ...codes: readonly Code[]): boolean {
  return failure instanceof FeatherMQError && (codes as readonly string[]).includes(failure.code)
}

/** Texts by which known causes are told apart; the first that fits counts. They come from Node, OpenSSL and grpc-js. */
const causes: readonly (readonly [pattern: RegExp, code: ClientErrorCode])[] = [
  [/speaks (TLS|plaintext), the channel/, 'TLS_MISMATCH'],
  [/wrong version number|packet length too long|http request|unknown protocol/i, 'TLS_MISMATCH'],
  [/ERR_TLS_CERT|self-signed|self signed|unable to (get|verify)|certificate|CERT_|alert number/i, 'TLS_UNTRUSTED'],
  [/Protocol error|Received HTTP status code|HTTP\/1\.|no HTTP\/2/i, 'NOT_A_BROKER'],
]

/**
 * The error of a call that ended without an answer of the protocol.
 *
 * UNIMPLEMENTED of a method that every server has means that something else listens there; of another method it is the server's NOT_IMPLEMENTED.
 */
export function transportFailure(error: unknown, context: CallContext): FeatherMQError {
  if (error instanceof FeatherMQError) return error
  if (!(error instanceof RpcError)) {
    return clientError('BAD_RESPONSE', `${subject(context)} failed${place(context)}: ${String(error)}`, { ...context, cause: error })
  }
  const code = clientCode(error, context)
  const details = error.details.trim()
  const what = code === 'NO_ANSWER' ? 'was not answered in time' : 'failed'
  const text = `${subject(context)} ${what}${place(context)}: ${error.code}${details === '' ? '' : ` ${details}`}`
  if (code === 'NOT_IMPLEMENTED')
    return new FeatherMQError(code, text, { ...context, cause: error, hint: codeInfo('NOT_IMPLEMENTED')?.hint || undefined })
  const hint = meshHint(details)
  return clientError(code, text, { ...context, cause: error, ...(hint === undefined ? {} : { hint }) })
}

function clientCode(error: RpcError, context: CallContext): ClientErrorCode | 'NOT_IMPLEMENTED' {
  switch (error.code) {
    case 'DEADLINE_EXCEEDED':
      return 'NO_ANSWER'
    case 'UNAVAILABLE':
    case 'UNKNOWN':
    case 'CANCELLED':
      return causes.find(([pattern]) => pattern.test(error.details))?.[1] ?? (error.code === 'UNKNOWN' ? 'CALL_FAILED' : 'UNREACHABLE')
    case 'UNIMPLEMENTED':
      if (/Received HTTP status code/.test(error.details)) return 'NOT_A_BROKER'
      return context.operation === 'QueryRoute' || context.operation === 'Telemetry' ? 'NOT_A_BROKER' : 'NOT_IMPLEMENTED'
    case 'INTERNAL':
      return error.cause === undefined ? 'CALL_FAILED' : 'BAD_RESPONSE'
    default:
      return 'CALL_FAILED'
  }
}

/** Failures of the way to the server, after which another endpoint may do better. */
export function isTransportFailure(failure: FeatherMQError): boolean {
  return ['UNREACHABLE', 'NO_ANSWER', 'NOT_A_BROKER', 'TLS_MISMATCH', 'TLS_UNTRUSTED', 'CALL_FAILED'].includes(failure.code)
}

function subject({ operation, topic, group }: CallContext): string {
  const of = [topic === undefined ? '' : ` for topic ${topic}`, group === undefined ? '' : ` by group ${group}`].join('')
  return `${operation}${of}`
}

function place({ endpoint }: CallContext): string {
  return endpoint === undefined ? '' : ` at ${endpoint}`
}
