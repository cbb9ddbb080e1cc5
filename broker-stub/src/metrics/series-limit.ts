/** The label of the series that stands for all those beyond the limit (OpenTelemetry's, which a stock server counts with). */
export const OVERFLOW: Readonly<Record<string, string>> = { otel_metric_overflow: 'true' }

/**
 * Keeps the series of one name within a limit: the first to come have one each, the others share the overflow. Who shares it goes on doing so, and what
 * it counted stays counted when it is gone, so that the overflow of a counter never goes back.
 */
export class SeriesLimit {
  readonly #limit: number
  /** The round in which each was last there. */
  readonly #admitted = new Map<string, number>()
  readonly #sharing = new Map<string, { value: number; seen: number }>()
  #counted = 0
  #round = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Begins an observation: then come {@link admits} and {@link share} for each series that there is, then {@link finish}. */
  begin(): void {
    this.#round++
  }

  /** Whether the series stands on its own. */
  admits(key: string): boolean {
    if (!this.#admitted.has(key) && (this.#sharing.has(key) || this.#admitted.size >= this.#limit)) return false
    this.#admitted.set(key, this.#round)
    return true
  }

  /** A series that was not admitted counts into the overflow what it grew by since it was last seen; all of it if it began anew. */
  share(key: string, value: number): void {
    const known = this.#sharing.get(key)
    this.#counted += known === undefined || value < known.value ? value : value - known.value
    this.#sharing.set(key, { value, seen: this.#round })
  }

  /** Forgets what is gone, which makes room for new ones. @returns what all that share the overflow, or did, have counted. */
  finish(): number {
    for (const [key, seen] of this.#admitted) if (seen !== this.#round) this.#admitted.delete(key)
    for (const [key, { seen }] of this.#sharing) if (seen !== this.#round) this.#sharing.delete(key)
    return this.#counted
  }
}
