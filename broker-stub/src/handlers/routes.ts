import type { EndpointsInit, MessageQueueInit, ResourceInit } from '@feathermq/protocol'
import { decodeQueryAssignmentRequest, decodeQueryRouteRequest, encodeQueryAssignmentResponse, encodeQueryRouteResponse } from '@feathermq/protocol'
import type { MethodHandler } from '@feathermq/transport'
import { admitGroup, admitTopic, checkNames } from '../admission/admit.ts'
import { status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import { serveUnary } from './serve.ts'

/**
 * QueryRoute: the queues of a topic. Every queue is on this broker, reachable where the client dialled (its own words are echoed, port included: it may
 * have come through a sidecar or a container's port), unless the broker was told what to advertise.
 */
export function queryRoute(broker: BrokerContext): MethodHandler {
  return serveUnary(broker, {
    name: 'QueryRoute',
    decode: decodeQueryRouteRequest,
    encode: encodeQueryRouteResponse,
    refused: (refused) => ({ status: refused }),
    serve: (request) => {
      const topic = admitTopic(broker, request.topic)
      const endpoints = reachable(broker, request.endpoints)
      const messageQueues = Array.from({ length: topic.queues }, (_, id) => ({
        ...queue(broker, request.topic, id, endpoints),
        acceptMessageTypes: topic.types,
      }))
      return { status: status('OK'), messageQueues }
    },
  })
}

/**
 * QueryAssignment: what a push consumer should poll. Messages are balanced one by one, so every consumer is told the same: queue -1, which is all of them;
 * in an ordered group each queue, as a stock server does. A receive looks at all queues either way.
 */
export function queryAssignment(broker: BrokerContext): MethodHandler {
  return serveUnary(broker, {
    name: 'QueryAssignment',
    decode: decodeQueryAssignmentRequest,
    encode: encodeQueryAssignmentResponse,
    refused: (refused) => ({ status: refused }),
    serve: (request) => {
      checkNames(request.topic, request.group)
      const topic = admitTopic(broker, request.topic)
      const group = admitGroup(broker, request.group)
      const endpoints = reachable(broker, request.endpoints)
      const ids = group.ordered ? Array.from({ length: topic.queues }, (_, id) => id) : [-1]
      return { status: status('OK'), assignments: ids.map((id) => ({ messageQueue: queue(broker, request.topic, id, endpoints) })) }
    },
  })
}

function queue(broker: BrokerContext, topic: ResourceInit | undefined, id: number, endpoints: EndpointsInit): MessageQueueInit {
  return { topic, id, permission: 'READ_WRITE', broker: { name: broker.name, id: 0, endpoints } }
}

function reachable(broker: BrokerContext, dialled: EndpointsInit | undefined): EndpointsInit {
  const { endpoints, always } = broker.advertised()
  return always || dialled?.addresses === undefined || dialled.addresses.length === 0 ? endpoints : dialled
}
