import type { Code, FilterExpression, Problem, ResourceInit, StatusInit } from '@feathermq/protocol'
import { checkGroup, checkTopic, headerNames, WireError } from '@feathermq/protocol'
import { RpcError, type ServerCall } from '@feathermq/transport'
import type { BrokerContext } from '../context.ts'
import { FilterError } from '../filter/filter-error.ts'
import type { MessageFilter } from '../filter/message-filter.ts'
import type { Client } from '../registry/clients.ts'
import type { Group, Topic } from '../registry/types.ts'
import { status } from './status.ts'

/** A request that ends with this status instead of being served. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: Code

  constructor(code: Code, message: string) {
    super(message)
    this.code = code
  }

  get status(): StatusInit {
    return status(this.code, this.message)
  }
}

const refuse = (problem: Problem | undefined): void => {
  if (problem !== undefined) throw new Refusal(problem.code, problem.message)
}

/** Who calls. Every call must say (server behaviour: CLIENT_ID_REQUIRED). @throws {Refusal} */
export function admitClient(broker: BrokerContext, call: Pick<ServerCall<unknown>, 'headers' | 'peer'>): Client {
  const id = call.headers.get(headerNames.clientId)?.trim() ?? ''
  if (id === '') throw new Refusal('CLIENT_ID_REQUIRED', `client id cannot be empty: send the header ${headerNames.clientId}`)
  if (id.length > 512) throw new Refusal('BAD_REQUEST', 'the client id is longer than 512 characters')
  return broker.clients.called(id, {
    address: call.peer.address,
    language: call.headers.get(headerNames.language) ?? '',
    version: call.headers.get(headerNames.clientVersion) ?? '',
  })
}

/** Is the name legal? Answers it. @throws {Refusal} ILLEGAL_TOPIC */
export function topicName(resource: ResourceInit | undefined): string {
  const name = resource?.name ?? ''
  refuse(checkTopic(name))
  return name
}

/** Is the name legal? Answers it. @throws {Refusal} ILLEGAL_CONSUMER_GROUP */
export function groupName(resource: ResourceInit | undefined): string {
  const name = resource?.name ?? ''
  refuse(checkGroup(name))
  return name
}

/**
 * The topic that a request names; made on first use where that is allowed, so look at all else that may be wrong with the request before: one that is
 * refused leaves nothing behind.
 * @throws {Refusal} ILLEGAL_TOPIC, TOPIC_NOT_FOUND
 */
export function admitTopic(broker: BrokerContext, resource: ResourceInit | undefined): Topic {
  return useTopic(broker, topicName(resource))
}

/** {@link admitTopic} of a name that is legal. @throws {Refusal} TOPIC_NOT_FOUND */
export function useTopic(broker: BrokerContext, name: string): Topic {
  const topic = broker.registry.useTopic(name)
  if (topic === undefined) {
    const remedy = name.includes('%')
      ? 'a "%" is for topics that the broker makes itself, such as the dead-letter topic of a group that there is'
      : `create it: feathermq topic create ${name}`
    throw new Refusal('TOPIC_NOT_FOUND', `there is no topic "${name}" on broker ${broker.name}; ${remedy}`)
  }
  return topic
}

/** The consumer group that a request names; as {@link admitTopic}. @throws {Refusal} ILLEGAL_CONSUMER_GROUP, CONSUMER_GROUP_NOT_FOUND */
export function admitGroup(broker: BrokerContext, resource: ResourceInit | undefined, ordered = false): Group {
  const name = groupName(resource)
  const group = broker.registry.useGroup(name, ordered)
  if (group === undefined) {
    throw new Refusal(
      'CONSUMER_GROUP_NOT_FOUND',
      `there is no consumer group "${name}" on broker ${broker.name}; create it: feathermq group create ${name}`,
    )
  }
  return group
}

/** What a receive takes of a topic. @throws {Refusal} ILLEGAL_FILTER_EXPRESSION that says where it is wrong */
export function admitFilter(broker: BrokerContext, asked: FilterExpression | undefined): MessageFilter {
  try {
    return broker.filters.of(asked)
  } catch (error) {
    if (error instanceof FilterError) throw new Refusal('ILLEGAL_FILTER_EXPRESSION', error.message)
    throw error
  }
}

/** The names of a request: checked, not looked up. @throws {Refusal} */
export function checkNames(topic: ResourceInit | undefined, group: ResourceInit | undefined): void {
  topicName(topic)
  groupName(group)
}

/** Decodes a request; see {@link reading}. @throws {Refusal | RpcError} */
export function decodeRequest<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T {
  return reading(() => decode(bytes))
}

/**
 * Does what reads a request, also fields that are decoded when asked for. Text that is no UTF-8 and numbers that nobody can mean are the application's
 * fault and travel in the status; anything else is no protobuf at all, which gRPC calls INTERNAL.
 * @throws {Refusal | RpcError}
 */
export function reading<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    if (error.reason === 'invalid-utf8') throw new Refusal('MESSAGE_CORRUPTED', `the request holds text that is no UTF-8: ${error.message}`)
    if (error.reason === 'out-of-range') throw new Refusal('BAD_REQUEST', `the request holds a number that is out of range: ${error.message}`)
    throw new RpcError('INTERNAL', `the request is no valid protobuf message: ${error.message}`)
  }
}
