import {
  decodeQueryAssignmentResponse,
  decodeQueryRouteResponse,
  encodeQueryAssignmentRequest,
  encodeQueryRouteRequest,
  type MessageQueue,
  messagingService,
} from '@feathermq/protocol/client'
import { type EndpointList, formatAddress, schemeOf } from '../endpoints.ts'
import type { Endpoint } from './endpoint.ts'
import { statusFailure } from './failure.ts'
import { endpointsInit, resource } from './resource.ts'
import type { Rpc } from './rpc.ts'

/** One queue of a topic at one broker. */
export interface Queue {
  readonly topic: string
  /** -1 = any queue of the broker. */
  readonly id: number
  readonly readable: boolean
  readonly writable: boolean
  readonly broker: { readonly name: string; readonly id: number }
  readonly endpoint: Endpoint
  /** Names of the protocol's MessageType; a number for a type this client does not know. */
  readonly accepts: readonly (string | number)[]
}

/** The queues of a topic, in the server's order. */
export interface Route {
  readonly topic: string
  readonly queues: readonly Queue[]
  /** Queues that may be sent to: writable, at a master (broker id 0; a queue's own id is another thing). */
  readonly writable: readonly Queue[]
  /** The endpoints of all queues, each once. */
  readonly endpoints: readonly Endpoint[]
}

export interface RouteContext {
  readonly rpc: Rpc
  readonly namespace: string
  readonly accessPoint: Endpoint
  /** The one object that stands for these addresses in this client, so that health and streams are not kept twice. */
  endpointOf(list: EndpointList): Endpoint
}

/**
 * Asks the access point where the topic's queues are (QueryRoute).
 *
 * @throws {FeatherMQError} TOPIC_NOT_FOUND, ILLEGAL_TOPIC and what calls throw.
 */
export async function queryRoute(context: RouteContext, topic: string): Promise<Route> {
  const { rpc, namespace, accessPoint } = context
  const request = encodeQueryRouteRequest({ topic: resource(namespace, topic), endpoints: endpointsInit(accessPoint.list) })
  const answer = await rpc.unary(accessPoint, messagingService.queryRoute, request, decodeQueryRouteResponse, { background: false, topic })
  const failure = statusFailure(answer.value.status, answer.context)
  if (failure !== undefined) throw failure
  return routeOf(
    topic,
    answer.value.messageQueues.map((queue) => queueOf(queue, topic, context)),
  )
}

/**
 * Asks which queues this consumer is to poll (QueryAssignment): one per broker with id -1, or every queue of an ordered group.
 *
 * @throws {FeatherMQError} as calls do.
 */
export async function queryAssignment(context: RouteContext, topic: string, group: string, signal: AbortSignal): Promise<readonly Queue[]> {
  const { rpc, namespace, accessPoint } = context
  const request = encodeQueryAssignmentRequest({
    topic: resource(namespace, topic),
    group: resource(namespace, group),
    endpoints: endpointsInit(accessPoint.list),
  })
  const answer = await rpc.unary(accessPoint, messagingService.queryAssignment, request, decodeQueryAssignmentResponse, {
    background: true,
    topic,
    group,
    signal,
  })
  const failure = statusFailure(answer.value.status, answer.context)
  if (failure !== undefined) throw failure
  const queues: Queue[] = []
  for (const { messageQueue } of answer.value.assignments) if (messageQueue !== undefined) queues.push(queueOf(messageQueue, topic, context))
  return queues
}

export function routeOf(topic: string, queues: readonly Queue[]): Route {
  return {
    topic,
    queues,
    writable: queues.filter(({ writable, broker }) => writable && broker.id === 0),
    endpoints: [...new Set(queues.map(({ endpoint }) => endpoint))],
  }
}

/** Names a queue within its topic. */
export function queueKey({ topic, id, broker, endpoint }: Queue): string {
  return `${topic}\n${broker.name}\n${id}\n${endpoint.key}`
}

/** Whether two answers say the same, so that nothing has to change. */
export function sameRoute(left: Route, right: Route): boolean {
  const text = ({ queues }: Route) =>
    JSON.stringify(queues.map((queue) => [queueKey(queue), queue.readable, queue.writable, queue.broker.id, queue.accepts]))
  return text(left) === text(right)
}

function queueOf(queue: MessageQueue, topic: string, context: RouteContext): Queue {
  const addresses = queue.broker?.endpoints?.addresses.filter(({ host, port }) => host !== '' && port > 0) ?? []
  const list = { scheme: schemeOf(addresses), addresses }
  return {
    topic,
    id: queue.id,
    readable: queue.permission === 'READ' || queue.permission === 'READ_WRITE',
    writable: queue.permission === 'WRITE' || queue.permission === 'READ_WRITE',
    broker: { name: queue.broker?.name ?? '', id: queue.broker?.id ?? 0 },
    // Proxies that were not told how they are reached answer without addresses; the way by which they were reached is right then.
    endpoint: addresses.length === 0 ? context.accessPoint : context.endpointOf(list),
    accepts: queue.acceptMessageTypes,
  }
}

/** For people. */
export function describeRoute(route: Route): string {
  return route.endpoints.map(({ list }) => list.addresses.map(formatAddress).join(',')).join(' ')
}
