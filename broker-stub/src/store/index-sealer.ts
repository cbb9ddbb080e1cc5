import type { QueueIndex } from '../index/queue-index.ts'
import type { SegmentLog } from '../log/segments/segment-log.ts'

/** Writes index files for the pieces of the log that are complete. */
export class IndexSealer {
  readonly #log: SegmentLog
  readonly #index: QueueIndex
  readonly #onProblem: (error: Error) => void
  /** All that lies before is in index files. */
  #sealed: number

  constructor(log: SegmentLog, index: QueueIndex, onProblem: (error: Error) => void) {
    this.#log = log
    this.#index = index
    this.#onProblem = onProblem
    this.#sealed = index.walkFrom
  }

  /** Of all pieces but the one that is being filled. What fails stays in memory until the next time. @returns whether all went well. */
  async seal(): Promise<boolean> {
    for (let base = this.#next(); base !== undefined; base = this.#next()) {
      const end = this.#index.unsealed[1] ?? Number.POSITIVE_INFINITY
      if (!(await this.#try(base, this.#endOf(base, end)))) return false
    }
    return true
  }

  /** Of all there is: the log has ended. */
  async sealAll(): Promise<void> {
    if (!(await this.seal())) return
    const base = this.#index.unsealed[0]
    // Walking nothing needs no file.
    if (base !== undefined && this.#log.end > Math.max(base, this.#sealed)) await this.#try(base, this.#log.end)
  }

  #next(): number | undefined {
    return this.#index.unsealed.length > 1 ? this.#index.unsealed[0] : undefined
  }

  /** Up to where the piece holds records; undefined where the log does not say. */
  #endOf(base: number, next: number): number | undefined {
    const segment = this.#log.segments().findLast((each) => each.base <= base)
    return segment === undefined || segment.end < base ? undefined : Math.min(segment.end, next)
  }

  async #try(base: number, end: number | undefined): Promise<boolean> {
    try {
      await this.#index.seal(base, end)
      if (end !== undefined) this.#sealed = end
      return true
    } catch (error) {
      this.#onProblem(error as Error)
      return false
    }
  }
}
