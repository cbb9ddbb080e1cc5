import type { SendMessageRequestView } from '@feathermq/protocol'
import { encodeSendMessageResponse, viewSendMessageRequest } from '@feathermq/protocol'
import type { MethodHandler } from '@feathermq/transport'
import { Refusal, reading, topicName, useTopic } from '../admission/admit.ts'
import { type Arrival, admitMessage, admitType } from '../admission/admit-message.ts'
import type { BrokerContext } from '../context.ts'
import type { StoredMessage } from '../log/message-log.ts'
import { Commits, SentMessages } from './sent-messages.ts'
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
  const commits = new Commits()
  return serveUnary(broker, {
    name: 'SendMessage',
    decode: viewSendMessageRequest,
    encode: encodeSendMessageResponse,
    refused: (refused) => ({ status: refused }),
    serve: (request, call, client) => {
      const arrival: Arrival = { now: broker.clock.now(), bornHost: call.peer.address, maxDelay, borrowed: broker.delivery.copies }
      const messages = reading(() => admitAll(broker, request, arrival))
      let size = 0
      for (const { bytes } of messages) size += bytes.length
      if (client.unwritten > 0 && client.unwritten + size > SHARE * broker.room()) {
        throw new Refusal(
          'TOO_MANY_REQUESTS',
          `so much of client ${client.id} waits for the disk of broker ${broker.name} that others would find no room; send again in a moment`,
        )
      }
      const sent = new SentMessages(broker, client, size)
      for (const message of messages) sent.store(message)
      if (sent.first === undefined) return sent.response
      client.unwritten += size
      commits.wait(sent, sent.first)
      return sent
    },
  })
}

function admitAll(broker: BrokerContext, request: SendMessageRequestView, arrival: Arrival): StoredMessage[] {
  const views = request.messages
  const first = views[0]
  if (first === undefined) throw new Refusal('MESSAGE_CORRUPTED', 'the request has no message')
  const resource = first.topic
  // The name of one that there is was looked at when it was made.
  const known = broker.registry.topic(resource?.name ?? '')
  const name = known?.name ?? topicName(resource)
  for (const view of views) {
    if (view !== first && (view.topic?.name !== name || view.topic.resourceNamespace !== resource?.resourceNamespace)) {
      throw new Refusal('MESSAGE_CORRUPTED', 'the messages of one request must have one topic')
    }
  }
  const messages = views.map((view) => admitMessage(view, name, arrival))
  const topic = known ?? useTopic(broker, name)
  for (const { type } of messages) {
    if (!topic.types.includes(type)) broker.counters.countMisfit(name, type)
    admitType(topic, type)
  }
  return messages
}
