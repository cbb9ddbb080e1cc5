import type { ResourceInit } from '@feathermq/protocol'
import {
  decodeHeartbeatRequest,
  decodeNotifyClientTerminationRequest,
  encodeHeartbeatResponse,
  encodeNotifyClientTerminationResponse,
} from '@feathermq/protocol'
import type { MethodHandler } from '@feathermq/transport'
import { groupName, Refusal } from '../admission/admit.ts'
import { status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import type { Client } from '../registry/clients.ts'
import { serveUnary } from './serve.ts'

/**
 * Heartbeats and goodbyes are about settings, which the client must have sent on Telemetry (server behaviour: ClientActivity). The group of a consumer is
 * known from there, so it need not be named again; a producer has none, and what it names is not looked at.
 * @throws {Refusal} UNRECOGNIZED_CLIENT_TYPE, ILLEGAL_CONSUMER_GROUP
 */
function admitLife({ id, settings }: Client, group: ResourceInit | undefined): void {
  if (settings === undefined) {
    throw new Refusal('UNRECOGNIZED_CLIENT_TYPE', `there are no settings of client ${id}: send them on Telemetry first`)
  }
  if (settings.pubSub?.case === 'subscription' && group !== undefined) groupName(group)
}

/** Heartbeat: the client lives. */
export function heartbeat(broker: BrokerContext): MethodHandler {
  return serveUnary(broker, {
    name: 'Heartbeat',
    decode: decodeHeartbeatRequest,
    encode: encodeHeartbeatResponse,
    refused: (refused) => ({ status: refused }),
    serve: (request, _call, client) => {
      admitLife(client, request.group)
      return { status: status('OK') }
    },
  })
}

/** NotifyClientTermination: the client says goodbye; what the broker renewed for it comes back after a second. */
export function notifyClientTermination(broker: BrokerContext): MethodHandler {
  return serveUnary(broker, {
    name: 'NotifyClientTermination',
    decode: decodeNotifyClientTerminationRequest,
    encode: encodeNotifyClientTerminationResponse,
    refused: (refused) => ({ status: refused }),
    serve: (request, _call, client) => {
      admitLife(client, request.group)
      if (client.liveness.name === 'connected') broker.transactions.producers.left(client.id, client.liveness.link)
      broker.clients.terminated(client.id)
      return { status: status('OK') }
    },
  })
}
