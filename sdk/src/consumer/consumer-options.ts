import type { Filter } from '../connection/filter.ts'
import { type Duration, milliseconds } from '../duration.ts'
import { checkBoolean, checkInteger, checkKeys } from '../option-check.ts'
import { checkGroupName, checkSubscriptions, type Subscriptions } from './subscription.ts'

export interface ConsumerOptions {
  /** The consumer group: all its consumers share the messages. */
  readonly group: string
  /** Topics, each with `*`, the tags wanted, joined by `||`, or {@link sql}. */
  readonly subscribe: Subscriptions
  /**
   * Deliver messages of one message group in order, one at a time. The consumer group itself must be ordered: servers that create groups on first use make
   * it so, others refuse with GROUP_NOT_ORDERED. Default false; a group that is ordered on the server is consumed in order all the same.
   */
  readonly ordered?: boolean | undefined
  /** Messages that may be here unsettled, waiting or in work. Default: four per handler, at least 64. 1 to 65,536. */
  readonly maxCachedMessages?: number | undefined
  /** The same in bytes; the last receive may exceed it. Default 64 MiB. */
  readonly maxCachedBytes?: number | undefined
  /** Largest body once decompressed, bytes. Default 64 MiB. */
  readonly maxInflatedBody?: number | undefined
  /**
   * Tell the server what a handler threw, at most 1 KiB of its text: FeatherMQ brokers keep it with the dead letter (property `FEATHERMQ_DLQ_ERROR`), stock
   * servers ignore it. Default true; turn it off where such texts are nobody else's business.
   */
  readonly reportErrors?: boolean | undefined
}

export interface RunOptions {
  /** Handlers at a time, 1 to 4,096. Default 16. */
  readonly concurrency?: number | undefined
  /** Stops the run as leaving it by `close()` would, but the consumer may run again. */
  readonly signal?: AbortSignal | undefined
}

export interface RunBatchOptions {
  /** Messages of a batch at most, 1 to 4,096; not more than `maxCachedMessages`. In an ordered group at most one of each message group. Default 32. */
  readonly max?: number | undefined
  /** Bytes of a batch at most; a larger message makes a batch of its own. Default 4 MiB. */
  readonly maxBytes?: number | undefined
  /** How long the first message of a batch waits for others, up to 1 m. Default 50 ms. */
  readonly linger?: Duration | undefined
  /** Batches at a time, 1 to 256. Default 1. */
  readonly concurrency?: number | undefined
  /** As in {@link RunOptions}. */
  readonly signal?: AbortSignal | undefined
}

export interface EventsOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined
}

export interface MessagesOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined
}

export interface CloseOptions {
  /** How long handlers may go on before their signal aborts. Default 10 s. */
  readonly drain?: Duration | undefined
  /** How long they may take to notice that. Default 2 s. */
  readonly abort?: Duration | undefined
}

/** What became of the messages that were here when closing began. */
export interface CloseReport {
  /** Handled to the end. */
  readonly drained: number
  /** Given back to the server, which delivers them to others at once. */
  readonly returned: number
}

export const DEFAULT_CONCURRENCY = 16
export const DEFAULT_CACHED_MESSAGES = 64
const MEBIBYTE = 1_048_576

/** The options, checked and complete. */
export interface ConsumerConfig {
  readonly group: string
  /** Changes by subscribe() and unsubscribe(). */
  readonly subscriptions: Map<string, Filter>
  readonly ordered: boolean
  /** undefined: by the concurrency of the run. */
  readonly cachedMessages: number | undefined
  readonly cachedBytes: number
  readonly maxInflatedBody: number
  readonly reportErrors: boolean
}

/** Times in ms. */
export interface BatchLimits {
  readonly max: number
  readonly maxBytes: number
  readonly linger: number
  readonly concurrency: number
}

/** Times in ms. */
export interface CloseBudgets {
  readonly drain: number
  readonly abort: number
}

export const DEFAULT_BUDGETS: CloseBudgets = { drain: 10_000, abort: 2_000 }

const keys = [
  'group',
  'subscribe',
  'ordered',
  'maxCachedMessages',
  'maxCachedBytes',
  'maxInflatedBody',
  'reportErrors',
] as const satisfies readonly (keyof ConsumerOptions)[]

/** @throws {FeatherMQError} INVALID_OPTION */
export function consumerConfig(options: ConsumerOptions): ConsumerConfig {
  checkKeys(options, 'consumer', keys)
  const { maxCachedMessages: cached } = options
  return {
    group: checkGroupName(options.group, 'consumer.group'),
    subscriptions: checkSubscriptions(options.subscribe, 'consumer.subscribe'),
    ordered: checkBoolean(options.ordered, 'consumer.ordered', false),
    cachedMessages: cached === undefined ? undefined : checkInteger(cached, 'consumer.maxCachedMessages', 1, 65_536, DEFAULT_CACHED_MESSAGES),
    cachedBytes: checkInteger(options.maxCachedBytes, 'consumer.maxCachedBytes', 1, Number.MAX_SAFE_INTEGER, 64 * MEBIBYTE),
    maxInflatedBody: checkInteger(options.maxInflatedBody, 'consumer.maxInflatedBody', 1, 2_000 * MEBIBYTE, 64 * MEBIBYTE),
    reportErrors: checkBoolean(options.reportErrors, 'consumer.reportErrors', true),
  }
}

/** @throws {FeatherMQError} INVALID_OPTION */
export function batchLimits(options: RunBatchOptions, cachedMessages: number | undefined): BatchLimits {
  checkKeys(options, 'runBatch', ['max', 'maxBytes', 'linger', 'concurrency', 'signal'])
  // A batch that the cache cannot hold would never be complete.
  const most = Math.min(4_096, cachedMessages ?? 4_096)
  return {
    max: checkInteger(options.max, 'runBatch.max', 1, most, Math.min(32, most)),
    maxBytes: checkInteger(options.maxBytes, 'runBatch.maxBytes', 1, Number.MAX_SAFE_INTEGER, 4 * MEBIBYTE),
    linger: milliseconds(options.linger ?? 50, 'runBatch.linger', 0, 60_000),
    concurrency: checkInteger(options.concurrency, 'runBatch.concurrency', 1, 256, 1),
  }
}

/** @throws {FeatherMQError} INVALID_OPTION */
export function closeBudgets(options: CloseOptions): CloseBudgets {
  checkKeys(options, 'close', ['drain', 'abort'])
  return {
    drain: options.drain === undefined ? DEFAULT_BUDGETS.drain : milliseconds(options.drain, 'close.drain'),
    abort: options.abort === undefined ? DEFAULT_BUDGETS.abort : milliseconds(options.abort, 'close.abort'),
  }
}
