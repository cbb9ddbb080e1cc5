import type { Attributes } from '@opentelemetry/api'
import type { Message } from '../message/message.ts'
import type { PreparedMessage } from '../message/outgoing.ts'
import type { TelemetryOptions } from './options.ts'
import { earlierNames, semconv } from './semconv.ts'
import type { ConsumerSubject, Identified, OperationSubject, Subject } from './subject.ts'

/** The attributes of spans, as the options want them. All are given when a span begins, so that samplers see them. */
export class SpanAttributes {
  readonly #keys: boolean
  readonly #bodySize: boolean
  readonly #earlier: boolean

  constructor({ captureKeys, captureBodySize, semconv: names }: TelemetryOptions) {
    this.#keys = captureKeys !== false
    this.#bodySize = captureBodySize === true
    this.#earlier = names === 'dup'
  }

  send(message: PreparedMessage, subject: Subject): Attributes {
    const attributes = common('send', 'send', message.topic, subject)
    attributes[semconv.messageType] = message.kind.toLowerCase()
    if (this.#bodySize) attributes[semconv.bodySize] = message.body.length
    if (message.deliverAt !== undefined) attributes[semconv.deliveryTimestamp] = message.deliverAt
    return this.#named(this.#ofMessage(message, attributes))
  }

  /** Of one message of a list. */
  create(message: PreparedMessage, messageId: string, subject: Subject): Attributes {
    const attributes = common('create', 'create', message.topic, subject)
    attributes[semconv.messageId] = messageId
    attributes[semconv.messageType] = message.kind.toLowerCase()
    if (this.#bodySize) attributes[semconv.bodySize] = message.body.length
    if (message.deliverAt !== undefined) attributes[semconv.deliveryTimestamp] = message.deliverAt
    return this.#named(this.#ofMessage(message, attributes))
  }

  /** Of the call that sends a list. */
  sendList(topic: string, count: number, subject: Subject): Attributes {
    const attributes = common('send', 'send', topic, subject)
    attributes[semconv.batchCount] = count
    return this.#named(attributes)
  }

  /** Of a link to one of several messages: by which the link can be told from the others. */
  received(message: Identified): Attributes {
    return this.#named(this.#ofMessage(message, { [semconv.messageId]: message.messageId }))
  }

  process(message: Message, subject: ConsumerSubject): Attributes {
    const attributes = ofGroup(common('process', 'process', message.topic, subject), subject)
    attributes[semconv.partition] = String(message.queueId)
    attributes[semconv.messageId] = message.messageId
    attributes[semconv.deliveryAttempt] = message.attempt
    return this.#named(this.#ofMessage(message, attributes))
  }

  /** @param topic that of all the messages; undefined when they are of several */
  processBatch(topic: string | undefined, count: number, subject: ConsumerSubject): Attributes {
    const attributes = ofGroup(common('process', 'process', topic, subject), subject)
    attributes[semconv.batchCount] = count
    return this.#named(attributes)
  }

  receive(topic: string, subject: ConsumerSubject): Attributes {
    return this.#named(ofGroup(common('receive', 'receive', topic, subject), subject))
  }

  settle(name: string, topic: string, messageId: string, subject: ConsumerSubject): Attributes {
    const attributes = common(name, 'settle', topic, subject)
    attributes[semconv.group] = subject.group
    attributes[semconv.messageId] = messageId
    return this.#named(attributes)
  }

  operation(what: OperationSubject): Attributes {
    const attributes = common(what.name, undefined, what.topic, what)
    if (what.messageId !== undefined) attributes[semconv.messageId] = what.messageId
    return this.#named(attributes)
  }

  #ofMessage({ tag, messageGroup, keys }: Pick<PreparedMessage, 'tag' | 'messageGroup' | 'keys'>, attributes: Attributes): Attributes {
    if (tag !== undefined) attributes[semconv.tag] = tag
    if (messageGroup !== undefined) attributes[semconv.messageGroup] = messageGroup
    if (keys.length > 0 && this.#keys) attributes[semconv.keys] = [...keys]
    return attributes
  }

  /** Under their earlier names as well, where dashboards still ask for those. */
  #named(attributes: Attributes): Attributes {
    if (!this.#earlier) return attributes
    for (const [name, earlier] of earlierNames) if (attributes[name] !== undefined) attributes[earlier] = attributes[name]
    return attributes
  }
}

function common(operation: string, type: string | undefined, topic: string | undefined, { clientId, namespace }: Subject): Attributes {
  const attributes: Attributes = {
    [semconv.system]: semconv.systemValue,
    [semconv.operationName]: operation,
    [semconv.clientId]: clientId,
    [semconv.namespace]: namespace,
  }
  if (type !== undefined) attributes[semconv.operationType] = type
  if (topic !== undefined) attributes[semconv.destination] = topic
  return attributes
}

function ofGroup(attributes: Attributes, { group }: ConsumerSubject): Attributes {
  attributes[semconv.group] = group
  attributes[semconv.consumptionModel] = semconv.consumptionModelValue
  return attributes
}
