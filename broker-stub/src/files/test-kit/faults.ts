import type { FileErrorCode } from '../files.ts'

export type Operation =
  | 'list'
  | 'makeFolder'
  | 'create'
  | 'open'
  | 'rename'
  | 'remove'
  | 'syncFolder'
  | 'lock'
  | 'size'
  | 'read'
  | 'write'
  | 'writeNow'
  | 'sync'
  | 'truncate'
  | 'close'

/** Which operations a fault is for. */
export interface Match {
  /** Default all. */
  readonly operation?: Operation | readonly Operation[]
  /** A part of the path, or an expression for it; of a rename the path it goes to. Default all. */
  readonly path?: string | RegExp
  /** How many that match go well first. Default none. */
  readonly skip?: number
  /** How many of those behind them are meant. Default all, until the fault is cancelled. */
  readonly times?: number
}

/**
 * - `fail`: fails with the code. A write puts `after` bytes there first (default none), or with `torn` any of its sectors.
 * - `hold`: waits until it is released; nothing of it has happened until then, unless a crash comes first: then a part of it may have. Not for `writeNow`.
 * - `crash`: the process, or the machine, ends in the middle of it.
 */
export type Effect =
  | { readonly fail: FileErrorCode; readonly after?: number; readonly torn?: boolean }
  | { readonly hold: true }
  | { readonly crash: 'kill' | 'power' }

export interface Fault {
  /** How many operations met it. */
  readonly hits: number
  /** How many are held now. */
  readonly held: number
  /** Lets the oldest `count` go on; default all. */
  release(count?: number): void
  /** Nothing more meets it; what is held goes on. */
  cancel(): void
}

export class FaultRule implements Fault {
  readonly effect: Effect
  readonly #match: Match
  readonly #operations: readonly Operation[] | undefined
  #seen = 0
  #hits = 0
  #cancelled = false
  #waiting: (() => void)[] = []

  constructor(match: Match, effect: Effect) {
    this.effect = effect
    this.#match = match
    this.#operations = typeof match.operation === 'string' ? [match.operation] : match.operation
  }

  get hits(): number {
    return this.#hits
  }

  get held(): number {
    return this.#waiting.length
  }

  /** Nothing will meet it any more, and nothing waits in it. */
  get spent(): boolean {
    const { skip = 0, times = Number.POSITIVE_INFINITY } = this.#match
    return this.#waiting.length === 0 && (this.#cancelled || this.#seen >= skip + times)
  }

  /** Counts the operation. @returns whether it is one that is meant. */
  meets(operation: Operation, path: string): boolean {
    if (this.#cancelled || this.#operations?.includes(operation) === false) return false
    if ('hold' in this.effect && operation === 'writeNow') return false
    const { path: wanted, skip = 0, times = Number.POSITIVE_INFINITY } = this.#match
    if (wanted !== undefined && !(typeof wanted === 'string' ? path.includes(wanted) : wanted.test(path))) return false
    const index = this.#seen++
    if (index < skip || index >= skip + times) return false
    this.#hits++
    return true
  }

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  release(count: number = this.#waiting.length): void {
    for (const resume of this.#waiting.splice(0, count)) resume()
  }

  cancel(): void {
    this.#cancelled = true
    this.release()
  }
}
