import type { SendMessageResponseInit, SendResultEntryInit } from '@feathermq/protocol'
import { decodeSystemProperties, msFromDuration } from '@feathermq/protocol'
import { overall, status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import type { Stored } from '../delivery/delivery.ts'
import type { StoredMessage } from '../log/message-log.ts'
import type { Client } from '../registry/clients.ts'
import { Later } from './serve.ts'

type Entry = SendResultEntryInit & { status: ReturnType<typeof status> }

/** The messages of one send: stored one after the other, answered together. Nothing of them is kept but what the answer says. */
export class SentMessages extends Later<SendMessageResponseInit> {
  readonly #broker: BrokerContext
  readonly #client: Client
  readonly #size: number
  readonly #entries: Entry[] = []
  /** What the entries at their places wait for. */
  readonly #durables: (Promise<void> | undefined)[] = []
  /** What the first of them waits for that waits at all. */
  first: Promise<void> | undefined
  /** Others wait for something else: they are written into another file. */
  apart = false

  /** @param size Bytes of all messages. */
  constructor(broker: BrokerContext, client: Client, size: number) {
    super()
    this.#broker = broker
    this.#client = client
    this.#size = size
  }

  store(message: StoredMessage): void {
    const broker = this.#broker
    const { messageId } = message
    const stored = message.type === 'TRANSACTION' ? hold(broker, message) : broker.delivery.append(message)
    if (stored.kind !== 'stored') {
      this.#entries.push(stored.kind === 'full' ? noRoom(broker, messageId) : notStored(broker, messageId, stored.reason))
      this.#durables.push(undefined)
      return
    }
    const { durable } = stored
    broker.counters.countSend(message.topic, message.type, message.bytes.length)
    if (this.first === undefined) this.first = durable
    else if (durable !== undefined && durable !== this.first) this.apart = true
    // A stock server answers the message id as the transaction id of an ordinary message, and clients compare them.
    const entry = { status: status('OK'), messageId, transactionId: messageId, offset: stored.offset }
    this.#entries.push(stored.keptAs === undefined ? entry : { ...entry, ...keptAs(broker, message, stored.keptAs) })
    this.#durables.push(durable)
  }

  get response(): SendMessageResponseInit {
    return { status: overall(this.#entries), entries: this.#entries }
  }

  /** Resolves when it is known of each what became of it. */
  async settled(): Promise<void> {
    await Promise.all(this.#durables.map((durable, index) => durable?.catch((error: Error) => this.#failed(index, error))))
  }

  /** All that waited waited for what failed. */
  failed(error: Error): void {
    for (const [index, durable] of this.#durables.entries()) if (durable !== undefined) this.#failed(index, error)
    this.finish()
  }

  finish(): void {
    this.#client.unwritten -= this.#size
    this.answer(this.response)
  }

  #failed(index: number, { message }: Error): void {
    this.#entries[index] = notStored(this.#broker, this.#entries[index]?.messageId ?? '', message)
  }
}

/** Sends that wait for the disk. Those whose messages are written together wait for one promise. */
export class Commits {
  #durable: Promise<void> | undefined
  #sends: SentMessages[] = []

  /** Answers it when all of its messages are written, or could not be. @param first What the first of them waits for. */
  wait(sent: SentMessages, first: Promise<void>): void {
    if (sent.apart) {
      void sent.settled().then(() => sent.finish())
      return
    }
    if (this.#durable !== first) this.#begin(first)
    this.#sends.push(sent)
  }

  #begin(durable: Promise<void>): void {
    const sends: SentMessages[] = []
    this.#durable = durable
    this.#sends = sends
    const over = (): void => {
      if (this.#durable !== durable) return
      this.#durable = undefined
      this.#sends = []
    }
    durable.then(
      () => {
        over()
        for (const sent of sends) sent.finish()
      },
      (error: Error) => {
        over()
        for (const sent of sends) sent.failed(error)
      },
    )
  }
}

/** Keeps a half message until its transaction ends. */
function hold(broker: BrokerContext, message: StoredMessage): Stored {
  const { bytes, systemPropertiesStart, systemPropertiesEnd } = message
  const recovery = decodeSystemProperties(bytes.subarray(systemPropertiesStart, systemPropertiesEnd)).orphanedTransactionRecoveryDuration
  return broker.delivery.hold(message, broker.transactions.firstCheck(recovery === undefined ? undefined : msFromDuration(recovery)))
}

/** What leads back to a message that is in no queue yet. */
function keptAs(
  broker: BrokerContext,
  { type, topic, messageId, deliverAt }: StoredMessage,
  id: string,
): Pick<SendResultEntryInit, 'transactionId' | 'recallHandle'> {
  if (type === 'TRANSACTION') return { transactionId: id }
  return { recallHandle: broker.recalls.handle({ topic, messageId, deliverAt: deliverAt ?? 0, id }) }
}

function noRoom({ name, durable }: BrokerContext, messageId: string): Entry {
  const text = durable
    ? `broker ${name} has more messages waiting for its disk than it may; send again in a moment`
    : `broker ${name} has no memory left for messages; consume some, or raise --max-memory`
  return { status: status('TOO_MANY_REQUESTS', text), messageId }
}

function notStored(broker: BrokerContext, messageId: string, reason: string): Entry {
  return { status: status('MASTER_PERSISTENCE_TIMEOUT', `broker ${broker.name} could not store the message: ${reason}`), messageId }
}
