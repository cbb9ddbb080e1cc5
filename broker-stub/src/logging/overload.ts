import type { Clock, Timer } from '../clock.ts'
import type { Logger } from './logger.ts'

/** An overload is over when nothing was refused for so long, ms. */
const QUIET = 10_000

interface Spell {
  readonly began: number
  refused: number
  last: number
  timer: Timer
}

const CODES: Readonly<Record<string, readonly [begins: string, ends: string, text: string, over: string]>> = {
  TOO_MANY_REQUESTS: [
    'overload-began',
    'overload-ended',
    'more comes than the broker takes: calls are refused',
    'nothing was refused for ten seconds',
  ],
  MASTER_PERSISTENCE_TIMEOUT: ['storage-failing', 'storage-recovered', 'messages cannot be stored', 'nothing failed to be stored for ten seconds'],
}

/** Tells when the broker begins to refuse what it is asked, and when it has ended; not each refusal. No timer runs while all is well. */
export class Overload {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #spells = new Map<string, Spell>()

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  refused(rpc: string, code: string): void {
    const words = CODES[code]
    if (words === undefined) return
    const now = this.#clock.monotonic()
    const spell = this.#spells.get(code)
    if (spell !== undefined) {
      spell.refused++
      spell.last = now
      return
    }
    this.#spells.set(code, { began: now, refused: 1, last: now, timer: this.#clock.setTimer(() => this.#look(code), QUIET) })
    this.#logger.warn({ event: words[0], rpc, code }, words[2])
  }

  close(): void {
    for (const { timer } of this.#spells.values()) timer.cancel()
    this.#spells.clear()
  }

  #look(code: string): void {
    const spell = this.#spells.get(code)
    const words = CODES[code]
    if (spell === undefined || words === undefined) return
    const left = spell.last + QUIET - this.#clock.monotonic()
    if (left > 0) {
      spell.timer = this.#clock.setTimer(() => this.#look(code), left)
      return
    }
    this.#spells.delete(code)
    this.#logger.info({ event: words[1], code, refused: spell.refused, durationMs: Math.round(spell.last - spell.began) }, words[3])
  }
}
