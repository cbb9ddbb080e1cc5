import { settlesWithin } from '../deferred.ts'
import type { FeatherMQError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import type { CloseBudgets, CloseReport } from './consumer-options.ts'
import type { Engine } from './engine.ts'

/** Time for the last acks and returns, after the handlers' own. */
const SETTLE = 3_000

/** What runs handlers for an engine. */
export interface Workers {
  readonly engine: Engine
  /** Rejects when nothing will work any more. */
  readonly failure: Promise<never>
  /** Messages whose handler came to its end after {@link stop}. */
  readonly drained: number
  /** Messages whose handler stopped because it was told to; they went back to the server. */
  readonly aborted: number
  /** Begins no more handlers, gives back what no handler has begun with; returns how many that were. */
  stop(): number
  /** Resolves when no handler runs. */
  idle(): Promise<void>
  /** Tells the handlers that still run to stop. */
  abort(reason: FeatherMQError): void
  report(): readonly string[]
}

/** Ends the work in its three steps: nothing new, then the handlers' time, then their time to stop. */
export async function windDown(workers: Workers, { drain, abort }: CloseBudgets, { upkeep }: Runtime): Promise<CloseReport> {
  const { engine } = workers
  let returned = engine.stop() + workers.stop()
  if (!(await settlesWithin(upkeep, workers.idle(), drain))) {
    workers.abort(engine.closing())
    await settlesWithin(upkeep, workers.idle(), abort)
  }
  returned += await finish(engine, { upkeep }, true)
  return { drained: workers.drained, returned: returned + workers.aborted }
}

/**
 * Gives back what is still open and waits for the last words to the server, within limits. Returns how many were given back.
 *
 * @param atOnce visible to others at once, because nobody has worked on it; else after the group's back-off
 */
export async function finish(engine: Engine, { upkeep }: Pick<Runtime, 'upkeep'>, atOnce: boolean): Promise<number> {
  let returned = 0
  for (const delivery of [...engine.open()]) {
    returned += 1
    if (atOnce) engine.giveBack(delivery)
    else delivery.nack().catch(() => {})
  }
  if (!(await settlesWithin(upkeep, engine.settler.idle(), SETTLE))) engine.settler.giveUp(engine.closing())
  return returned
}

/** What consumes while a consumer runs. */
export class Consumption {
  readonly engine: Engine
  readonly ended: Promise<CloseReport>
  readonly report: () => readonly string[]
  readonly #end: (budgets: CloseBudgets) => Promise<CloseReport>
  readonly #onStopping: () => void
  #report: Promise<CloseReport> | undefined
  #resolve: (report: CloseReport) => void = () => {}

  /**
   * @param end what stopping means; called once
   * @param onStopping called when it begins
   */
  constructor(
    engine: Engine,
    end: (budgets: CloseBudgets) => Promise<CloseReport>,
    hooks: { readonly onStopping: () => void; readonly report: () => readonly string[] },
  ) {
    this.engine = engine
    this.#end = end
    this.#onStopping = hooks.onStopping
    this.report = hooks.report
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  get stopping(): boolean {
    return this.#report !== undefined
  }

  /** Begins at most once; all callers get the same report. */
  stop(budgets: CloseBudgets): Promise<CloseReport> {
    if (this.#report === undefined) {
      this.#report = this.#end(budgets)
      this.#onStopping()
      void this.#report.then((report) => this.#resolve(report))
    }
    return this.#report
  }
}
