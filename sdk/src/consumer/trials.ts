import type { Verification } from '../connection/commands.ts'
import type { Session } from '../connection/session.ts'
import { describe, type FeatherMQError } from '../errors.ts'
import { inflatedBody, plainBody } from '../message/body.ts'
import { Message, type Settlement } from '../message/message.ts'
import type { ReceivedFields } from '../message/received.ts'
import type { Runtime } from '../runtime.ts'
import type { ProcessSubject } from '../telemetry/subject.ts'
import type { BatchContext } from './batch-pool.ts'
import type { HandlerContext } from './handler-pool.ts'

/** Runs the handler of `run` or `runBatch` for one message. */
export type TrialHandler = (message: Message, context: HandlerContext & BatchContext) => Promise<void> | void

export interface TrialsOptions {
  readonly runtime: Runtime
  readonly session: Session
  readonly group: string
  readonly maxInflatedBody: number
  readonly maxAttempts: () => number
  readonly handler: TrialHandler
}

/** Trials at a time; the server forgets what is not answered within seconds anyway. */
const MOST_TRIALS = 16

/** A message that is nobody's: what is done to it is noted, and nobody is told. */
class Trial implements Settlement {
  readonly #attempt: number
  /** What the handler said against it. */
  complaint: string | undefined

  constructor(attempt: number) {
    this.#attempt = attempt
  }

  attempt(): number {
    return this.#attempt
  }

  async ack(): Promise<void> {}

  async nack(): Promise<void> {
    this.complaint ??= 'the handler gave the message back (nack)'
  }

  async extend(): Promise<void> {}

  process<T>(_message: Message, work: () => Promise<T>): Promise<T> {
    return work()
  }

  async deadLetter(reason: string | undefined): Promise<void> {
    this.complaint ??= `the handler moved the message to the dead-letter topic${reason === undefined ? '' : `: ${reason}`}`
  }
}

/**
 * Runs the handler for messages that an operator wants to be verified (VerifyMessageCommand): as for any other, but the message is not leased to this
 * consumer, so that nothing is settled.
 */
export class Trials {
  readonly #options: TrialsOptions
  readonly #subject: ProcessSubject
  readonly #running = new Set<AbortController>()

  constructor(options: TrialsOptions) {
    const { runtime, session, group } = options
    this.#options = options
    this.#subject = { clientId: session.clientId, namespace: session.namespace, group, ambient: runtime.telemetry.ambient() }
  }

  /** Never rejects. */
  async verify(fields: ReceivedFields): Promise<Verification> {
    const { runtime, handler, maxInflatedBody, maxAttempts, group, session } = this.#options
    const { logger } = runtime.config
    if (this.#running.size >= MOST_TRIALS) return { code: 'FAILED_TO_CONSUME_MESSAGE', message: `${MOST_TRIALS} messages are being verified already` }
    const controller = new AbortController()
    this.#running.add(controller)
    try {
      const body = plainBody(fields) ?? (await inflatedBody(fields, maxInflatedBody))
      if (!body.ok) return { code: 'MESSAGE_CORRUPTED', message: body.error.message }
      const trial = new Trial(fields.attempt)
      const message = new Message(fields, body, trial)
      const { signal } = controller
      const context = {
        signal,
        attempt: fields.attempt,
        maxAttempts: maxAttempts(),
        extend: async () => {},
        fail: (_: Message, error: unknown) => {
          trial.complaint ??= describe(error)
        },
      }
      await runtime.telemetry.process(message, fields, this.#subject, async () => {
        await handler(message, context)
      })
      const { complaint } = trial
      return complaint === undefined ? { code: 'OK', message: '' } : { code: 'FAILED_TO_CONSUME_MESSAGE', message: complaint }
    } catch (error) {
      logger.info(
        { event: 'verify-failed', clientId: session.clientId, topic: fields.topic, group, messageId: fields.messageId, err: error },
        `the handler of ${group} failed for message ${fields.messageId}, which the server wanted to be verified: ${describe(error)}`,
      )
      return { code: 'FAILED_TO_CONSUME_MESSAGE', message: describe(error) }
    } finally {
      this.#running.delete(controller)
    }
  }

  /** Tells the handlers that still run to stop. */
  abort(reason: FeatherMQError): void {
    for (const controller of this.#running) controller.abort(reason)
  }
}
