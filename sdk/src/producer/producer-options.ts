import { checkTopic } from '@feathermq/protocol/client'
import { type Duration, milliseconds } from '../duration.ts'
import { invalidOption } from '../errors.ts'
import { checkBoolean, checkInteger, checkKeys, checkSignal } from '../option-check.ts'
import type { TransactionChecker } from './transaction-options.ts'

/** An amount of messages, whichever of both is reached first. */
export interface MessageLimits {
  readonly messages?: number | undefined
  /** Bytes of bodies, properties, tags and keys. */
  readonly bytes?: number | undefined
}

export interface ProducerOptions {
  /** Topics that will be sent to. Others may be sent to as well; those named here are looked up together with the first send. Default none. */
  readonly topics?: readonly string[] | undefined
  /** All attempts of one send, the first included: 1 to 100. Default 3. */
  readonly maxAttempts?: number | undefined
  /**
   * Time limit of one send with all that it waits for: a place (`maxInFlight`), `linger`, the route, its attempts and the pauses between them. Each attempt
   * takes at most the client's `requestTimeout` of it. 1 ms to 1 h, default 30 s.
   */
  readonly timeout?: Duration | undefined
  /**
   * Whether a send is repeated when its message may be stored already, because the answer got lost: it then arrives once more with the same message id, and
   * its receipt says so (`maybeDuplicate`). False: such a send fails instead, and its error says `maybeStored`. Default true.
   */
  readonly retryMaybeStored?: boolean | undefined
  /** What may be under way at a time; sends beyond it wait for their turn, in order. Default 4,096 messages and 64 MiB. */
  readonly maxInFlight?: MessageLimits | undefined
  /** What goes into one request of `send([...])` or of `linger`. Default 64 messages and 1 MiB. A single message may be larger. */
  readonly batch?: MessageLimits | undefined
  /**
   * How long a message waits for others of its topic, to travel in one request with them: fewer, larger requests for that much more latency. Only messages of
   * type NORMAL wait, at most until `batch` is full. 0 to 1 s; default 0, which is off.
   */
  readonly linger?: Duration | undefined
  /**
   * Answers the server that asks about transactions which nobody ended, see {@link TransactionChecker}. The producer then connects at once, without waiting
   * for its first send, since servers ask producers that they know; so `topics` must name the topics of the transactions. Default: such transactions are
   * rolled back by the server in the end, with a warning here each time that it asks.
   */
  readonly checkTransaction?: TransactionChecker | undefined
}

export interface SendOptions {
  /**
   * Ends the send, also while it waits for a place or between attempts; the promise rejects with the signal's reason. The message may be stored all the
   * same if an attempt was under way.
   */
  readonly signal?: AbortSignal | undefined
  /** Time limit of this send, as {@link ProducerOptions.timeout}. */
  readonly timeout?: Duration | undefined
}

export interface ProducerCloseOptions {
  /** How long sends under way may take to end. Default 10 s. */
  readonly drain?: Duration | undefined
}

/** What the server said of a stored message. */
export interface SendReceipt {
  readonly topic: string
  /** The same over all attempts, and what consumers see. */
  readonly messageId: string
  /** Position in its queue; undefined where a server answers once for several messages. */
  readonly offset: bigint | undefined
  /** `host:port` that stored it. */
  readonly endpoint: string
  /** For `recall()`: of a delayed message, where the server can recall it. Good until its delivery time. */
  readonly recallHandle: string | undefined
  /** How many requests carried it. */
  readonly attempts: number
  /** The answer to an earlier attempt got lost, so that the message may be stored twice, under one message id. */
  readonly maybeDuplicate: boolean
}

/** What a producer has done so far and is doing now. */
export interface ProducerStatistics {
  /** Messages stored. */
  readonly sent: number
  /** Messages whose send rejected, whatever the reason. */
  readonly failed: number
  /** Repeated attempts, counted per message. */
  readonly retried: number
  /** Messages under way, those that linger included. */
  readonly inFlight: number
  /** Their bytes, as {@link MessageLimits.bytes}. */
  readonly inFlightBytes: number
  /** Messages that wait, because as many as allowed are under way or an earlier one of their message group is. */
  readonly waiting: number
  /** Transactions whose commit the server confirmed, those after a check included. */
  readonly committed: number
  /** Transactions whose rollback the server confirmed. */
  readonly rolledBack: number
  /** Answers of `checkTransaction`, `unknown` ones included. */
  readonly checked: number
  /** Delayed messages that were taken back. */
  readonly recalled: number
}

/** So many messages, and their bytes. */
export interface Amount {
  readonly messages: number
  readonly bytes: number
}

/** The options, checked and complete; times are ms. */
export interface ProducerConfig {
  readonly topics: readonly string[]
  readonly maxAttempts: number
  readonly timeout: number
  readonly retryMaybeStored: boolean
  readonly maxInFlight: Amount
  readonly batch: Amount
  readonly linger: number
  readonly checkTransaction: TransactionChecker | undefined
}

const producerKeys = [
  'topics',
  'maxAttempts',
  'timeout',
  'retryMaybeStored',
  'maxInFlight',
  'batch',
  'linger',
  'checkTransaction',
] as const satisfies readonly (keyof ProducerOptions)[]

const LONGEST_TIMEOUT = 3_600_000
const MIB = 1_048_576

/** @throws {FeatherMQError} INVALID_OPTION with the path of the first wrong value; unknown options are refused. */
export function producerConfig(options: ProducerOptions): ProducerConfig {
  const given: ProducerOptions = checkKeys(options, 'producer', producerKeys)
  const { topics = [], timeout = 30_000, linger = 0 } = given
  if (!Array.isArray(topics)) throw invalidOption('producer.topics', topics, 'a list of topics')
  topics.forEach((topic: unknown, index) => {
    const problem = typeof topic === 'string' ? checkTopic(topic) : { message: 'it is no text' }
    if (problem !== undefined) throw invalidOption(`producer.topics[${index}]`, topic, `the name of a topic: ${problem.message}`)
  })
  return {
    topics: [...topics],
    maxAttempts: checkInteger(given.maxAttempts, 'producer.maxAttempts', 1, 100, 3),
    timeout: milliseconds(timeout, 'producer.timeout', 1, LONGEST_TIMEOUT),
    retryMaybeStored: checkBoolean(given.retryMaybeStored, 'producer.retryMaybeStored', true),
    maxInFlight: limitsOf(given.maxInFlight, 'producer.maxInFlight', 1_000_000, { messages: 4_096, bytes: 64 * MIB }),
    // Servers take 4 MiB in one request by default (server's maxMessageSize), and some count more than the bodies.
    batch: limitsOf(given.batch, 'producer.batch', 1_024, { messages: 64, bytes: MIB }),
    linger: milliseconds(linger, 'producer.linger', 0, 1_000),
    checkTransaction: checkerOf(given.checkTransaction, topics),
  }
}

function checkerOf(value: unknown, topics: readonly string[]): TransactionChecker | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'function') throw invalidOption('producer.checkTransaction', value, 'a function')
  if (topics.length === 0)
    throw invalidOption('producer.topics', topics, 'the topics of the transactions to check: servers ask producers that named them')
  return value as TransactionChecker
}

function limitsOf(value: unknown, path: string, most: number, byDefault: Amount): Amount {
  if (value === undefined) return byDefault
  const given: MessageLimits = checkKeys(value, path, ['messages', 'bytes'])
  return {
    messages: checkInteger(given.messages, `${path}.messages`, 1, most, byDefault.messages),
    bytes: checkInteger(given.bytes, `${path}.bytes`, 1, Number.MAX_SAFE_INTEGER, byDefault.bytes),
  }
}

/** @throws {FeatherMQError} INVALID_OPTION */
export function sendTerms(
  options: SendOptions,
  byDefault: number,
  what: string = 'send',
): { readonly signal: AbortSignal | undefined; readonly timeout: number } {
  checkKeys(options, what, ['signal', 'timeout'])
  return {
    signal: checkSignal(options.signal, `${what}.signal`),
    timeout: options.timeout === undefined ? byDefault : milliseconds(options.timeout, `${what}.timeout`, 1, LONGEST_TIMEOUT),
  }
}

/** Ms. @throws {FeatherMQError} INVALID_OPTION */
export function drainTime(options: ProducerCloseOptions): number {
  checkKeys(options, 'close', ['drain'])
  return options.drain === undefined ? 10_000 : milliseconds(options.drain, 'close.drain')
}
