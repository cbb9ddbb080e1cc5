import type { TestBroker } from '../../../testing/start-broker.ts'
import type { VirtualClock } from '../../../testing/virtual-clock.ts'
import type { Answered } from './requests.ts'

/** What the rows of the table are asked of. */
export interface World {
  /** Makes topics and groups on first use. */
  readonly broker: TestBroker
  /** Makes none. It has the topic `orders` and the group `billing`. */
  readonly strict: TestBroker
  /** Deadlines of calls to `broker` run on it. */
  readonly network: VirtualClock
  /** A name that nobody had before. */
  fresh(what: string): string
}

/** One line of the table: a request that differs in one thing from one that is right, and the code that it is answered with. */
export interface Row {
  /** The rule that it is about. */
  readonly rule: string
  /** What the request differs in. */
  readonly differs: string
  /** The outer status; for Telemetry, which has none once its stream has failed, the name of the gRPC code. */
  readonly code: number | string
  /** The status of each entry; of a receive, OK for each message. Default: none. */
  readonly entries?: readonly number[] | undefined
  /** What the text of the status says. */
  readonly text?: RegExp | undefined
  /** Brings about what the request needs, and answers what it needs to know of it. */
  readonly prepare?: ((world: World) => Promise<string>) | undefined
  readonly ask: (world: World, prepared: string) => Promise<Answered>
}

/** Rows of one rule. */
export interface Table {
  readonly rpc: string
  readonly rows: readonly Row[]
}

/** The largest value that is taken: one less, itself, and one more, which is refused with `code`. */
export function upTo(limit: number, row: { readonly taken: Pick<Row, 'code' | 'entries'>; readonly code: number }): readonly Bound[] {
  return [
    { value: limit - 1, ...row.taken },
    { value: limit, ...row.taken },
    { value: limit + 1, code: row.code },
  ]
}

/** The smallest value that is taken: one less, which is refused with `code`, itself, and one more. */
export function downTo(limit: number, row: { readonly taken: Pick<Row, 'code' | 'entries'>; readonly code: number }): readonly Bound[] {
  return [
    { value: limit - 1, code: row.code },
    { value: limit, ...row.taken },
    { value: limit + 1, ...row.taken },
  ]
}

/** A value at or beside a limit, and what becomes of it. */
export interface Bound extends Pick<Row, 'code' | 'entries'> {
  readonly value: number
}
