import { isCode } from '../connection/failure.ts'
import type { Session } from '../connection/session.ts'
import { describe, type FeatherMQError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { ConsumerEvent } from './consumer-events.ts'

/** Refusals that no waiting mends. */
const fatal = ['ILLEGAL_TOPIC', 'ILLEGAL_CONSUMER_GROUP', 'ILLEGAL_FILTER_EXPRESSION'] as const
/**
 * Refusals that are mistakes as long as nothing has worked yet, and may pass once something has: rights that are being changed, a proxy that for a moment
 * knows no way for the call (Envoy then answers UNIMPLEMENTED), a server that is being replaced by another version.
 */
const fatalAtFirst = [
  'UNAUTHORIZED',
  'FORBIDDEN',
  'TOPIC_NOT_FOUND',
  'CONSUMER_GROUP_NOT_FOUND',
  'BAD_REQUEST',
  'NOT_IMPLEMENTED',
  'UNSUPPORTED',
  'VERSION_UNSUPPORTED',
] as const

export interface TroublesOptions {
  readonly session: Session
  readonly group: string
  readonly logger: Logger
  readonly emit: (event: ConsumerEvent) => void
  /** Nothing will work any more. */
  readonly onFatal: (failure: FeatherMQError) => void
}

/** Tells what keeps a consumer from receiving: once for each kind of trouble, and when it is over. */
export class Troubles {
  readonly #options: TroublesOptions
  /** What fails just now, by topic or queue, with the code of the failure. */
  readonly #failing = new Map<string, string>()
  #everWorked = false

  constructor(options: TroublesOptions) {
    this.#options = options
  }

  failed(what: string, topic: string, failure: FeatherMQError): void {
    const { group, session, logger, emit, onFatal } = this.#options
    if (isCode(failure, ...fatal) || (!this.#everWorked && isCode(failure, ...fatalAtFirst))) {
      onFatal(failure)
      return
    }
    const known = this.#failing.get(what) === failure.code
    this.#failing.set(what, failure.code)
    const fields = { event: 'receive-failed', clientId: session.clientId, group, topic: failure.topic, endpoint: failure.endpoint, err: failure }
    // One warning per kind of trouble; its repetitions tell nothing new.
    if (known) {
      logger.debug(fields, describe(failure))
      return
    }
    logger.warn(fields, `${describe(failure)}; trying again`)
    emit({ type: 'receive-failed', topic, error: failure })
  }

  /** A receive was answered. */
  succeeded(what: string, topic: string): void {
    this.#everWorked = true
    if (!this.#failing.delete(what)) return
    const { group, session, logger, emit } = this.#options
    logger.info({ event: 'receiving-again', clientId: session.clientId, group, topic }, 'receiving again')
    emit({ type: 'receiving-again', topic })
  }

  /** Messages came. */
  worked(): void {
    this.#everWorked = true
  }

  forget(what: string): void {
    this.#failing.delete(what)
  }
}
