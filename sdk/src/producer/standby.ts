import type { Timer } from '../clock.ts'
import type { Session } from '../connection/session.ts'
import { describe } from '../errors.ts'
import { backoffDelay, jittered } from '../retry/backoff.ts'
import type { Runtime } from '../runtime.ts'

const AGAIN = { kind: 'exponential', initial: 1_000, max: 30_000, multiplier: 2 } as const

/**
 * Makes a producer known to the servers of its topics before it sends anything: those that ask about orphaned transactions ask producers that they know. For
 * ever, since the server may be away just now; none of it keeps the process alive for longer than a call.
 */
export class Standby {
  readonly #runtime: Runtime
  readonly #session: Session
  readonly #timers = new Set<Timer>()
  #closed = false

  constructor(runtime: Runtime, session: Session) {
    this.#runtime = runtime
    this.#session = session
  }

  begin(topics: Iterable<string>): void {
    for (const topic of topics) this.#seek(topic, 1)
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers) timer.cancel()
  }

  #seek(topic: string, attempt: number): void {
    this.#session.route(topic).catch((error: unknown) => {
      if (this.#closed) return
      const { upkeep, random, config } = this.#runtime
      const fields = { event: 'topic-lookup-failed', clientId: this.#session.clientId, topic, err: error }
      const words = `orphaned transactions of ${topic} are not checked yet: ${describe(error)}`
      if (attempt === 1) config.logger.warn(fields, words)
      else config.logger.debug(fields, words)
      const timer = upkeep.setTimer(
        () => {
          this.#timers.delete(timer)
          this.#seek(topic, attempt + 1)
        },
        jittered(backoffDelay(AGAIN, attempt), random),
      )
      this.#timers.add(timer)
    })
  }
}
