import {
  checkGroup,
  decodeHeartbeatRequest,
  decodeNotifyClientTerminationRequest,
  encodeHeartbeatResponse,
  encodeNotifyClientTerminationResponse,
} from '@feathermq/protocol'
import type { MethodHandler } from '@feathermq/transport'
import { Refusal } from '../admission/admit.ts'
import { status } from '../admission/status.ts'
import type { BrokerContext } from '../context.ts'
import type { Client } from '../registry/clients.ts'
import { serveUnary } from './serve.ts'

/** Heartbeats and goodbyes are about settings, which the client must have sent on Telemetry (server behaviour: UNRECOGNIZED_CLIENT_TYPE). */
function requireSettings(client: Client): void {
  if (client.settings === undefined) {
    throw new Refusal('UNRECOGNIZED_CLIENT_TYPE', `there are no settings of client ${client.id}: send them on Telemetry first`)
  }
}

function checkGroupIfAny(name: string | undefined): void {
  if (name === undefined) return
  const problem = checkGroup(name)
  if (problem !== undefined) throw new Refusal(problem.code, problem.message)
}

/** Heartbeat: the client lives. */
export function heartbeat(broker: BrokerContext): MethodHandler {
  return serveUnary(broker, {
    name: 'Heartbeat',
    decode: decodeHeartbeatRequest,
    encode: encodeHeartbeatResponse,
    refused: (refused) => ({ status: refused }),
    serve: (request, _call, client) => {
      checkGroupIfAny(request.group?.name)
      requireSettings(client)
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
      checkGroupIfAny(request.group?.name)
      requireSettings(client)
      broker.clients.terminated(client.id)
      return { status: status('OK') }
    },
  })
}
