import type { SendMessageRequestView, SendMessageResponseInit, SendResultEntryInit } from '@feathermq/protocol'
import { decodeSystemProperties, encodeSendMessageResponse, msFromDuration, viewSendMessageRequest } from '@feathermq/protocol'
import type { MethodHandler } from '@feathermq/transport'
import { admitTopic, Refusal, reading, topicName } from '../admission/admit.ts'
import { type Arrival, admitMessage, admitType } from '../admission/admit-message.ts'
import { overall, status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import type { Stored } from '../delivery/delivery.ts'
import type { StoredMessage } from '../log/message-log.ts'
import { serveUnary } from './serve.ts'

/**
 * What of one client may wait for the disk is so many times what is free for all (dynamic thresholds: Choudhury and Hahne, 1998): one that floods the
 * broker leaves a quarter to others, and those that come then leave some again.
 */
const SHARE = 3

/**
 * SendMessage: stores messages of one topic.
 *
 * Answers one entry per message, in order. One message that is not right fails the whole request with its code, and nothing is stored.
 */
export function sendMessage(broker: BrokerContext, maxDelay: number): MethodHandler {
  return serveUnary(broker, {
    name: 'SendMessage',
    decode: viewSendMessageRequest,
    encode: encodeSendMessageResponse,
    refused: (refused) => ({ status: refused }),
    serve: (request, call, client) => {
      const arrival: Arrival = { now: broker.clock.now(), bornHost: call.peer.address, maxDelay, borrowed: broker.delivery.copies }
      const messages = reading(() => admitAll(broker, request, arrival))
      const size = messages.reduce((sum, { bytes }) => sum + bytes.length, 0)
      if (client.unwritten > 0 && client.unwritten + size > SHARE * broker.room()) {
        throw new Refusal(
          'TOO_MANY_REQUESTS',
          `so much of client ${client.id} waits for the disk of broker ${broker.name} that others would find no room; send again in a moment`,
        )
      }
      // Messages that are written together share one promise.
      const waiting = new Set<Promise<void>>()
      const durables: (Promise<void> | undefined)[] = []
      const entries = messages.map((message): Entry => {
        const stored = message.type === 'TRANSACTION' ? hold(broker, message) : broker.delivery.append(message)
        durables.push(stored.kind === 'stored' ? stored.durable : undefined)
        if (stored.kind === 'unavailable') return notStored(broker, message, stored.reason)
        if (stored.kind === 'full') {
          return {
            status: status('TOO_MANY_REQUESTS', noRoom(broker)),
            messageId: message.messageId,
          }
        }
        broker.counters.countSend(message.topic, message.type, message.bytes.length)
        if (stored.durable !== undefined) waiting.add(stored.durable)
        // A stock server answers the message id as the transaction id of an ordinary message, and clients compare them.
        const entry = { status: status('OK'), messageId: message.messageId, transactionId: message.messageId, offset: stored.offset }
        return stored.keptAs === undefined ? entry : { ...entry, ...keptAs(broker, message, stored.keptAs) }
      })
      const answer = (): SendMessageResponseInit => ({ status: overall(entries), entries })
      if (waiting.size === 0) return answer()
      client.unwritten += size
      const written = (): SendMessageResponseInit => {
        client.unwritten -= size
        return answer()
      }
      const [first] = waiting
      return (waiting.size === 1 && first !== undefined ? first : Promise.all(waiting)).then(written, async () => {
        for (const [index, durable] of durables.entries()) {
          const message = messages[index] as StoredMessage
          await durable?.catch((error: Error) => {
            entries[index] = notStored(broker, message, error.message)
          })
        }
        return written()
      })
    },
  })
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

function noRoom({ name, durable }: BrokerContext): string {
  if (durable) return `broker ${name} has more messages waiting for its disk than it may; send again in a moment`
  return `broker ${name} has no memory left for messages; consume some, or raise --max-memory`
}

type Entry = SendResultEntryInit & { status: ReturnType<typeof status> }

function notStored(broker: BrokerContext, { messageId }: StoredMessage, reason: string): Entry {
  return { status: status('MASTER_PERSISTENCE_TIMEOUT', `broker ${broker.name} could not store the message: ${reason}`), messageId }
}

function admitAll(broker: BrokerContext, request: SendMessageRequestView, arrival: Arrival): StoredMessage[] {
  const views = request.messages
  const first = views[0]
  if (first === undefined) throw new Refusal('MESSAGE_CORRUPTED', 'the request has no message')
  const resource = first.topic
  const name = topicName(resource)
  for (const view of views.slice(1)) {
    if (view.topic?.name !== name || view.topic.resourceNamespace !== resource?.resourceNamespace) {
      throw new Refusal('MESSAGE_CORRUPTED', 'the messages of one request must have one topic')
    }
  }
  const messages = views.map((view) => admitMessage(view, name, arrival))
  const topic = admitTopic(broker, resource)
  for (const { type } of messages) {
    if (!topic.types.includes(type)) broker.counters.countMisfit(name, type)
    admitType(topic, type)
  }
  return messages
}
