import { type MessageIds, messageIds } from '@feathermq/protocol/client'
import type { Session } from '../connection/session.ts'
import { abortable, type Deferred, deferred, within } from '../deferred.ts'
import { clientError, FeatherMQError, invalidOption } from '../errors.ts'
import { type OutgoingMessage, type PreparedMessage, prepare, prepareHalf } from '../message/outgoing.ts'
import type { Runtime } from '../runtime.ts'
import { type Lane, lanesOf } from './batches.ts'
import { closedError, type Dispatcher, sendTimeout } from './dispatcher.ts'
import { GroupTurns, type Turn } from './group-turns.ts'
import { InFlight } from './in-flight.ts'
import { Linger } from './linger.ts'
import { type Amount, type ProducerConfig, type SendOptions, type SendReceipt, sendTerms } from './producer-options.ts'
import { SendIncompleteError, type SendResult } from './send-incomplete-error.ts'
import { Sending, type Terms } from './sending.ts'

export interface OutboxOptions {
  readonly runtime: Runtime
  readonly config: ProducerConfig
  readonly session: Session
  readonly dispatcher: Dispatcher
  /** Whether the producer takes sends. */
  readonly isOpen: () => boolean
}

/** The message of a transaction on its way. */
export interface Half {
  readonly checkAfter: number | undefined
  /** It has its id, and has not left yet. */
  stamped(sending: Sending): void
}

/**
 * What stands between a call of `send` and the {@link Dispatcher}: checks, the order of message groups, places among what is under way, and the way of a list
 * into requests.
 */
export class Outbox {
  readonly #runtime: Runtime
  readonly #config: ProducerConfig
  readonly #session: Session
  readonly #dispatcher: Dispatcher
  readonly #isOpen: () => boolean
  readonly #inFlight: InFlight
  readonly #turns = new GroupTurns()
  readonly #linger: Linger | undefined
  readonly #ids: MessageIds
  /** Calls of send that are under way. */
  #calls = 0
  #idle: Deferred<void> | undefined
  #sent = 0
  #failed = 0
  #warmed = false

  constructor({ runtime, config, session, dispatcher, isOpen }: OutboxOptions) {
    this.#runtime = runtime
    this.#config = config
    this.#session = session
    this.#dispatcher = dispatcher
    this.#isOpen = isOpen
    this.#ids = messageIds({ now: () => runtime.config.clock.now() })
    this.#inFlight = new InFlight(config.maxInFlight, runtime.upkeep)
    this.#linger = config.linger === 0 ? undefined : this.#lingering(config.linger)
  }

  /** For the statistics of the producer. */
  get counts(): Readonly<Record<'sent' | 'failed' | 'inFlight' | 'inFlightBytes' | 'waiting', number>> {
    return {
      sent: this.#sent,
      failed: this.#failed,
      inFlight: this.#inFlight.messages,
      inFlightBytes: this.#inFlight.bytes,
      waiting: this.#inFlight.waiting + this.#turns.waiting,
    }
  }

  /** Sends at once what lingers. */
  flush(): void {
    this.#linger?.flush()
  }

  /** Resolves when no call of send is under way. */
  async idle(): Promise<void> {
    if (this.#calls === 0) return
    this.#idle ??= deferred()
    await this.#idle.promise
  }

  #ended(): void {
    this.#calls -= 1
    if (this.#calls > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }

  /** Sends everybody away who still waits. */
  close(): void {
    this.#inFlight.close(closedError)
    this.#turns.close(closedError)
  }

  /** One message; of a transaction where `half` is given, which then learns what was sent. */
  async sendOne(given: OutgoingMessage, options: SendOptions, half: Half | undefined): Promise<SendReceipt> {
    let sending: Sending | undefined
    let turn: Turn | undefined
    this.#calls += 1
    try {
      const terms = this.#begin(options)
      const { clock } = this.#runtime.config
      const message = half === undefined ? prepare(given, clock) : prepareHalf(given, clock, half.checkAfter)
      sending = this.#stamp(message, 'message')
      half?.stamped(sending)
      // Before anything is waited for: the order is that of the calls.
      if (message.messageGroup !== undefined) turn = this.#turns.join(message.topic, message.messageGroup)
      // All of the way stands here: each function on it that waits would cost a promise for each message.
      const { topic, kind } = message
      const route = this.#dispatcher.peekRoute(topic) ?? (await this.#dispatcher.findRoute(topic, terms))
      if (!this.#warmed) this.#warm(topic)
      this.#dispatcher.check(sending, route)
      if (turn?.come !== undefined) await this.#itsTurn(turn.come, topic, terms)
      if (!this.#inFlight.tryEnter(1, sending.bytes)) await this.#place({ messages: 1, bytes: sending.bytes }, topic, terms)
      // What would be over before its request leaves does not wait for others.
      if (this.#linger !== undefined && kind === 'NORMAL' && this.#isOpen() && this.#dispatcher.left(terms) > 2 * this.#config.linger) {
        await this.#linger.add(sending, terms)
      } else {
        await this.#dispatcher.deliver([sending], terms)
        this.#inFlight.leave(1, sending.bytes)
      }
    } catch (error) {
      if (sending === undefined) {
        this.#failed += 1
        throw error
      }
      sending.fail(error)
    } finally {
      turn?.leave()
      this.#ended()
    }
    const result = this.#count(sending)
    if (!result.ok) throw result.error
    return result.receipt
  }

  /** Several messages of one topic. */
  async sendAll(given: readonly OutgoingMessage[], options: SendOptions): Promise<readonly SendReceipt[]> {
    let sendings: readonly Sending[] = []
    let turns: ReadonlyMap<string, Turn> | undefined
    this.#calls += 1
    try {
      const terms = this.#begin(options)
      const messages = this.#prepareAll(given)
      const [first] = messages
      if (first === undefined) return []
      const { topic } = first
      sendings = this.#stampAll(messages)
      turns = this.#joinAll(topic, messages)
      const route = this.#dispatcher.peekRoute(topic) ?? (await this.#dispatcher.findRoute(topic, terms))
      if (!this.#warmed) this.#warm(topic)
      for (const sending of sendings) this.#dispatcher.check(sending, route)
      await Promise.all(lanesOf(sendings, this.#batchLimits()).map((lane) => this.#bringLane(lane, topic, terms, turns)))
    } catch (error) {
      // Nothing of the list was sent.
      if (sendings.length === 0) this.#failed += given.length
      for (const sending of sendings) {
        sending.fail(error)
        this.#count(sending)
      }
      throw error
    } finally {
      for (const turn of turns?.values() ?? []) turn.leave()
      this.#ended()
    }
    return receiptsOf(
      sendings[0]?.message.topic ?? '',
      sendings.map((sending) => this.#count(sending)),
    )
  }

  /** One place for each message group, all taken at once, so that no two lists wait for each other. */
  #joinAll(topic: string, messages: readonly PreparedMessage[]): ReadonlyMap<string, Turn> {
    const counts = new Map<string, number>()
    for (const { messageGroup } of messages) if (messageGroup !== undefined) counts.set(messageGroup, (counts.get(messageGroup) ?? 0) + 1)
    return new Map([...counts].map(([messageGroup, count]) => [messageGroup, this.#turns.join(topic, messageGroup, count)]))
  }

  async #bringLane(lane: Lane, topic: string, terms: Terms, turns: ReadonlyMap<string, Turn> | undefined): Promise<void> {
    const turn = turns?.get(lane[0]?.[0]?.message.messageGroup ?? '')
    let broken = false
    for (const batch of lane) {
      if (broken) {
        const why = `the message to ${topic} was not sent: an earlier message of its message group failed`
        for (const sending of batch) sending.fail(terms.signal?.aborted ? terms.signal.reason : clientError('EARLIER_SEND_FAILED', why, { topic }))
        continue
      }
      const amount = { messages: batch.length, bytes: batch.reduce((sum, { bytes }) => sum + bytes, 0) }
      try {
        if (turn?.come !== undefined) await this.#itsTurn(turn.come, topic, terms)
        if (!this.#inFlight.tryEnter(amount.messages, amount.bytes)) await this.#place(amount, topic, terms)
        await this.#dispatcher.deliver(batch, terms)
        this.#inFlight.leave(amount.messages, amount.bytes)
      } catch (error) {
        for (const sending of batch) sending.fail(error)
      }
      broken = !batch.every(({ outcome }) => outcome?.ok)
    }
    turn?.leave()
  }

  async #itsTurn(come: Promise<void>, topic: string, terms: Terms): Promise<void> {
    const late = () => sendTimeout(topic, terms, 'for an earlier message of its message group')
    await within(this.#runtime.upkeep, abortable(come, terms.signal), this.#dispatcher.left(terms), late)
  }

  /** Waits for a place in the order of the calls. */
  async #place({ messages, bytes }: Amount, topic: string, terms: Terms): Promise<void> {
    // What lingers holds places, so it goes now.
    this.#linger?.flush()
    const { maxInFlight } = this.#config
    const late = () =>
      sendTimeout(topic, terms, `for a place among ${maxInFlight.messages} messages and ${maxInFlight.bytes} bytes in flight (producer.maxInFlight)`)
    await this.#inFlight.enter(messages, bytes, { signal: terms.signal, left: this.#dispatcher.left(terms), late })
  }

  #begin(options: SendOptions): Terms {
    const { signal, timeout } = sendTerms(options, this.#config.timeout)
    signal?.throwIfAborted()
    if (!this.#isOpen()) throw closedError()
    return { signal, timeout, deadline: this.#runtime.upkeep.monotonic() + timeout }
  }

  /** All of them, before anything is sent: one that is wrong spoils no list halfway. */
  #prepareAll(given: readonly OutgoingMessage[]): readonly PreparedMessage[] {
    const { clock } = this.#runtime.config
    const messages = given.map((message, index) => prepare(message, clock, `messages[${index}]`))
    for (const [index, { topic }] of messages.entries()) {
      const wanted = messages[0]?.topic
      if (topic !== wanted) throw invalidOption(`messages[${index}].topic`, topic, `'${wanted}': all messages of one list have one topic`)
    }
    return messages
  }

  #stamp(message: PreparedMessage, path: string): Sending {
    const { config, telemetry } = this.#runtime
    const messageId = this.#ids.next()
    return new Sending(message, messageId, config.clock.now(), telemetry.startSend(message, messageId, this.#session), path)
  }

  #stampAll(messages: readonly PreparedMessage[]): readonly Sending[] {
    const { config, telemetry } = this.#runtime
    const now = config.clock.now()
    const ids = messages.map(() => this.#ids.next())
    const spans = telemetry.startList(messages, ids, this.#session)
    return messages.map((message, index) => new Sending(message, ids[index] ?? '', now, spans?.[index], `messages[${index}]`))
  }

  #count({ outcome }: Sending): SendResult | { readonly ok: false; readonly error: unknown } {
    if (outcome?.ok) this.#sent += 1
    else this.#failed += 1
    return outcome ?? { ok: false, error: clientError('BAD_RESPONSE', 'the send ended without an outcome') }
  }

  #batchLimits(): Amount {
    const { batch, maxInFlight } = this.#config
    return {
      messages: Math.min(batch.messages, maxInFlight.messages),
      bytes: Math.min(batch.bytes, maxInFlight.bytes, this.#dispatcher.maxBodySize),
    }
  }

  #lingering(delay: number): Linger {
    return new Linger({
      clock: this.#runtime.upkeep,
      delay,
      limits: () => this.#batchLimits(),
      deliver: (sendings, terms) => this.#dispatcher.deliver(sendings, terms),
      release: ({ bytes }) => this.#inFlight.leave(1, bytes),
    })
  }

  /** The other declared topics are looked up beside the first send; one that does not exist spoils nothing but its own sends. */
  #warm(except: string): void {
    this.#warmed = true
    const { logger } = this.#runtime.config
    for (const topic of this.#config.topics) {
      if (topic === except) continue
      this.#session.route(topic).catch((error: unknown) => {
        if (!this.#isOpen()) return
        logger.warn(
          { event: 'topic-lookup-failed', clientId: this.#session.clientId, topic, err: error },
          `the declared topic ${topic} cannot be sent to`,
        )
      })
    }
  }
}

/** @throws {SendIncompleteError} when some failed; the reason of the signal when that ended them */
function receiptsOf(topic: string, results: readonly (SendResult | { readonly ok: false; readonly error: unknown })[]): readonly SendReceipt[] {
  const receipts: SendReceipt[] = []
  const told: SendResult[] = []
  for (const result of results) {
    if (result.ok) {
      receipts.push(result.receipt)
      told.push(result)
    } else if (result.error instanceof FeatherMQError) told.push({ ok: false, error: result.error })
    else throw result.error
  }
  if (receipts.length < results.length) throw new SendIncompleteError(topic, told)
  return receipts
}
